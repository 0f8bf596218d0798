"""Which segments go to the network, and in which batches: pure functions, the same for every engine."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["batch_indices", "is_passthrough", "max_target_tokens"]

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ADDRESS = re.compile(
    r"\s*(?:(?:(?:https?|ftp)://|www\.)[\w.-]+(?::\d+)?(?:[/?#][^\s，。；：！？、（）“”]*)?"
    r"|(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+)\s*",
    re.ASCII,
)
# Longest target for a source of n pieces. The bundled model makes about 1.3 target pieces of a source piece; three
# times the source, with room for very short ones, is far above any real translation.
_TARGET_RATIO, _TARGET_ROOM = 3, 20


def is_passthrough(text: str) -> bool:
    """Say whether a segment is copied: it holds no Chinese character, or it is one address.

    Blank lines, dashes, rules, emoji, bare numbers and Latin text are not for a Chinese-to-English model: OPUS models
    answer such input with invented sentences.

    >>> [is_passthrough(text) for text in ("═══", "3.14", "https://example.org/中文", "第3条")]
    [True, True, True, False]
    """
    return not _HAN.search(text) or bool(_ADDRESS.fullmatch(text))


def max_target_tokens(n_source: int, positions: int) -> int:
    """Give the longest hypothesis that is allowed for a source of `n_source` pieces, the end mark included.

    `positions` is the number of positions that the model has (512 for OPUS-MT): decoding past them raises.
    """
    return min(_TARGET_RATIO * n_source + _TARGET_ROOM, positions - 2)


def batch_indices(lengths: Sequence[int], max_tokens: int, *, padded: bool) -> list[list[int]]:
    """Group segments so that a batch, padding included, has at most `max_tokens` pieces.

    Args:
        lengths: Pieces of each segment.
        max_tokens: The budget of a batch.
        padded: Whether segments of unlike length may share a batch. Padding changes the last bits of the attention, and
            8-bit weights make other words of that (3 to 7 of 100 sentences of FLORES-dev); without it a translation
            does not depend on what else is translated.

    Returns:
        Indices into `lengths`; the longest first, so that the last batches to run are the shortest and no worker is
        left alone with a long one. A segment longer than the budget is a batch of its own.

    >>> batch_indices([3, 9, 4, 1], 10, padded=True)
    [[1], [2, 0], [3]]
    >>> batch_indices([3, 4, 3, 1, 3], 6, padded=False)
    [[1], [0, 2], [4], [3]]
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[batches[-1][0]] if batches else 0
        alike = padded or lengths[index] == longest
        if batches and alike and (len(batches[-1]) + 1) * longest <= max_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
