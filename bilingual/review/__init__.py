"""What reviewers decide on the page, back in the data.

A decision speaks of a run of neighbouring units, named by id and by the hashes of both texts, and says what becomes of
them: as many pieces as there were units, fewer (merged) or more (split). It is applied only where its source stands
unchanged. An edit holds for its source whatever a machine says now; every other decision was made about one target and
holds for that target alone.
"""

from bilingual.review.apply import Applied, Stale, apply_decisions
from bilingual.review.decisions import (
    Conflict,
    Decision,
    Decisions,
    Piece,
    Stamp,
    read_decisions,
    write_decisions,
)
from bilingual.review.merge import Merged, merge_decisions

__all__ = [
    "Applied",
    "Conflict",
    "Decision",
    "Decisions",
    "Merged",
    "Piece",
    "Stale",
    "Stamp",
    "apply_decisions",
    "merge_decisions",
    "read_decisions",
    "write_decisions",
]
