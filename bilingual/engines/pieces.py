"""SentencePiece in and out, the same for every engine.

MarianTokenizer is not used: it normalises punctuation with sacremoses when that happens to be installed, so that the
same checkpoint scores differently on two machines. Here a text goes to the model's own SentencePiece file and nothing
else, after the characters that nobody sees are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bilingual.bitext import Span
from bilingual.errors import ModelError

__all__ = ["Encoded", "Pieces", "clean_segment", "detokenize", "load_pieces"]

_META = "▁"  # SentencePiece's sign for a space
_WHITE = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
# Control characters, lone surrogates, zero-width, bidirectional and tag characters, variation selectors: invisible to a
# reader, but byte pieces to the model.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_BYTE = re.compile("<0x([0-9A-F]{2})>")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One segment as the engine takes it.

    Attributes:
        pieces: SentencePiece pieces without an end mark.
        unknown: Pieces that the vocabulary does not hold, and characters that fell to bytes.
    """

    pieces: list[str]
    unknown: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """The source side of a model's tokenizer: its SentencePiece processor and the pieces that the network knows."""

    source: Any
    vocabulary: frozenset[str]

    def encode(self, segments: Sequence[str]) -> list[Encoded]:
        """Cut segments into pieces and count those that the model does not know."""
        cleaned = [clean_segment(segment)[0] for segment in segments]
        return [
            Encoded(pieces, self._count_unknown(pieces))
            for pieces in self.source.encode(cleaned, out_type=str, num_threads=1)
        ]

    def count_tokens(self, text: str) -> int:
        """Count the pieces of a text, without an end mark."""
        return len(self.source.encode(clean_segment(text)[0]))

    def spans(self, segment: str, pieces: Sequence[str]) -> list[Span]:
        """Find where the pieces of a segment stand in it; `pieces` is what `encode` made of it.

        A byte gets the span of its character, a lone `▁` that of the character after it, whose word it begins.
        """
        cleaned, origin = clean_segment(segment)
        normalized, offsets = self.source.normalize(cleaned, with_offsets=True)
        spans: list[Span] = []
        position, pending = 0, 0
        for piece in pieces:
            byte = _BYTE.fullmatch(piece)
            if byte and normalized[position : position + len(piece)] != piece:
                if pending == 0:
                    pending = len(normalized[position : position + 1].encode())
                pending -= 1
                first, last = position, position + 1
                position += pending == 0
            else:
                first, last = position, position + len(piece)
                position = last
                if piece == _META:
                    first, last = min(position, len(normalized)), min(position + 1, len(normalized))
                elif piece.startswith(_META):
                    first += 1
            # A character that normalisation spread over several pieces (㍿ -> 株式会社) is the source of each of them.
            start = offsets[first]
            end = max(offsets[last], min(start + 1, len(cleaned)))
            spans.append((start, end) if origin is None else (origin[start], origin[end - 1] + 1 if end else 0))
        return spans

    def _count_unknown(self, pieces: Sequence[str]) -> int:
        unknown = 0
        for piece in pieces:
            byte = _BYTE.fullmatch(piece)
            if byte is None:
                unknown += piece not in self.vocabulary
            else:
                unknown += not 0x80 <= int(byte[1], 16) <= 0xBF  # a character's later bytes do not count again
        return unknown


def load_pieces(source_spm: Path, vocabulary: frozenset[str]) -> Pieces:
    """Open the source side's SentencePiece file.

    Raises:
        ModelError: It is no SentencePiece model.
    """
    from sentencepiece import SentencePieceProcessor

    try:
        return Pieces(SentencePieceProcessor(model_file=str(source_spm)), vocabulary)
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"{source_spm}: not a SentencePiece model ({error}). Check the model: bilingual models check"
        ) from error


def clean_segment(segment: str) -> tuple[str, list[int] | None]:
    r"""Take invisible characters out of a segment and make every other white-space control a space.

    Returns:
        The cleaned text and, for each of its code points and its end, the offset in the segment; None when no
        character was taken out.

    >>> clean_segment("a\x00b")
    ('ab', [0, 2, 3])
    >>> clean_segment("a\tb")
    ('a b', None)
    """
    segment = _WHITE.sub(" ", segment)
    if not _INVISIBLE.search(segment):
        return segment, None
    kept = [i for i, character in enumerate(segment) if not _INVISIBLE.match(character)]
    return "".join(segment[i] for i in kept), [*kept, len(segment)]


def detokenize(tokens: Sequence[str]) -> tuple[str, list[Span], int]:
    """Join target pieces to text.

    Returns:
        The text; for each piece its span in it, without the space before a word; the number of unknown pieces and of
        byte runs that form no UTF-8 (they become U+FFFD).

    >>> detokenize(["▁Hel", "lo", "▁", "1"])
    ('Hello 1', [(0, 3), (3, 5), (6, 6), (6, 7)], 0)
    """
    text, spans, unknown = "", [], 0
    position = 0
    while position < len(tokens):
        token = tokens[position]
        run = [token]
        if _BYTE.fullmatch(token):
            while position + len(run) < len(tokens) and _BYTE.fullmatch(tokens[position + len(run)]):
                run.append(tokens[position + len(run)])
            surface = bytes(int(byte[3:5], 16) for byte in run).decode("utf-8", "replace")
            unknown += "\ufffd" in surface
        elif token == "<unk>":
            surface = ""
            unknown += 1
        else:
            surface = token.replace(_META, " ")
        if not text:
            surface = surface.lstrip(" ")
        start = len(text) + (len(surface) - len(surface.lstrip(" ")))
        text += surface
        spans += [(start, len(text))] * len(run)
        position += len(run)
    stripped = text.rstrip(" ")
    end = len(stripped)
    return stripped, [(min(a, end), min(b, end)) for a, b in spans], unknown
