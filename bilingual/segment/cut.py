"""Where a sentence that is too long for an engine is cut.

The places are graded: behind a stop or ；, then behind ……, then ，, then ： and 、, each outside quotes, 《》 and
brackets; then the same inside them; then a space, and as the last resort anywhere. Among all ways to cut into pieces
that fit, the cheapest is taken: it prefers better places, fewer pieces and pieces of like length, so that no tiny tail
is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bilingual.bitext import Span
from bilingual.segment.scan import CLOSERS, Scan, scan_text

__all__ = ["cut_sentence"]

# Costs of a cut. A piece that fills n of N tokens costs (1 - n/N) squared: balance among the same number of pieces can
# gain 0.5, a piece less can gain 1. A step of 0.6 lets the better place win over the better balance.
_GRADES = (("。！？!?；;", 0.0), ("…⋯", 0.6), ("，,", 1.2), ("：:、", 1.8))
_INSIDE = 4.0  # added inside quotes and brackets
_SPACE = 8.0
_ANYWHERE = 16.0
_IN_WORD = 64.0  # inside a number, a Latin word or a composed character

_COSTS = {sign: cost for signs, cost in _GRADES for sign in signs}
_PLACE = re.compile("[" + "".join(_COSTS) + "]+")
_WORD = re.compile(r"[\w%％.,:/+'’-]", re.ASCII)
_MARK = re.compile("[\u0300-\u036f\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff０-９．]")
_FINENESS = 8  # stretches a piece in text without places, from which the pieces are put together

_Stretch = tuple[int, int, int, float]
"""start, end, tokens, cost of a cut at its end."""


def cut_sentence(text: str, count: Callable[[str], int], max_tokens: int) -> list[Span]:
    """Cut a text into spans of at most `max_tokens` tokens each; they cover it in order, without gaps.

    `count` is called once for the text, about once for each stretch between two places, and once for each piece. A code
    point that alone counts more than `max_tokens` is a piece of its own.

    >>> cut_sentence("春天来了，花开了；夏天到了，雨多了。", len, 10)
    [(0, 9), (9, 18)]

    Args:
        text: The sentence.
        count: Gives the number of tokens of a text.
        max_tokens: The most tokens of a piece.

    Returns:
        Spans of `text`; none when it is empty.

    Raises:
        ValueError: `max_tokens` is less than 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    if not text:
        return []
    if count(text) <= max_tokens:
        return [(0, len(text))]
    scan = scan_text(text, max_quote=len(text), max_bracket=len(text))
    stretches: list[_Stretch] = []
    start = 0
    for end, cost in _places(scan):
        stretches += _divide(scan, (start, end), cost, count, max_tokens)
        start = end
    return list(_fit(text, stretches, count, max_tokens, max_tokens))


def _places(scan: Scan) -> Iterator[tuple[int, float]]:
    """Find where the text can be cut, with the cost; the end of the text is the last place."""
    text = scan.text
    for found in _PLACE.finditer(text):
        end = found.end()
        if (
            found[0].isascii()
            and _WORD.match(text[found.start() - 1 : found.start()])
            and _WORD.match(text[end : end + 1])
        ):
            continue  # 3.14, 12:30, 1,000
        while end < len(text) and (text[end].isspace() or text[end] in CLOSERS or end in scan.opener_of):
            end += 1
        if end < len(text) and not _PLACE.match(text, end):
            yield end, min(_COSTS[sign] for sign in found[0]) + (_INSIDE if scan.cover[end] else 0.0)
    yield len(text), 0.0


def _divide(scan: Scan, span: Span, cost: float, count: Callable[[str], int], max_tokens: int) -> Iterator[_Stretch]:
    """Give a stretch between two places whole, or when it is too long, in parts that are cut at spaces or anywhere."""
    start, end = span
    tokens = count(scan.text[start:end])
    if tokens <= max_tokens or end - start == 1:
        yield start, end, max(1, tokens), cost
        return
    n_parts = min(end - start, -(-tokens * _FINENESS // max_tokens))
    step = (end - start) / n_parts
    reach = int(step / 3)
    for number in range(1, n_parts + 1):
        goal = end if number == n_parts else span[0] + round(number * step)
        if number == n_parts:
            best, cut_cost = end, cost
        else:
            around = range(max(start + 1, goal - reach), min(end - 1, goal + reach) + 1)
            cut_cost, _, best = min((_cost_anywhere(scan, i), abs(i - goal), i) for i in around)
        yield from _divide(scan, (start, best), cut_cost, count, max_tokens)
        start = best


def _cost_anywhere(scan: Scan, index: int) -> float:
    """Give the cost of a cut at a place that no punctuation offers."""
    before, after = scan.text[index - 1], scan.text[index]
    inside = _INSIDE if scan.cover[index] else 0.0
    if before.isspace():
        return _SPACE + inside
    broken = (_WORD.match(before) and _WORD.match(after)) or _MARK.match(after) or before == "\u200d"
    return (_IN_WORD if broken else _ANYWHERE) + inside


def _fit(
    text: str, stretches: list[_Stretch], count: Callable[[str], int], max_tokens: int, budget: int
) -> Iterator[Span]:
    """Put neighbouring stretches together to the cheapest pieces of at most `budget` tokens.

    The tokens of a piece are estimated by the sum over its stretches; a piece that really counts more than `max_tokens`
    is put together anew within less.
    """
    best = [0.0]  # cost of the stretches before each index
    first = [0]  # where the last of their pieces starts
    for last, (_, _, _, cut_cost) in enumerate(stretches):
        tokens, cost, start = 0, float("inf"), last
        for index in range(last, -1, -1):
            tokens += stretches[index][2]
            if tokens > budget and index < last:
                break
            option = best[index] + max(0.0, 1 - tokens / budget) ** 2
            if option < cost:
                cost, start = option, index
        best.append(cost + cut_cost)
        first.append(start)
    pieces, end = [], len(stretches)
    while end:
        pieces.append(stretches[first[end] : end])
        end = first[end]
    for piece in reversed(pieces):
        start, end = piece[0][0], piece[-1][1]
        if len(piece) > 1 and count(text[start:end]) > max_tokens:
            yield from _fit(text, piece, count, max_tokens, max(1, sum(tokens for _, _, tokens, _ in piece) * 3 // 4))
        else:
            yield start, end
