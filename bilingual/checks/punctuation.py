"""Marks that come in pairs or close a sentence: quotes, brackets, the final stop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, Severity, TranslationUnit
from bilingual.checks.evidence import Evidence

__all__ = ["check_brackets", "check_quotes", "check_terminal"]

_SOURCE_QUOTES = re.compile(r"“[^“”]*”|「[^「」]*」|『[^『』]*』|\"[^\"]*\"|＂[^＂]*＂|‘[^‘’]*’")
_TARGET_QUOTES = re.compile(
    r"“[^“”]*”|\"[^\"]*\"|``.*?''|«[^«»]*»|„[^„“”]*[“”]|(?<![\w’'])['‘](?![\s])[^'’]+(?:['’](?=\w)[^'’]*)*['’](?!\w)"
)
_ANY_QUOTE = re.compile(r"[\"“”„«»「」『』]|(?<!\w)['‘]|['’](?!\w)")
_ITALIC = re.compile(r"[*_]\w")
_SPEECH = re.compile("[，。！？；,!?;：]")
_SPEECH_CHARS = 8  # a quotation of so many characters is what somebody said, a shorter one a term or a nickname
_OPEN, _CLOSE = "([{（【［", ")]}）】］"
_LIST_ITEM = re.compile(r"^\s*[（(]?[0-9a-zA-Z一二三四五六七八九十]{1,3}[)）]|^\s*\d+[.、]")
_BRACKETED = re.compile(r"[（(【\[［][^（()）【】\[\]［］]*[)）】\]］]")
_CLOSERS = " \t\"'”’」』)）】]》〉*_"


def check_quotes(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report quotation marks that got lost, and a target whose marks do not pair: code `quotes`.

    Lost speech is a warning, a lost term in quotes an info: people drop those too.
    """
    for index, unit in enumerate(units):
        source, target = unit.source, unit.target
        if not target or not any(mark in source for mark in '“"「『＂‘'):
            continue
        quoted = [match for match in _SOURCE_QUOTES.finditer(source) if len(match[0]) > 2]
        n_target = len(_TARGET_QUOTES.findall(target))
        if len(quoted) > n_target:
            lost = len(quoted) - n_target
            none_left = not _ANY_QUOTE.search(target)
            speech = any(len(match[0]) > _SPEECH_CHARS and _SPEECH.search(match[0]) for match in quoted)
            severity: Severity = "warning" if none_left and (speech or lost > 1) else "info"
            message = f"The source has {_counted(len(quoted), 'quotation')}, the target {n_target or 'none'}."
            yield index, Issue("quotes", severity, float(lost), message, tuple(match.span() for match in quoted))
        elif target.count('"') % 2 and not source.count('"') % 2 and source.count("“") == source.count("”"):
            message = "A quotation mark of the target has no partner."
            at = target.rfind('"')
            yield index, Issue("quotes", "info", 1.0, message, (), ((at, at + 1),))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def check_brackets(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report brackets of the target that do not pair, and bracketed text that got lost: code `brackets`."""
    for index, unit in enumerate(units):
        source, target = unit.source, unit.target
        if not target:
            continue
        unpaired = _unpaired(target) if any(mark in target for mark in "()[]（）") else []
        if unpaired and not _unpaired(source) and not _LIST_ITEM.match(target):
            span = (unpaired[0], unpaired[0] + 1)
            yield (
                index,
                Issue(
                    "brackets", "warning", float(len(unpaired)), "A bracket of the target has no partner.", (), (span,)
                ),
            )
        elif "（" in source or "(" in source or "【" in source:
            lost = [match for match in _BRACKETED.finditer(source) if len(match[0]) > 3]
            if lost and not any(mark in target for mark in '([（【—–-,:"“'):
                message = f"The source has {_counted(len(lost), 'bracketed text')}, the target none."
                yield index, Issue("brackets", "info", float(len(lost)), message, tuple(match.span() for match in lost))


def _unpaired(text: str) -> list[int]:
    """Give the places of brackets without a partner; any closing bracket closes any opening one."""
    stack: list[int] = []
    unpaired: list[int] = []
    for match in re.finditer(r"[()\[\]{}（）【】［］]", text):
        if match[0] in _OPEN:
            stack.append(match.start())
        elif stack:
            stack.pop()
        elif not re.search(r"[:;=8][-']?$|\b[0-9a-zA-Z]{1,2}$", text[: match.start()]):  # not a smiley, not "a)"
            unpaired.append(match.start())
    return unpaired + stack


def check_terminal(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report a question that is none any more, and a sentence without its stop: code `terminal-punctuation`."""
    for index, unit in enumerate(units):
        source, target = unit.source.rstrip(_CLOSERS), unit.target.rstrip(_CLOSERS)
        if not source or not target:
            continue
        last, ours = source[-1], target[-1]
        spans = ((len(source) - 1, len(source)),), ((len(target) - 1, len(target)),)
        if last in "？?" and "?" not in target and "？" not in target:
            message = "The source asks a question, the target has no question mark."
            yield index, Issue("terminal-punctuation", "info", 1.0, message, *spans)
        elif last in "。！!" and ours == "?" and "？" not in source and "?" not in source:
            message = "The target asks a question, the source does not."
            yield index, Issue("terminal-punctuation", "info", 1.0, message, *spans)
        elif last == "。" and ours not in ".!?…:;。" and ours.isalpha() and ours.isascii():
            message = "The target has no final stop; it may be cut off."
            yield index, Issue("terminal-punctuation", "info", 1.0, message, *spans)
        elif last == "。" and ours in ",-–—":
            message = "The target ends in the middle of a sentence."
            yield index, Issue("terminal-punctuation", "info", 1.0, message, *spans)
