"""What a pair of documents must be, and what a person may decide about it: all that needs no encoder to be refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bilingual.align.spans import MAX_SPAN
from bilingual.bitext import Document
from bilingual.errors import AlignmentError, InputError

__all__ = ["UNDECIDED", "Constraints", "check_pair", "read_constraints"]

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a person has decided: pairs (source index, target index), 0-based.

    Attributes:
        together: Segments that are in one bead.
        apart: Segments that are not.
    """

    together: tuple[tuple[int, int], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()


UNDECIDED = Constraints()


def read_constraints(path: Path) -> Constraints:
    """Read lines "together I J" and "apart I J".

    Raises:
        InputError: The file is missing, or a line is neither.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text ({error}).") from error
    found: dict[str, list[tuple[int, int]]] = {"together": [], "apart": []}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 3 or words[0] not in found or not (words[1].isdecimal() and words[2].isdecimal()):
            raise InputError(f"{path}:{number}: a line looks like 'together 3 4' or 'apart 3 5'")
        found[words[0]].append((int(words[1]), int(words[2])))
    return Constraints(tuple(found["together"]), tuple(found["apart"]))


def check_pair(
    source: Document, target: Document, *, constraints: Constraints = UNDECIDED, force: bool = False
) -> bool:
    """Refuse what no encoder is needed to refuse.

    Args:
        source: With sentences.
        target: With sentences, in the other language.
        constraints: What a person has decided.
        force: Take the languages as they are said, whatever the letters say.

    Returns:
        Whether the source is the Chinese side.

    Raises:
        AlignmentError: One side is empty, both are in one language, or a constraint cannot be.
    """
    if not force:
        for document in (source, target):
            _check_language(document)
    chinese_first = _direction(source, target)
    _check_constraints(constraints, source, target)
    return chinese_first


def _direction(source: Document, target: Document) -> bool:
    """Tell whether the source is the Chinese side.

    Raises:
        AlignmentError: A side is empty, or both are in one language.
    """
    for document in (source, target):
        if not document.sentences:
            raise AlignmentError(f"{document.name} has no text: there is nothing to align.")
    source_zh, target_zh = source.lang.startswith("zh"), target.lang.startswith("zh")
    if source_zh and target_zh:
        raise AlignmentError(f"{source.name} and {target.name} are both in Chinese: one of the two must be English.")
    if source.lang == target.lang == "en":
        raise AlignmentError(f"{source.name} and {target.name} are both in English: one of the two must be Chinese.")
    if not source_zh and not target_zh and "und" not in (source.lang, target.lang):
        raise AlignmentError(f"Neither {source.name} nor {target.name} is in Chinese: one of the two must be.")
    return source_zh or (not target_zh and target.lang != "und")


def _check_language(document: Document) -> None:
    """Hold a document's language, which a person may have given, against its letters; without letters anything goes.

    Raises:
        AlignmentError: It is said to be Chinese and has no Chinese character, or not to be and most letters are.
    """
    letters = [character for segment in document.segments for character in segment if character.isalpha()]
    chinese = sum(map(bool, map(_HAN.match, letters)))
    if letters and document.lang.startswith("zh") and not chinese:
        raise AlignmentError(
            f"{document.name} is taken for Chinese, and no Chinese character is in it: check the pair, or add --force."
        )
    if document.lang not in ("und", "") and not document.lang.startswith("zh") and chinese > len(letters) / 2:
        raise AlignmentError(
            f"{document.name} is taken for {document.lang}, and most of its letters are Chinese: check --source-lang "
            "and --target-lang, or add --force."
        )


def _check_constraints(constraints: Constraints, source: Document, target: Document) -> None:
    """See that what a person has decided can be.

    Raises:
        AlignmentError: A segment does not exist, or two decisions contradict each other.
    """
    for i, j in constraints.together:
        for number, document in ((i, source), (j, target)):
            size = len(document.sentences)
            if number >= size:
                raise AlignmentError(
                    f"There is no segment {number} in {document.name}: its {size} segments count from 0."
                )
    if both := set(constraints.together) & set(constraints.apart):
        i, j = min(both)
        raise AlignmentError(f"Segments {i} and {j} cannot be both together and apart.")
    top = (-1, -1)
    for i, j in sorted(set(constraints.together)):
        if j < top[1] and max(i - top[0], top[1] - j) >= MAX_SPAN:
            raise AlignmentError(
                f"Segments {top[0]} and {top[1]} together, and {i} and {j}: these cross, too far apart for one bead."
            )
        top = max(top, (i, j), key=lambda pair: pair[1])
