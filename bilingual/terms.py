"""Glossaries: read them, hold the engine to them, propose their entries.

A term that the engine does not render as wanted is hidden from it: the segment is decoded again with placeholders
(NT-1, NT-2 ...) in the terms' place, which are then replaced by what the glossary wants. Measured on the bundled model,
beam 4, with sentences of our own: of 18 forms of placeholder in 16 sentences, NT-1 had the highest chrF (71) of those
that came out once in each; with up to three in a sentence it came out in 36 of 36 places. The English term itself, put
into the Chinese sentence, came out whole in 51 of 80, and a search for 8 hypotheses found the wanted term in 3 of 80.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from lxml import etree

from bilingual.bitext import Link, Span, Translation, TranslationUnit
from bilingual.errors import InputError
from bilingual.protocols import Decoding, Translator
from bilingual.untrusted import parse_xml

__all__ = [
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

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"NT-\d+")
_FLAGS = {"": False, "no": False, "false": False, "0": False, "case": True, "yes": True, "true": True, "1": True}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: a Chinese term, its English, whether capitals count, and the line that it stands in."""

    source: str
    target: str
    note: str = ""
    case_sensitive: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """A term that stands in a source, and where its translation stands; None when it is missing."""

    term: Term
    source_span: Span
    target_span: Span | None

    @property
    def source(self) -> str:
        """The Chinese term."""
        return self.term.source

    @property
    def wanted(self) -> str:
        """What the glossary wants it to be."""
        return self.term.target


class Glossary:
    """Terms and their translations.

    Attributes:
        terms: One per Chinese term, in the order of the file.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index the terms; of several with one Chinese side the first counts."""
        self._by_source: dict[str, Term] = {}
        for term in terms:
            self._by_source.setdefault(term.source, term)
        self.terms = tuple(self._by_source.values())
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for term in self.terms:
            lengths[term.source[0]].add(len(term.source))
        self._lengths = dict(lengths)

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {term.source: _target_pattern(term) for term in self.terms}

    def content_hash(self) -> str:
        """Give 16 hexadecimal digits that change when a term, its translation or its case flag does."""
        rows = sorted(f"{term.source}\t{term.target}\t{term.case_sensitive}" for term in self.terms)
        return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def with_variants(self, variant: Callable[[str], str]) -> Glossary:
        """Add every term's variant, for instance in the other script; an entry of its own goes before."""
        return Glossary([*self.terms, *(replace(term, source=variant(term.source)) for term in self.terms)])

    def find(self, source: str) -> list[tuple[Term, Span]]:
        """Find the terms of a text, in order: of overlapping ones the longest, of equally long ones the first.

        >>> terms = [Term("河长", "river chief"), Term("河长制", "river chief system")]
        >>> [(term.target, span) for term, span in Glossary(terms).find("河长推行河长制")]
        [('river chief', (0, 2)), ('river chief system', (4, 7))]
        """
        spans = [
            (start, start + length)
            for start, first in enumerate(source)
            for length in self._lengths.get(first, ())
            if source[start : start + length] in self._by_source
        ]
        taken: set[int] = set()
        found = []
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                found.append((self._by_source[source[start:end]], (start, end)))
        return sorted(found, key=lambda pair: pair[1])

    def uses(self, source: str, target: str) -> list[Use]:
        """Find the terms of a source, longest first, and their translations.

        An article before, a plural or possessive ending and, unless the entry says that case counts, capitals make no
        difference. A place of the target stands for one term only. A term that is used again may become a pronoun: only
        where none of its uses is translated are they missing.
        """
        places: dict[str, list[Span]] = defaultdict(list)
        terms = {}
        for term, span in self.find(source):
            places[term.source].append(span)
            terms[term.source] = term
        claimed: list[Span] = []
        result = []
        for term in sorted(terms.values(), key=lambda one: -len(one.target)):
            free = [
                match.span()
                for match in self._patterns[term.source].finditer(target)
                if all(match.end() <= start or match.start() >= end for start, end in claimed)
            ]
            spans = places[term.source]
            used = free[: len(spans)]
            claimed += used
            for number, span in enumerate(spans):
                result.append(Use(term, span, used[min(number, len(used) - 1)] if used else None))
        return sorted(result, key=lambda use: (use.source_span[0] - use.source_span[1], use.source_span[0]))


