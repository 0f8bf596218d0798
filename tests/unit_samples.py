"""Units for the tests of formats: samples, a hypothesis strategy, and equality in which NaN equals NaN."""

import math
from collections.abc import Iterable
from dataclasses import asdict, replace
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from bilingual.bitext import Issue, TranslationUnit
from bilingual.formats.fields import COLUMNS

MACHINE = TranslationUnit(
    id="00112233aabbccdd",
    document="news/lake.txt",
    paragraph=2,
    sentence=1,
    kind="text",
    level=0,
    source_lang="zh-Hans",
    target_lang="en",
    source="青禾镇去年接待游客3.2万人次。",
    target="Qinghe welcomed 32,000 visitors last year.",
    log_prob=-0.41253,
    confidence=None,
    links=((0, 3, 0, 6), (7, 9, 24, 32)),
    issues=(
        Issue("number-missing", "warning", 32000.0, "3.2万 is not in the translation.", ((7, 11),), ((16, 22),)),
        Issue("long", "info", math.nan, ""),
    ),
)
HUMAN = replace(
    MACHINE,
    id="ffeeddccbbaa0099",
    paragraph=1,
    kind="heading",
    level=2,
    source="湖水变清了",
    target='The lake is "clear" <again> & again',
    log_prob=math.nan,
    confidence=0.875,
    links=(),
    issues=(),
    origin="human",
    status="edited",
    note="checked by Bo\nand Ana",
)
UNITS = [HUMAN, MACHINE]


def plain(units: Iterable[TranslationUnit]) -> list[dict[str, Any]]:
    """Give units as dictionaries in which a NaN is None, so that `==` compares what they hold."""
    return [_without_nan(asdict(unit)) for unit in units]


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def file_of(data: bytes | str) -> BytesIO:
    return BytesIO(data.encode() if isinstance(data, str) else data)


def table_form(unit: TranslationUnit) -> TranslationUnit:
    """Give what a table can hold of a unit: no links, and of an issue its code and severity."""
    return replace(
        unit, links=(), issues=tuple(Issue(issue.code, issue.severity, math.nan, "") for issue in unit.issues)
    )


_finite = st.floats(allow_nan=False, allow_infinity=False)
_offset = st.integers(0, 1000)
_spans = st.lists(st.tuples(_offset, _offset), max_size=2).map(tuple)
_word = st.from_regex(r"[a-z][a-z-]{0,11}", fullmatch=True)


def units_of(text: st.SearchStrategy[str]) -> st.SearchStrategy[TranslationUnit]:
    """Draw units whose texts come from `text`."""
    issue = st.builds(
        Issue,
        code=_word,
        severity=st.sampled_from(["info", "warning", "error"]),
        value=st.one_of(_finite, st.just(math.nan)),
        message=text,
        source_spans=_spans,
        target_spans=_spans,
    )
    return st.builds(
        TranslationUnit,
        id=_word,
        document=text,
        paragraph=st.integers(0, 10**6),
        sentence=st.integers(0, 10**6),
        kind=st.sampled_from(
            ["title", "heading", "text", "list_item", "quote", "code", "caption", "metadata", "trailer"]
        ),
        level=st.integers(0, 6),
        source_lang=st.sampled_from(["zh", "zh-Hans", "zh-Hant", "zh-TW", "und"]),
        target_lang=st.sampled_from(["en", "en-GB"]),
        source=text,
        target=text,
        log_prob=st.one_of(_finite, st.just(math.nan)),
        confidence=st.one_of(st.none(), st.floats(0, 1)),
        links=st.lists(st.tuples(_offset, _offset, _offset, _offset), max_size=2).map(tuple),
        issues=st.lists(issue, max_size=2).map(tuple),
        origin=st.sampled_from(["machine", "human", "copy", "memory", "repair:beam"]),
        status=st.sampled_from(["", "accepted", "edited", "rejected"]),
        note=text,
        extra=st.just(()),
    )


def extras_of(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Draw names of extra columns."""
    return st.lists(text.filter(lambda name: name not in COLUMNS), max_size=2, unique=True)
