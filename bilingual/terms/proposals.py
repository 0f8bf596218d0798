"""A first glossary of an article: titles, recurring names, and what came out in different ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass

from bilingual.bitext import TranslationUnit
from bilingual.terms.glossary import ARTICLE

__all__ = ["MIN_COUNT", "Proposal", "propose_terms", "write_proposals"]

MIN_COUNT = 2
"""Times that a name has to stand in an article to be proposed; titles in 《》 are proposed at once."""
_LONGEST = 10
_TITLE = re.compile(r"《([^《》\s]{2,30})》")
_WORD = re.compile(r"[^\W\d_]+")
_KNOWN_LETTERS = 6
"""Known words are cut to so many letters, as in the lexicon that comes with the aligner."""
_RUN = re.compile("[\u4e00-\u9fff]+")
_EDGE = frozenset(
    "的了在是和与及或也就都将被把对从向为以不有这那其等个们着过并而但于由到上下中里后前时说要会能可我你他她它很更最一两"
    "與將對從為這們個著過並於裡後時說會兩"
)
"""Characters that names neither begin nor end with."""
_FIRST = _EDGE | frozenset("条條件种種位座往")
"""Characters that names do not begin with: those, measure words and 往."""
_LAST = _EDGE | frozenset("称稱看")
_JOINS = re.compile(".[的了是].|..(?:和|与|及)(?!国|平|谐|睦)..")
"""Function words inside a run: two words, not one."""
_TIME = re.compile(
    "(?:周|星期|礼拜)[一二三四五六日天末]|周年"
    "|[今去明前后每本当上下][年月日周天]份?|[一二三四五六七八九十百千万亿两几数多]+[年月日号周天名岁点时]份?[初底末代]?"
)
_WORDS = re.compile(
    "表示|认为|指出|强调|透露|转而|因此|因为|所以|尽管|虽然|如果|假如|如今|目前|此外|然而|不过|随后|同时|据说|整个|等人|已经"
    "|今年|去年|明年|[东南西北中]部"
)
_OFFICE = (
    "先生|女士|小姐|总统|总理|首相|主席|部长|大臣|议员|州长|省长|市长|县长|书记|局长|主任|校长|教授|博士|记者|队长|教练"
)
_OFFICES = re.compile(_OFFICE)
_TITLED = re.compile(f".*(?:{_OFFICE})..+")
"""An office before a name, which is proposed without it."""
_COMMON = re.compile(f"(?:众|参)?(?:{_OFFICE})|{_TIME.pattern}")
"""What recurs and is written with a capital, and is no name: offices, weekdays, months."""
_CLASS = re.compile("[人语队市县区省州镇村乡河江湖山岛党报]|公司|集团|大学|银行")
"""What makes another name of a name: 威尔士 and 威尔士语, 利物浦 and 利物浦队."""
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


def propose_terms(
    units: Sequence[TranslationUnit], min_count: int = MIN_COUNT, known: Container[str] = ()
) -> list[Proposal]:
    """Propose terms of translated documents: titles, recurring names, what was translated in different ways.

    A name is a run of characters that recurs in different surroundings, stands at least twice outside longer ones, and
    mostly became capitalised words, or ends as organisations do. Weekdays, months, offices and runs with function words
    are no names. What it became is read off the word links, so units without links give no translations.

    Args:
        units: The units, with links.
        min_count: Times that a name has to occur.
        known: English words in lower case, cut to six letters, that need no capital: one of them is no sign of a name
            where it begins a sentence.

    Returns:
        Proposals, inconsistent ones first, then by count.
    """
    titles = {match[1] for unit in units for match in _TITLE.finditer(unit.source)}
    names = _recurring([unit.source for unit in units], max(2, min_count))
    is_capital = _capitals(units, known)
    proposals = []
    for source in dict.fromkeys([*sorted(titles), *names]):
        renderings, votes, count = _renderings(source, units, is_capital)
        distinct = {_folded(text) for text, _ in renderings}
        is_name = votes[True] > votes[False] and (votes[True] + votes[None] > 1 or count > 2)
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


def _recurring(texts: Sequence[str], min_count: int) -> list[str]:
    """Find runs of 2 to 10 Chinese characters that recur with different neighbours on both sides."""
    counts: Counter[str] = Counter()
    before: defaultdict[str, set[str]] = defaultdict(set)
    after: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        for run in _RUN.finditer(text):
            start, end = run.span()
            titled = {match.end() for match in _OFFICES.finditer(text, start, end)}
            for i in range(start, end):
                for j in range(i + 2, min(end, i + _LONGEST) + 1):
                    part = text[i:j]
                    if part[0] in _FIRST or part[-1] in _LAST:
                        continue
                    counts[part] += 1
                    # A mark, an office or the edge of a text differs from every other neighbour.
                    before[part].add(text[i - 1] if i > start and i not in titled else f"<{counts[part]}")
                    after[part].add(text[j] if j < end else f">{counts[part]}")
    recurring = [
        part
        for part, n in counts.items()
        if n >= min_count and len(before[part]) > 1 and len(after[part]) > 1 and _is_nameable(part)
    ]
    alone = _standing_alone(texts, recurring)
    names = (part for part in recurring if alone[part] >= 2 and not _COMMON.fullmatch(part))
    return sorted(names, key=lambda part: (-counts[part], part))


def _is_nameable(part: str) -> bool:
    """Say whether a run of characters can be a name by what stands in it."""
    if _ORGANISATION.search(part):
        return True
    return not (_JOINS.search(part) or _WORDS.search(part) or _TITLED.fullmatch(part))


def _standing_alone(texts: Sequence[str], parts: Collection[str]) -> Counter[str]:
    """Count how often each part stands outside longer ones; one that goes on with the part's class is no cover."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for part in parts:
        lengths[part[:2]].add(len(part))
    known = frozenset(parts)
    alone: Counter[str] = Counter()
    for text in texts:
        places = [
            (start, start + n)
            for start in range(len(text) - 1)
            for n in lengths.get(text[start : start + 2], ())
            if text[start : start + n] in known
        ]
        for start, end in places:
            covered = any(
                a <= start and end <= b and not (a == start and _CLASS.match(text, end, b))
                for a, b in places
                if b - a > end - start
            )
            alone[text[start:end]] += not covered
    return alone