def _target_pattern(term: Term) -> re.Pattern[str]:
    """Write the pattern of a translation: white space and hyphens alike, the last word in singular or plural."""
    words = re.split(r"[\s\-]+", _ARTICLE.sub("", term.target, count=1) if _ARTICLE.match(term.target) else term.target)
    words = [re.escape(word).replace("'", "['’]").replace("’", "['’]") for word in words if word]
    last = words[-1]
    if re.search(r"[a-z]$", last):
        last = f"(?:{last[:-1]}(?:y|ies))" if re.search(r"[^aeiou]y$", last) else f"{last}(?:e?s)?"
    pattern = r"[\s\-]+".join([*words[:-1], last])
    return re.compile(rf"(?<!\w){pattern}(?!\w)", 0 if term.case_sensitive else re.IGNORECASE)


def read_glossary(path: Path) -> Glossary:
    """Read a glossary: TBX (version 2 or 3) by its ending, otherwise a table.

    A table is UTF-8, one entry a line: Chinese, English, then if wanted a note and `case` where capitals count,
    separated by tabs. Empty lines, lines that begin with # and a header `source TAB target` are passed over.

    Raises:
        InputError: The file is missing or not UTF-8; a line has no translation, a term that is not Chinese, an unknown
            case flag, or contradicts an earlier line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    terms = _read_tbx(data, path) if path.suffix.lower() in (".tbx", ".xml") else _read_table(data, path)
    first: dict[str, Term] = {}
    for term in terms:
        where = f"{path}:{term.line}"
        if not _HAN.search(term.source):
            raise InputError(
                f"{where}: {term.source!r} is not Chinese; the Chinese term comes first, then the English."
            )
        if not re.search(r"\w", term.target):
            raise InputError(f"{where}: {term.source} has no translation: add one, or delete the line.")
        if _HAN.search(term.target):
            raise InputError(f"{where}: the translation of {term.source} is Chinese too: {term.target}.")
        before = first.setdefault(term.source, term)
        if (before.target, before.case_sensitive) != (term.target, term.case_sensitive):
            raise InputError(
                f"{where}: {term.source} is “{term.target}” here and “{before.target}” in line {before.line}; keep one."
            )
    if not first:
        raise InputError(f"{path} holds no terms.")
    return Glossary(first.values())


def _read_table(data: bytes, path: Path) -> list[Term]:
    """Read the lines of a table."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the glossary as UTF-8.") from error
    terms: list[Term] = []
    for number, row in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if not row.strip() or row.startswith("#"):
            continue
        cells = [cell.strip() for cell in row.split("\t")]
        if not terms and [cell.lower() for cell in cells[:2]] == ["source", "target"]:
            continue
        if len(cells) < 2:
            raise InputError(f"{path}:{number}: there is no tab between the Chinese term and its translation.")
        source, target, note, flag = [*cells, "", ""][:4]
        if flag.lower() not in _FLAGS:
            raise InputError(f"{path}:{number}: the case flag is {flag!r}; write case, or nothing.")
        terms.append(Term(source, target, note, _FLAGS[flag.lower()], number))
    return terms


def _read_tbx(data: bytes, path: Path) -> list[Term]:
    """Read the concepts of a TBX file: every Chinese term with the first English one that is not deprecated."""
    terms = []
    for entry in parse_xml(data, str(path)).iter("{*}conceptEntry", "{*}termEntry"):
        sides: dict[str, list[etree._Element]] = {"zh": [], "en": []}
        for section in entry.iter("{*}langSec", "{*}langSet"):
            lang = (section.get(_XML_LANG) or "").lower().replace("_", "-").split("-")[0]
            if lang in sides:
                sides[lang] += section.iter("{*}term")
        notes = [_text(note) for note in entry.iter("{*}note")]
        english = [term for term in sides["en"] if not _is_deprecated(term)]
        target = _text(english[0]) if english else ""
        terms += [Term(_text(one), target, " ".join(notes), line=int(one.sourceline or 0)) for one in sides["zh"]]
    return terms


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _is_deprecated(term: etree._Element) -> bool:
    """Say whether the notes beside a term advise against it."""
    parent = term.getparent()
    notes = [] if parent is None else parent.iter("{*}termNote")
    return any(re.search("deprecated|superseded", _text(note)) for note in notes)


