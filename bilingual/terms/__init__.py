"""Glossaries: read them, hold the engine to them, count what became of them, propose their entries."""

from bilingual.terms.glossary import Glossary, Term, Use, count_uses
from bilingual.terms.placeholders import Mask, TermTranslator, decode_masked
from bilingual.terms.proposals import MIN_COUNT, Proposal, propose_terms, write_proposals
from bilingual.terms.read import read_glossary

__all__ = [
    "MIN_COUNT",
    "Glossary",
    "Mask",
    "Proposal",
    "Term",
    "TermTranslator",
    "Use",
    "count_uses",
    "decode_masked",
    "propose_terms",
    "read_glossary",
    "write_proposals",
]