def _capitals(units: Sequence[TranslationUnit], known: Container[str]) -> Callable[[str, bool], bool | None]:
    """Learn which words are written with a capital.

    Returns:
        A function of a text and whether it begins a sentence: whether it has a capital of its own; None when only the
        beginning may give it one.
    """
    upper: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for unit in units:
        for match in _WORD.finditer(unit.target):
            if match[0][0].islower():
                lower[match[0]] += 1
            elif not _begins_sentence(unit.target, match.start()):
                upper[match[0].lower()] += 1

    def is_capital(text: str, begins: bool) -> bool | None:
        words = [word for word in _WORD.findall(text) if len(word) > 3 or not word.islower()]
        if not words or words[0].islower():
            return False
        if not begins:
            return True
        if any(word.islower() for word in words):
            return False
        first = words[0].lower()
        if upper[first] or lower[first]:
            return upper[first] > lower[first]
        return True if first[:_KNOWN_LETTERS] not in known else None

    return is_capital


def _begins_sentence(text: str, place: int) -> bool:
    return not re.search(r"\w", re.split(r"[.!?:;\n]|[“\"]", text[:place])[-1])


def _renderings(
    source: str, units: Sequence[TranslationUnit], is_capital: Callable[[str, bool], bool | None]
) -> tuple[list[tuple[str, int]], Counter[bool | None], int]:
    """Collect what a term became: texts with counts, what `is_capital` says of them, and times that the term stands."""
    found: Counter[str] = Counter()
    votes: Counter[bool | None] = Counter()
    count = 0
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
            votes[is_capital(text, _begins_sentence(unit.target, start))] += 1
    merged: dict[str, Counter[str]] = defaultdict(Counter)
    for text, n in found.items():
        merged[_folded(text)][text] += n
    rows = [(max(texts, key=lambda one: (texts[one], one)), sum(texts.values())) for texts in merged.values()]
    return sorted(rows, key=lambda row: (-row[1], row[0])), votes, count


def _folded(text: str) -> str:
    """Make renderings that differ in case, plural or possessive the same."""
    return re.sub(r"(?:['’]s|s)$", "", text.lower())
