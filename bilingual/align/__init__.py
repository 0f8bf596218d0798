"""Two documents -> beads: which sentences are translations of which."""

from __future__ import annotations

from bilingual.align.document import align_documents, align_semantic
from bilingual.align.match import MIN_SCORE
from bilingual.align.pair import Constraints, check_pair, read_constraints

__all__ = ["MIN_SCORE", "Constraints", "align_documents", "align_semantic", "check_pair", "read_constraints"]
