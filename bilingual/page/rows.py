"""Units -> what the template writes and what the script reads."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from bilingual.bitext import Severity, TranslationUnit
from bilingual.page.facts import Offer, PageFacts
from bilingual.page.marks import difference, marked, utf16_offsets, visible_signs

__all__ = ["LOW_CONFIDENCE", "Cell", "OfferCell", "Row", "doubt", "is_flagged", "page_data", "rows", "text_hash"]

LOW_CONFIDENCE = 0.8
"""Pairs below this probability are marked: at 0.8 one of five is expected to be wrong."""
_SEVERITY_DOUBT: dict[Severity, float] = {"info": 0.1, "warning": 0.5, "error": 0.8}
"""How much one issue adds to the doubt of a unit. An order for reading, not a probability: an error comes before any
number of infos, and two warnings come close to an error."""
_LANGUAGE_NAMES = {"zh-Hans": "中文", "zh-Hant": "中文（繁體）", "zh": "中文", "en": "English"}
_TAG = {"title": "h1", "heading": "h2"}


@dataclass(frozen=True, slots=True)
class OfferCell:
    """A target from the memory, ready to be written."""

    percent: int
    source: Markup
    """The stored source with its difference from the unit's; empty when it is the same."""
    target: Markup


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit, ready to be written."""

    number: int
    """0-based place of the unit: its anchor is `u` and this number."""
    label: str
    first: bool
    tag: str
    css: str
    source_lang: str
    target_lang: str
    source_dir: str
    target_dir: str
    source: Markup
    target: Markup
    reference: Markup | None
    issues: tuple[tuple[Severity, str, str], ...]
    """Severity, code, message."""
    chips: tuple[tuple[str, str], ...]
    """Class and text."""
    status: str
    note: str
    offers: tuple[OfferCell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph: its units, and the document's name where a new document begins on a page of several."""

    document: str
    cells: tuple[Cell, ...]