def count_uses(glossary: Glossary, units: Iterable[TranslationUnit]) -> list[tuple[Term, int, int]]:
    """Count for every term that is used how often its translation is there, and how often it is missing.

    Returns:
        (term, hits, misses), the terms with most misses first, then by use.
    """
    hits: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for unit in units:
        for use in glossary.uses(unit.source, unit.target):
            (misses if use.target_span is None else hits)[use.source] += 1
    used = [(term, hits[term.source], misses[term.source]) for term in glossary.terms]
    return sorted((row for row in used if row[1] or row[2]), key=lambda row: (-row[2], -row[1]))


@dataclass(frozen=True, slots=True)
class Mask:
    """A place of a source that the engine shall not see, and the text that stands for it in the target."""

    span: Span
    target: str
    case_sensitive: bool = False


class TermTranslator:
    """A `Translator` that keeps to a glossary: segments whose terms come out otherwise are decoded with placeholders.

    Attributes:
        signature: The engine's.
        model_name: The engine's.
        license: The engine's.
    """

    def __init__(self, translator: Translator, glossary: Glossary) -> None:
        """Put a glossary before an engine."""
        self.signature = translator.signature
        self.model_name = translator.model_name
        self.license = translator.license
        self._translator = translator
        self._glossary = glossary

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        """Translate segments as the engine does, terms as the glossary wants.

        Where the engine loses a placeholder, its own translation stays, for the checks to report.
        """
        result = self._translator.translate(segments, decoding)
        missing = [index for index, found in enumerate(result) if found and self._misses(segments[index], found[0])]
        masks = [
            [Mask(span, term.target, term.case_sensitive) for term, span in self._glossary.find(segments[index])]
            for index in missing
        ]
        masked = decode_masked([segments[index] for index in missing], masks, self._translator, decoding)
        for index, candidates in zip(missing, masked, strict=True):
            if candidates:
                result[index] = candidates
        return result

    def _misses(self, source: str, translation: Translation) -> bool:
        return any(use.target_span is None for use in self._glossary.uses(source, translation.text))


def decode_masked(
    texts: Sequence[str], masks: Sequence[Sequence[Mask]], translator: Translator, decoding: Decoding
) -> list[list[Translation]]:
    """Decode texts with placeholders in the place of their masks, and put the masks' targets in.

    Args:
        texts: The segments.
        masks: For each its masks, in order, without overlap.
        translator: The engine.
        decoding: How it searches.

    Returns:
        For each the hypotheses that kept all placeholders; none where the engine lost one.
    """
    hidden = [_masked(text, spans) for text, spans in zip(texts, masks, strict=True)]
    decoded = translator.translate([text for text, _ in hidden], decoding) if hidden else []
    return [
        [better for one in found if (better := _restored(one, spans, text, starts)) is not None]
        for found, spans, (text, starts) in zip(decoded, masks, hidden, strict=True)
    ]


def _masked(text: str, masks: Sequence[Mask]) -> tuple[str, list[tuple[Span, str]]]:
    """Put placeholders into a text; also give where each stands in what comes out."""
    first = next(n for n in range(1, 1000) if not any(f"NT-{n + k}" in text for k in range(len(masks) + 1)))
    result, position, places = "", 0, []
    for number, mask in enumerate(masks, first):
        result += text[position : mask.span[0]]
        name = f"NT-{number}"
        # Latin letters and digits beside it would be read as part of it.
        result += " " if re.search(r"[0-9A-Za-z]$", result) else ""
        places.append(((len(result), len(result) + len(name)), name))
        result += name
        position = mask.span[1]
        result += " " if re.match(r"[0-9A-Za-z]", text[position:]) else ""
    return result + text[position:], places


