"""Language tags as other tools write them, and which of two languages is the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["choose_pair", "is_chinese", "read_tag"]


@lru_cache(maxsize=1024)
def read_tag(tag: str) -> str:
    """Give a tag its BCP 47 form: hyphens, and each part in its usual case.

    >>> read_tag("ZH_cn"), read_tag("zh-hans-CN"), read_tag("EN-US")
    ('zh-CN', 'zh-Hans-CN', 'en-US')
    """
    first, *rest = re.split("[-_]", tag.strip())
    sized = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(sized.get(len(part), str.lower)(part) for part in rest)])


def is_chinese(tag: str) -> bool:
    """Say whether a tag names a written Chinese.

    >>> is_chinese("zh-TW"), is_chinese("cmn-Hans"), is_chinese("za")
    (True, True, False)
    """
    return tag.split("-")[0] in ("zh", "zho", "chi", "cmn", "yue", "lzh")


def choose_pair(tags: Sequence[str]) -> tuple[int | None, int | None]:
    """Choose source and target among the languages of a unit: the first Chinese; English, or else the first other.

    >>> choose_pair(["en-US", "zh-CN", "zh-TW"]), choose_pair(["de", "en"])
    ((1, 0), (None, 1))
    """
    chinese = next((i for i, tag in enumerate(tags) if is_chinese(tag)), None)
    others = [i for i, tag in enumerate(tags) if not is_chinese(tag)]
    english = next((i for i in others if tags[i].split("-")[0] == "en"), None)
    return chinese, english if english is not None else (others[0] if others else None)
