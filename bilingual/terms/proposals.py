"""A first glossary of an article: titles, recurring names, and what came out in different ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bilingual.bitext import TranslationUnit
from bilingual.terms.glossary import ARTICLE

__all__ = ["MIN_COUNT", "Proposal", "propose_terms", "write_proposals"]

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
            if article := ARTICLE.match(text):
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
