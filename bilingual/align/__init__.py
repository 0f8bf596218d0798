"""Two documents -> beads: which sentences are translations of which."""

from __future__ import annotations

from bilingual.align.document import Constraints, align_documents, document_score

__all__ = ["Constraints", "align_documents", "document_score"]