def text_hash(text: str) -> str:
    """Hash a text for a decision: 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_flagged(unit: TranslationUnit) -> bool:
    """Say whether a unit asks for a look: an error, a warning, or an uncertain pairing; a remark alone does not."""
    uncertain = unit.confidence is not None and unit.confidence < LOW_CONFIDENCE
    return uncertain or any(issue.severity != "info" for issue in unit.issues)


def doubt(unit: TranslationUnit) -> float:
    """Say how much a unit asks for a look, in [0, 1): the order of "most doubtful first".

    Issues, an uncertain pairing and an uncertain model add up as independent reasons (one minus the product of what
    each leaves).
    """
    trust = 1.0
    for issue in unit.issues:
        trust *= 1 - _SEVERITY_DOUBT[issue.severity]
    if unit.confidence is not None:
        trust *= unit.confidence
    if math.isfinite(unit.log_prob):
        trust *= math.exp(min(0.0, unit.log_prob))
    return 1 - trust


def rows(units: Sequence[TranslationUnit], facts: PageFacts) -> list[Row]:
    """Group units into paragraphs, in the order given."""
    several = len({unit.document for unit in units}) > 1
    found: list[Row] = []
    numbered = enumerate(units)
    document = ""
    for (name, paragraph), group in groupby(numbered, key=lambda pair: (pair[1].document, pair[1].paragraph)):
        cells = tuple(_cell(number, unit, place, facts) for place, (number, unit) in enumerate(group))
        del paragraph
        found.append(Row(name if several and name != document else "", cells))
        document = name
    return found


def _cell(number: int, unit: TranslationUnit, place: int, facts: PageFacts) -> Cell:
    tag = _TAG.get(unit.kind, "div")
    if unit.kind == "heading":
        tag = f"h{min(6, max(2, unit.level + 1))}"
    elif unit.kind == "trailer" and unit.level:
        tag = f"h{unit.level + 1}"
    reference = facts.reference.get(unit.id)
    worst = max((issue.severity for issue in unit.issues), key=lambda s: _SEVERITY_DOUBT[s], default="")
    classes = ["unit", unit.kind, f"level{min(unit.level, 6)}" if unit.level else "", worst, unit.status]
    return Cell(
        number=number,
        label=f"{unit.paragraph}.{unit.sentence}" if place else str(unit.paragraph),
        first=place == 0,
        tag=tag,
        css=" ".join(filter(None, classes)),
        source_lang=unit.source_lang,
        target_lang=unit.target_lang,
        source_dir=_direction(unit.source_lang),
        target_dir=_direction(unit.target_lang),
        source=marked(unit.source, [(span, issue.severity) for issue in unit.issues for span in issue.source_spans]),
        target=marked(unit.target, [(span, issue.severity) for issue in unit.issues for span in issue.target_spans]),
        reference=None if reference is None else marked(reference),
        issues=tuple((issue.severity, issue.code, issue.message) for issue in unit.issues),
        chips=tuple(_chips(unit)),
        status=unit.status,
        note=unit.note,
        offers=tuple(_offer(unit, offer) for offer in facts.offers.get(unit.id, ())),
    )


def _direction(lang: str) -> str:
    """Give the text direction of a language: known for Chinese and English, found by the browser otherwise."""
    return "ltr" if lang.split("-")[0] in ("zh", "en") else "auto"


def _chips(unit: TranslationUnit) -> list[tuple[str, str]]:
    """Name what is out of the ordinary about a unit without being an issue."""
    chips = []
    if unit.confidence is not None and unit.confidence < LOW_CONFIDENCE:
        chips.append(("doubtful", f"pairing {unit.confidence:.0%} certain"))
    if unit.origin == "memory":
        chips.append(("origin", "from memory"))
    elif unit.origin.startswith("repair"):
        step = unit.origin.partition(":")[2]
        chips.append(("origin", f"repaired: {step}" if step else "repaired"))
    elif (tried := unit.origin.partition("(tried ")[2]) and unit.issues:
        chips.append(("origin", f"repair did not help: {tried.removesuffix(')')}"))
    return chips


def _offer(unit: TranslationUnit, offer: Offer) -> OfferCell:
    source = Markup("") if offer.source == unit.source else difference(offer.source, unit.source)
    return OfferCell(int(offer.score * 100), source, marked(offer.target))


def language_name(lang: str) -> str:
    """Give the name of a language as its readers write it, or its tag."""
    return _LANGUAGE_NAMES.get(lang, _LANGUAGE_NAMES.get(lang.split("-")[0], lang))


def page_data(units: Sequence[TranslationUnit], facts: PageFacts) -> dict[str, object]:
    """Collect what the script needs and cannot read from the page itself.

    Texts are left out where the page shows them as they are; `links` are flat UTF-16 offsets in the texts as shown.
    """
    documents = list(dict.fromkeys(unit.document for unit in units))
    key = text_hash("\x1f".join([*documents, *(unit.source for unit in units)]))
    return {
        "document": documents[0] if len(documents) == 1 else "",
        "documents": documents,
        "key": key,
        "units": [_record(unit, documents, facts) for unit in units],
    }


def _record(unit: TranslationUnit, documents: Sequence[str], facts: PageFacts) -> dict[str, object]:
    record: dict[str, object] = {
        "id": unit.id,
        "hash": [text_hash(unit.source), text_hash(unit.target)],
        "doubt": round(doubt(unit), 3),
    }
    if len(documents) > 1:
        record["document"] = documents.index(unit.document)
    if visible_signs(unit.source) != unit.source:
        record["source"] = unit.source
    if visible_signs(unit.target) != unit.target:
        record["target"] = unit.target
    if unit.kind != "text":
        record["kind"] = unit.kind
    if is_flagged(unit):
        record["flagged"] = True
    if unit.issues:
        record["codes"] = list(dict.fromkeys(issue.code for issue in unit.issues))
    if unit.confidence is not None:
        record["confidence"] = round(unit.confidence, 3)
    elif math.isfinite(unit.log_prob):
        record["certainty"] = round(math.exp(min(0.0, unit.log_prob)), 2)
    if unit.status:
        record["status"] = unit.status
    if unit.note:
        record["note"] = unit.note
    if unit.links:
        source, target = utf16_offsets(unit.source), utf16_offsets(unit.target)
        record["links"] = [
            offset
            for a, b, c, d in unit.links
            if b < len(source) and d < len(target)
            for offset in (source[a], source[b], target[c], target[d])
        ]
    offers = facts.offers.get(unit.id, ())
    if offers:
        record["offers"] = [offer.target for offer in offers]
    return record
