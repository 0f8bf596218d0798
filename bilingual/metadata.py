"""Source lines, datelines, bylines: the fixed labels of Chinese news pages and their English.

A timestamp is copied (年月日 becomes the ISO date), a label comes from a table, and only what is left, mostly names of
papers and people, goes to the engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LABELS", "Part", "metadata_parts"]

LABELS = {
    "本报记者": "Our reporter",
    "本网记者": "Our reporter",
    "本刊记者": "Our reporter",
    "实习记者": "Reporter trainee",
    "见习记者": "Reporter trainee",
    "记者": "Reporter",
    "通讯员": "Correspondent",
    "特约记者": "Special correspondent",
    "责任编辑": "Editor in charge",
    "责编": "Editor in charge",
    "编辑": "Editor",
    "主编": "Editor-in-chief",
    "文章来源": "Source",
    "信息来源": "Source",
    "稿件来源": "Source",
    "来源": "Source",
    "出处": "Source",
    "作者": "Author",
    "文": "Text",
    "译者": "Translator",
    "摄影": "Photo",
    "图": "Photo",
    "图片来源": "Photo source",
    "供图": "Photo provided by",
    "审核": "Reviewed by",
    "审校": "Reviewed by",
    "校对": "Proofread by",
    "发布时间": "Published",
    "发布日期": "Published",
    "发表时间": "Published",
    "更新时间": "Updated",
    "时间": "Time",
    "日期": "Date",
    "原标题": "Original title",
    "关键词": "Keywords",
    "标签": "Tags",
    "栏目": "Section",
    "分类": "Category",
    "浏览": "Views",
    "浏览次数": "Views",
    "阅读": "Views",
    "点击": "Views",
    "点击数": "Views",
    "评论": "Comments",
    "字号": "Font size",
    "打印": "Print",
    "分享": "Share",
    "分享到": "Share to",
    "详细": "Details",
    "完": "End",
}

_LONGEST_FIRST = "|".join(sorted(LABELS, key=len, reverse=True))
_TOKEN = re.compile(
    rf"""(?P<date>(?P<y>\d{{4}})\s?年\s?(?P<m>\d{{1,2}})\s?月\s?(?P<d>\d{{1,2}})\s?日)
    | (?P<stamp>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[T\s]\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?
              | \d{{1,2}}:\d{{2}}(?::\d{{2}})?)
    | (?P<label>(?<![^\W\d_])(?:{_LONGEST_FIRST}))(?=\s*[:：／/\s])(?P<colon>\s*[:：／/])?
    | (?P<alone>(?<=[【\[（(])(?:{_LONGEST_FIRST})(?=[】\]）)]))""",
    re.VERBOSE,
)
_BRACKETS = str.maketrans("（）【】：；，、", "()[]:;,,")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a metadata line: English text as it stands, or (`decode`) Chinese that the engine translates."""

    text: str
    decode: bool


def metadata_parts(text: str) -> list[Part]:
    """Divide a metadata line into what is known and what the engine has to translate.

    Joining the parts, the decoded ones replaced by their translation, gives the English line.

    >>> [(p.text, p.decode) for p in metadata_parts("2016-10-24 09:51:29 来源:东湖日报 责任编辑:林月")]
    [('2016-10-24 09:51:29 Source: ', False), ('东湖日报', True), (' Editor in charge: ', False), ('林月', True)]
    """
    parts: list[Part] = []
    position = 0
    for match in _TOKEN.finditer(text):
        parts += _between(text[position : match.start()])
        if match["date"]:
            known = f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}"
        elif match["stamp"]:
            known = match["stamp"]
        elif match["alone"]:
            known = LABELS[match["alone"]]
        else:
            known = LABELS[match["label"]] + (": " if match["colon"] else "")
        parts.append(Part(known, False))
        position = match.end()
    parts += _between(text[position:])
    return _merged(parts)


def _between(text: str) -> list[Part]:
    """Divide the text between tokens: Chinese to decode, brackets and white space as they are in English."""
    core = text.strip(" \t\u00a0\u3000()（）[]【】|｜")
    if not _HAN.search(core):
        return [Part(text.translate(_BRACKETS).replace("\u3000", " ").replace("\u00a0", " "), False)] if text else []
    start = text.index(core)
    return [*_between(text[:start]), Part(core, True), *_between(text[start + len(core) :])]


def _merged(parts: list[Part]) -> list[Part]:
    """Join neighbours that need no engine; one space after a colon, none doubled."""
    merged: list[Part] = []
    for part in parts:
        if merged and not part.decode and not merged[-1].decode:
            before = merged[-1].text
            merged[-1] = Part(before + (part.text.lstrip() if before.endswith(" ") else part.text), False)
        else:
            merged.append(part)
    return merged