def _restored(
    translation: Translation, masks: Sequence[Mask], hidden: str, places: Sequence[tuple[Span, str]]
) -> Translation | None:
    """Put the targets in; None when a placeholder is missing, or there is one too many. Links move with the text."""
    found: list[tuple[int, int, str]] = []
    for mask, (_, name) in zip(masks, places, strict=True):
        number = name.removeprefix("NT-")
        pattern = rf"(?:\b(?P<article>the|an?)\s+)?(?<![A-Za-z0-9])NT\s?-\s?{number}(?!\d)"
        matches = list(re.finditer(pattern, translation.text, re.IGNORECASE))
        if not matches:
            return None
        for match in matches:
            found.append((*match.span(), _inserted(mask, match["article"], starts=not match.start())))
    names = {name for _, name in places}
    rest = "".join(
        translation.text[end:start]
        for (_, end), (start, _) in pairwise([(0, 0), *sorted(one[:2] for one in found), (len(translation.text), 0)])
    )
    if set(_PLACEHOLDER.findall(rest)) - (set(_PLACEHOLDER.findall(hidden)) - names):
        return None
    text, position, moves = "", 0, list[tuple[Span, Span]]()
    for start, end, inserted in sorted(found):
        text += translation.text[position:start]
        moves.append(((start, end), (len(text), len(text) + len(inserted))))
        text += inserted
        position = end
    text += translation.text[position:]
    sources = [(span, mask.span) for (span, _), mask in zip(places, masks, strict=True)]
    links: list[Link] = [(*_moved((a, b), sources), *_moved((c, d), moves)) for a, b, c, d in translation.links]
    return replace(translation, text=text, links=tuple(dict.fromkeys(links)))


def _inserted(mask: Mask, article: str | None, *, starts: bool) -> str:
    """Word a target where a placeholder stood, with the article before it: one of the two, and a or an as it sounds."""
    target = mask.target
    if article and not _ARTICLE.match(target):
        if article.lower() != "the":
            article = article[0] + ("n" if re.match("[aeiouAEIOU]", target) else "")
        target = f"{article} {target}"
    return target[0].upper() + target[1:] if starts and not mask.case_sensitive else target


def _moved(span: Span, moves: Sequence[tuple[Span, Span]]) -> Span:
    """Move a span of a text to where it is after replacements; one that touches a replaced place takes all of it."""
    start, end = span
    new_start, new_end = start, end
    for (old_start, old_end), (place_start, place_end) in moves:
        if start >= old_end:
            new_start = start - old_end + place_end
        elif end > old_start and start >= old_start:
            new_start = place_start
        if end >= old_end:
            new_end = end - old_end + place_end
        elif end > old_start:
            new_end = place_end
    return new_start, new_end


