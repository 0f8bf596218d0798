"""Lines about the article: when, where from, who wrote and edited it."""

from __future__ import annotations

import re

__all__ = ["has_stamp", "is_byline", "is_metadata", "is_stamp", "label_of"]

_DATE = (
    r"(?:\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}(?!\d)|\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?[日号號])"
    r"(?:\s?[(（]?(?:星期|周|週)[一二三四五六日天][)）]?)?"
)
_ENGLISH_DATE = (
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s)?(?:(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?\s\d{1,2},?\s\d{4}|"
    r"\d{1,2}\s(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d{4})"
)
_TIME = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_STAMP = re.compile(rf"(?:{_DATE}|{_ENGLISH_DATE})(?:(?:[\s\u00a0T]|at\s)*{_TIME}(?:\s?[AaPp]\.?[Mm]\.?)?)?")
_LABEL = re.compile(
    r"((?:新闻|新聞|稿件|文章|信息|图片|圖片|本文)?(?:来源|來源)|稿源|出处|出處|责任编辑|責任編輯|责编|責編|编辑|編輯|编审|編審|作者|"
    r"(?:本报|本報|本网|本網|特约|特約|见习|見習|实习|實習)?(?:记者|記者)|通讯员|通訊員|实习生|實習生|"
    r"(?:发布|發布|发表|發表|更新|发稿|發稿)(?:时间|時間|日期|于|於)?|(?:时间|時間|日期)(?=\s?[:：]\s?\d{4})|"
    r"字号|字號|字体|字體|浏览(?:次数|量)?|瀏覽(?:次數|量)?|阅读(?:数|量)?|閱讀(?:數|量)?|点击(?:数|量)?|點擊(?:數|量)?|评论|評論|"
    r"撰文|文字|摄影|攝影|审核|審核|校对|校對|监制|監製|供稿|原标题|原標題|译者|譯者|翻译|翻譯|文|图|圖|"
    r"[Ss]ource|[Ee]ditors?|[Aa]uthors?|[Rr]eporters?|[Pp]ublished|[Uu]pdated|[Pp]osted|[Dd]ate)\s?[:：／/]\s?"
)
_SEPARATORS = re.compile(r"[\s\u00a0|｜·•,，;；/／\-]+")
_LONG_VALUE_LABELS = ("原标题", "原標題")
_MAX_VALUE = 24
_MAX_LONG_VALUE = 60
_MAX_BARE = 16
"""Characters of a value, of an original headline, and of a word without a label (the paper's name after the time)."""
_PAPER = re.compile(r"(?:[网網报報社台臺刊端线線道号號志誌]|\.\w{2,4}|[晴阴陰雨雪风風云雲])$")
"""How the name of a paper or a site ends (or the weather of a diary): all that follows a bare date unlabelled."""
_NOT_IN_VALUE = re.compile(r"[。！？!?，,；;…“”]")
_MAX_LINE = 160

_ROLE = (
    r"(?:(?:本报|本報|本刊|本网|本網|本台|新华社|特约|特約|见习|見習|实习|實習|全媒体|首席|驻\w{1,4})*"
    r"(?:记者|記者|通讯员|通訊員|评论员|評論員|实习生|實習生|撰稿人|编辑|編輯))"
)
_NAME = r"[\u4e00-\u9fff]{1,4}(?:[·•][\u4e00-\u9fff]{1,6})?"
_NAMES = rf"[\s\u00a0]*{_NAME}(?:[\s\u00a0、/]+{_NAME}){{0,5}}[\s\u00a0]*"
_BYLINE = re.compile(rf"(?:{_ROLE}{_NAMES}){{1,4}}(?:报道|報導|报导|文并图|文\s?/\s?图|摄影报道|摄|攝)?$")
_IN_BRACKETS = re.compile(r"[（(]([^（()）]{2,60})[)）]$")
_ABOUT_AUTHOR = re.compile(
    r"记者|記者|通讯员|通訊員|编辑|編輯|来源|來源|作者|供稿|撰文|整理|实习生|實習生|编译|編譯|综合报道|原载|原載|转自|轉自|翻译|翻譯|译者"
)
_ENGLISH_BYLINE = re.compile(r"By\s(?:[A-Z][\w.'’-]*\s?(?:and\s|,\s)?){1,7}$")


def is_stamp(text: str) -> bool:
    """Tell whether a line is a date with or without a time, and nothing else.

    >>> is_stamp("2024-04-16 10:05:41"), is_stamp("2024年4月16日起施行")
    (True, False)
    """
    return len(text) <= _MAX_LINE and _STAMP.fullmatch(text.strip(" \u00a0()（）[]")) is not None


def has_stamp(text: str) -> bool:
    """Tell whether a line starts with a date."""
    return _STAMP.match(text) is not None


def label_of(text: str) -> str | None:
    """Give the label that a line starts with (来源, 记者 ...), if any."""
    found = _LABEL.match(text)
    return found[1] if found else None


def is_metadata(text: str) -> bool:
    """Tell whether a line consists of dates and labelled values: "2024-04-18 08:30 来源:某报 责任编辑:某某".

    A word without a label counts after a date or a label only, and only when it is short.
    """
    if len(text) > _MAX_LINE:
        return False
    position, known, labelled = 0, 0, False
    while position < len(text):
        if found := _SEPARATORS.match(text, position):
            position = found.end()
        elif found := _STAMP.match(text, position):
            position, known = found.end(), known + 1
        elif found := _LABEL.match(text, position):
            value_end = _end_of_value(text, found.end())
            limit = _MAX_LONG_VALUE if found[1] in _LONG_VALUE_LABELS else _MAX_VALUE
            value = text[found.end() : value_end]
            if len(value) > limit or (limit == _MAX_VALUE and _NOT_IN_VALUE.search(value)):
                return False
            position, known, labelled = value_end, known + 1, True
        elif not known:
            return False
        else:
            value_end = _end_of_value(text, position)
            value = text[position:value_end]
            if len(value) > _MAX_BARE or _NOT_IN_VALUE.search(value):
                return False
            if not (labelled or _PAPER.search(value)) or not _SEPARATORS.match(text, position - 1):
                return False
            if text[position - 1] in ",，;；":  # a sentence that opens with a date
                return False
            position = value_end
    return known > 0


def _end_of_value(text: str, start: int) -> int:
    """Find where a value ends: at the next label or date, or at the end of the line."""
    ends = [found.start() for pattern in (_LABEL, _STAMP) if (found := pattern.search(text, start + 1))]
    return min(ends, default=len(text))


def is_byline(text: str, near_edge: bool) -> bool:
    """Tell whether a line names the people behind the article, in parentheses or (near the edge only) without.

    >>> is_byline("(本报记者 季安然)", False), is_byline("本报记者 季安然", True), is_byline("(他笑了)", False)
    (True, True, False)
    """
    if len(text) > _MAX_LINE:
        return False
    if found := _IN_BRACKETS.match(text):
        return _ABOUT_AUTHOR.search(found[1]) is not None and not re.search("[。！？]", found[1])
    return near_edge and (_BYLINE.match(text) is not None or _ENGLISH_BYLINE.match(text) is not None)
