"""What both languages share: pairs of quotes and brackets, runs of stops, and sentences with exact offsets.

A text is scanned once. Every opening sign is matched with its closing one; one that has no partner is an ordinary
character, so that a forgotten quote swallows nothing. Then each run of stops, together with the closing signs behind
it, is shown to the rules of a language, which say whether a sentence ends there. All of it is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from bilingual.bitext import Sentence, Span, visible

__all__ = ["CLOSERS", "HAN", "OPENERS", "QUOTES", "Rule", "Scan", "Stop", "scan_text", "skip_gap", "split_sentences"]

HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# Signs of one family close each other, whatever their width: （ may end with ).
_FAMILIES = (
    ("“〝", "”〞"), ("‘", "’"), ("「﹁", "」﹂"), ("『﹃", "』﹄"), ("«", "»"),
    ("(（", ")）"), ("[［", "]］"), ("{｛", "}｝"), ("【〖〔", "】〗〕"), ("《", "》"), ("〈", "〉"),
)  # fmt: skip
_OPENING = {sign: number for number, (opening, _) in enumerate(_FAMILIES) for sign in opening}
_CLOSING = {sign: number for number, (_, closing) in enumerate(_FAMILIES) for sign in closing}
_STRAIGHT = {'"': len(_FAMILIES), "'": len(_FAMILIES) + 1}
_SIGN = re.compile("[" + re.escape("".join([*_OPENING, *_CLOSING, *_STRAIGHT])) + "]")
OPENERS = frozenset(_OPENING)
CLOSERS = frozenset(_CLOSING)
QUOTES = frozenset("“〝‘「﹁『﹃«\"'")
"""The signs that open a quote."""

_MAX_BRACKET = 200  # code points; what is longer is no aside, and is split inside like any text
_MAX_STAGE = 40  # code points of an aside such as （掌声） that stays with the sentence before it

_STOPS = "。！？｡!?…⋯．."
_LINE = re.compile("[\n\r\v\f\x85\u2028\u2029]+")
_EVENT = re.compile(rf"(?P<line>{_LINE.pattern})|\.(?:[ \u00a0]\.){{2,}}|[{_STOPS}]+|[—–-](?=[\"”’])")
_DOTS = re.compile(r"。{3,}|(?:[…⋯]|[.．](?:[ \u00a0]?[.．])+)+")
_GAP = re.compile("[\\s\u200b\ufeff]*")
_EMOJI = "\u2639\u263a\u2665\u2764\ufe0f\u200d\U0001f000-\U0001ffff"
_TRAILING = re.compile(f"[~～{_EMOJI}]|[\\[［]\\d{{1,3}}[\\]］]|[¹²³⁴-⁹]+")  # tildes, emoji, [1], superscripts
_TRAILING_APART = re.compile(f"[^\\S\n\r\v\f\x85\u2028\u2029]+(?=[{re.escape(''.join(_CLOSING))}{_EMOJI}])")
_ITEM = re.compile("[(（](?:[一二三四五六七八九十百]{1,4}|[\\dA-Za-z０-９]|\\d\\d|[ivxIVX]{1,4})[)）]")
_URL = re.compile(r"(?:(?:https?|ftp)://|www\.)[!-~]+")


@dataclass(frozen=True, slots=True)
class Scan:
    """A text and the pairs in it.

    Attributes:
        text: The text itself.
        closer_of: Index of each matched opening sign -> index of its closing sign.
        opener_of: The other way round.
        cover: int [len(text) + 1]: in how many pairs or addresses, none of them open to the rules, the place before
            a code point lies.
        caseless: Whether the text holds no capital letter.
    """

    text: str
    closer_of: dict[int, int]
    opener_of: dict[int, int]
    cover: list[int]
    caseless: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """A run of stops and the closing signs, emoji and asides that belong to it.

    Attributes:
        start: Index of the first stop.
        mark: Index behind the last stop.
        end: Index behind the whole run: where the sentence would end.
        kind: "stop" (。？！), "period" (one dot, which may be part of a word), "ellipsis" or "dash" (at the end of a
            quote).
        closed: Whether closing signs follow the last stop.
        outer: Index of the sign that opened the outermost pair closed behind the last stop, None when it has none.
    """

    start: int
    mark: int
    end: int
    kind: Literal["stop", "period", "ellipsis", "dash"]
    closed: bool
    outer: int | None


Rule = Callable[[Scan, Stop, int], bool]
"""rule(scan, stop, start of the sentence): whether the sentence ends at `stop.end`."""


def match_pairs(text: str) -> list[Span]:
    """Match opening and closing signs: (index of the one, index of the other), in the order of the closing signs.

    A closing sign takes the nearest open sign of its family, and what was opened in between and not closed stays
    without a partner. A straight quote opens or closes by turns; spaces and colons around it correct the turn.

    >>> match_pairs("“他说‘好’。（完"), match_pairs("“甲。他说：“乙。”")
    ([(3, 5)], [(6, 9)])
    """
    pairs = []
    stacks: list[list[int]] = [[] for _ in range(len(_FAMILIES) + len(_STRAIGHT))]
    for found in _SIGN.finditer(text):
        index, sign = found.start(), found[0]
        before, after = text[index - 1 : index], text[index + 1 : index + 2]
        if sign in "'’" and _is_latin(before) and _is_latin(after):
            continue  # an apostrophe
        if sign in _STRAIGHT:
            family = _STRAIGHT[sign]
            opens = _straight_opens(before, after, is_open=bool(stacks[family]))
            if opens is None:
                continue
            if opens:
                stacks[family] = [index]
                continue
        elif sign in _OPENING:
            stacks[_OPENING[sign]].append(index)
            continue
        else:
            family = _CLOSING[sign]
        if stacks[family]:
            opener = stacks[family].pop()
            pairs.append((opener, index))
            for stack in stacks:
                while stack and stack[-1] > opener:
                    stack.pop()
    return pairs


def _is_latin(character: str) -> bool:
    return character.isalnum() and not HAN.match(character)


def _straight_opens(before: str, after: str, *, is_open: bool) -> bool | None:
    """Say whether a straight quote between two characters opens (True), closes (False) or is neither (None)."""
    free_before = not before or before.isspace() or before in OPENERS
    free_after = not after or after.isspace()
    if is_open:
        return (free_before and not free_after) or before in (":", "：")
    if free_after and not free_before and before not in ":：,，":
        return None  # the end of a quote that was never opened, or inches
    return None if _is_latin(before) else True


def scan_text(text: str, *, max_quote: int, max_bracket: int = _MAX_BRACKET) -> Scan:
    """Find the pairs of a text; those longer than `max_quote` or `max_bracket` code points are open to the rules."""
    pairs = match_pairs(text)
    steps = [0] * (len(text) + 2)
    for start, end in pairs:
        if end - start <= (max_quote if text[start] in QUOTES else max_bracket):
            steps[start + 1] += 1
            steps[end + 1] -= 1
    for found in _URL.finditer(text):
        steps[found.start() + 1] += 1
        steps[found.start() + len(found[0].rstrip(".,;:!?)'\""))] -= 1
    return Scan(
        text=text,
        closer_of=dict(pairs),
        opener_of={end: start for start, end in pairs},
        cover=list(accumulate(steps))[: len(text) + 1],
        caseless=text == text.lower(),
    )


def skip_gap(text: str, index: int) -> int:
    """Give the index of the first code point at or behind `index` that is no white space."""
    found = _GAP.match(text, index)
    return found.end() if found else index


def split_sentences(scan: Scan, rule: Rule) -> tuple[Sentence, ...]:
    """Cut a scanned text where a line or, by the rule, a sentence ends."""
    text, start = scan.text, skip_gap(scan.text, 0)
    ends: list[int] = []
    for event in _events(scan):
        if isinstance(event, int):
            end = event
        elif scan.cover[event.end] == 0 and rule(scan, event, start):
            end = event.end
        else:
            continue
        ends.append(end)
        start = skip_gap(text, end)
    return tuple(_sentences(text, [*ends, len(text)]))


def _events(scan: Scan) -> Iterator[Stop | int]:
    """Yield the runs of stops, and for each run of line ends the index behind it."""
    position = 0
    for found in _EVENT.finditer(scan.text):
        if found.start() < position:
            continue
        if found["line"]:
            yield found.end()
        elif (stop := _stop_at(scan, found.start(), found.end())) is not None:
            position = stop.end
            yield stop


def _stop_at(scan: Scan, start: int, mark: int) -> Stop | None:
    """Read what follows a run of stops [start, mark); a half-width ? or ! inside Latin text is none."""
    text, end, closed, outer = scan.text, mark, False, None
    while end < len(text):
        sign = text[end]
        if apart := _TRAILING_APART.match(text, end):
            end = apart.end()
        elif sign in _STOPS:
            mark, closed, outer = end + 1, False, None
            end += 1
        elif sign in CLOSERS or (sign in _STRAIGHT and end in scan.opener_of):
            closed, outer = True, scan.opener_of.get(end, outer)
            end += 1
        elif found := _TRAILING.match(text, end):
            end = found.end()
        else:
            break
    run = text[start:mark]
    kind: Literal["stop", "period", "ellipsis", "dash"]
    if _DOTS.fullmatch(run):
        kind = "ellipsis"
    elif len(run) == 1 and run in ".．":
        kind = "period"
    elif run in "—–-":
        kind = "dash"
    elif run[-1] in "!?" and _is_ascii_word(text[start - 1 : start]) and _is_ascii_word(text[mark : mark + 1]):
        return None
    else:
        kind = "stop"
    if kind != "dash":
        end = _skip_stage_direction(scan, end)
    return Stop(start, mark, end, kind, closed, outer)


def _is_ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _skip_stage_direction(scan: Scan, index: int) -> int:
    """Give the index behind an aside without stops, such as （掌声）, that starts at `index`; else `index`."""
    start = skip_gap(scan.text, index)
    end = scan.closer_of.get(start, -1)
    if end < 0 or scan.text[start] not in "(（" or end - start > _MAX_STAGE or _ITEM.match(scan.text, start):
        return index
    return index if any(c in _STOPS for c in scan.text[start:end]) else end + 1


def _sentences(text: str, ends: list[int]) -> Iterator[Sentence]:
    """Make sentences of the stretches between the ends.

    White space, control and format characters around a sentence belong to the gap; a stretch without letter or digit
    joins its neighbour on the same line.
    """
    start = first = last = 0
    has_word = False  # of the sentence [first, last) that is still open to its neighbours; first == last: there is none
    for end in ends:
        begin, stop = start, end
        while begin < stop and not visible(text[begin]):
            begin += 1
        while stop > begin and not visible(text[stop - 1]):
            stop -= 1
        start = end
        if begin == stop:
            continue
        word = any(text[i].isalnum() for i in range(begin, stop))
        if first < last:
            if not (word and has_word) and not _LINE.search(text, last, begin):
                last, has_word = stop, word or has_word
                continue
            yield Sentence(text[first:last], first, last)
        first, last, has_word = begin, stop, word
    if first < last:
        yield Sentence(text[first:last], first, last)
