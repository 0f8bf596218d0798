"""Text that was not translated: Chinese left in the target, nothing at all, addresses lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, Severity, TranslationUnit, visible
from bilingual.checks.evidence import Evidence

__all__ = ["check_addresses", "check_empty", "check_untranslated"]

_HAN_RUN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+|[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_COPIED_SHARE = 0.3  # of the target's visible characters: above it nothing was translated, below a word was left


def check_untranslated(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report Chinese left in the target: code `untranslated`; the Chinese of a name in brackets is only an info."""
    for index, unit in enumerate(units):
        if unit.target.isascii() or unit.kind == "code" or not unit.target_lang.startswith("en"):
            continue
        runs = list(_HAN_RUN.finditer(unit.target))
        if not runs:
            continue
        count = sum(len(run[0]) for run in runs)
        share = count / len(visible(unit.target))
        glossed = all(_is_gloss(unit.target, run) for run in runs)
        severity: Severity = "error" if share >= _COPIED_SHARE or not glossed else "info"
        quoted = "”, “".join(run[0] for run in runs[:3])
        message = (
            "The target is in Chinese."
            if share >= _COPIED_SHARE
            else f"“{quoted}” was left in Chinese ({count} character{'s' if count > 1 else ''})."
        )
        yield index, Issue("untranslated", severity, share, message, (), tuple(run.span() for run in runs))


def _is_gloss(text: str, run: re.Match[str]) -> bool:
    """Say whether the Chinese stands in brackets or quotes of its own."""
    return text[run.start() - 1 : run.start()] in tuple("(（[“\"'‘《「") and text[run.end() : run.end() + 1] in tuple(
        ")）]”\"'’》」,;"
    )


def check_empty(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report a text without a counterpart: code `empty`; a warning where people paired the texts."""
    for index, unit in enumerate(units):
        if unit.target.strip() and unit.source.strip():
            continue
        source, target = visible(unit.source), visible(unit.target)
        if source and not target:
            severity: Severity = "warning" if unit.origin == "human" else "error"
            message = "The source has no translation."
            yield index, Issue("empty", severity, float(len(source)), message, ((0, len(unit.source)),))
        elif target and not source:
            message = "The target has no source."
            yield index, Issue("empty", "warning", float(len(target)), message, (), ((0, len(unit.target)),))


def check_addresses(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report web and mail addresses of the source that the target lacks: code `url-email`."""
    for index, unit in enumerate(units):
        source = unit.source
        if "@" not in source and "://" not in source and "www." not in source:
            continue
        target = unit.target.lower()
        for match in _ADDRESS.finditer(source):
            address = match[0].rstrip(".,;:!?)'")
            if address.lower() not in target:
                span = (match.start(), match.start() + len(address))
                yield index, Issue("url-email", "error", 1.0, f"The target lacks the address {address}.", (span,))