MIN_COUNT = 2
"""Times that a name has to stand in an article to be proposed; titles in 《》 are proposed at once."""
_LONGEST = 10
_TITLE = re.compile(r"《([^《》\s]{2,30})》")
_RUN = re.compile("[\u4e00-\u9fff]+")
_EDGE = frozenset(
    "的了在是和与及或也就都将被把对从向为以不有这那其等个们着过并而但于由到上下中里后前时说要会能可我你他她它很更最一两"
)
"""Characters that names neither begin nor end with."""
_ORGANISATION = re.compile(
    "(?:公司|集团|大学|学院|委员会|银行|中心|研究院|研究所|医院|协会|法院|检察院|政府|街道|办事处|基金会|联合会|派出所)$"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A term proposed for a glossary.

    Attributes:
        source: The Chinese term.
        target: What it became most often; empty when the word links do not say.
        count: Times that it stands in the text.
        renderings: All that it became, with counts, most frequent first.
        reason: `title`, `name`, `organisation` or `inconsistent`.
    """

    source: str
    target: str
    count: int
    renderings: tuple[tuple[str, int], ...]
    reason: str


def propose_terms(units: Sequence[TranslationUnit], min_count: int = MIN_COUNT) -> list[Proposal]:
    """Propose terms of translated documents: titles, recurring names, what was translated in different ways.

    A name is a run of characters that recurs in different surroundings, is not part of a longer one that recurs as
    often, and became capitalised words inside a sentence, or ends as organisations do. What it became is read off the
    word links, so units without links give no translations.

    Args:
        units: The units, with links.
        min_count: Times that a name has to occur.

    Returns:
        Proposals, inconsistent ones first, then by count.
    """
    titles = {match[1] for unit in units for match in _TITLE.finditer(unit.source)}
    names = _recurring([unit.source for unit in units], max(2, min_count))
    proposals = []
    for source in dict.fromkeys([*sorted(titles), *names]):
        renderings, capitals, count = _renderings(source, units)
        distinct = {_folded(text) for text, _ in renderings}
        is_name = capitals * 2 > sum(n for _, n in renderings)
        if len(distinct) > 1 and (is_name or source in titles):
            reason = "inconsistent"
        elif source in titles:
            reason = "title"
        elif _ORGANISATION.search(source) and len(source) > 3:
            reason = "organisation"
        elif is_name:
            reason = "name"
        else:
            continue
        proposals.append(Proposal(source, renderings[0][0] if renderings else "", count, tuple(renderings), reason))
    return sorted(proposals, key=lambda one: (one.reason != "inconsistent", -one.count, one.source))


def write_proposals(proposals: Iterable[Proposal]) -> str:
    """Write proposals as a glossary table; one whose translation is not known is a comment, to be filled in."""
    lines = ["source\ttarget\tnote"]
    for one in proposals:
        others = "; ".join(f"{text} ({count})" for text, count in one.renderings[1:])
        note = f"{one.reason}, {one.count} times" + (f"; also {others}" if others else "")
        lines.append(f"{'' if one.target else '# '}{one.source}\t{one.target}\t{note}")
    return "\n".join(lines) + "\n"


def _recurring(texts: Iterable[str], min_count: int) -> list[str]:
    """Find runs of 2 to 10 Chinese characters that recur with different neighbours on both sides."""
    counts: Counter[str] = Counter()
    before: defaultdict[str, set[str]] = defaultdict(set)
    after: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        for run in _RUN.finditer(text):
            start, end = run.span()
            for i in range(start, end):
                for j in range(i + 2, min(end, i + _LONGEST) + 1):
                    if text[i] in _EDGE or text[j - 1] in _EDGE:
                        continue
                    part = text[i:j]
                    counts[part] += 1
                    # A mark or the edge of a text differs from every other neighbour.
                    before[part].add(text[i - 1] if i > start else f"<{counts[part]}")
                    after[part].add(text[j] if j < end else f">{counts[part]}")
    recurring = [
        part for part, n in counts.items() if n >= min_count and len(before[part]) > 1 and len(after[part]) > 1
    ]
    inside = {
        longer[i:j]
        for longer in recurring
        for i in range(len(longer))
        for j in range(i + 2, len(longer) + 1)
        if j - i < len(longer) and counts[longer[i:j]] == counts[longer]
    }
    return sorted(set(recurring) - inside, key=lambda part: (-counts[part], part))


def _renderings(source: str, units: Sequence[TranslationUnit]) -> tuple[list[tuple[str, int]], int, int]:
    """Collect what a term became: texts with counts, how many are capitalised, and times that the term stands."""
    found: Counter[str] = Counter()
    capitals = count = 0
    for unit in units:
        for match in re.finditer(re.escape(source), unit.source):
            count += 1
            spans = [(c, d) for a, b, c, d in unit.links if a < match.end() and b > match.start()]
            if not spans:
                continue
            start, end = min(span[0] for span in spans), max(span[1] for span in spans)
            text = unit.target[start:end]
            if end - start > sum(d - c for c, d in dict.fromkeys(spans)) * 1.5 + 8:
                continue  # the words stand far apart: no phrase
            if article := _ARTICLE.match(text):
                start += article.end()
                text = text[article.end() :]
            if not any(len(word) > 3 or word.istitle() for word in re.findall(r"\w+", text) if word != "The"):
                continue  # nothing but small words
            found[text] += 1
            capitals += text[0].isupper() and (start > 0 or text.istitle())
    merged: dict[str, Counter[str]] = defaultdict(Counter)
    for text, n in found.items():
        merged[_folded(text)][text] += n
    rows = [(max(texts, key=lambda one: (texts[one], one)), sum(texts.values())) for texts in merged.values()]
    return sorted(rows, key=lambda row: (-row[1], row[0])), capitals, count


def _folded(text: str) -> str:
    """Make renderings that differ in case, plural or possessive the same."""
    return re.sub(r"(?:['’]s|s)$", "", text.lower())
