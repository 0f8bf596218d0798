"""Where a Chinese sentence ends.

A stop (。！？ and their half-width twins) ends a sentence outside quotes and brackets. Where a quote that holds a stop
is closed, its place decides:

- it leads the sentence (“这是对的。”他说。): the sentence goes on when a speech tag follows, else ends there;
- it is attributed (他说：“这是对的。”): the sentence ends with it;
- it is embedded (一句“救命！”惊动了全楼): the sentence goes on.

A quote of at most `MAX_QUOTE` code points is kept whole, however many stops it holds; a longer one is a speech, and is
split at each of its stops, its first sentence with what leads to it, its last with the speech tag behind it.
"""

from __future__ import annotations

import re

from bilingual.bitext import Sentence
from bilingual.segment.english import period_ends
from bilingual.segment.scan import CLOSERS, HAN, OPENERS, QUOTES, Scan, Stop, scan_text, skip_gap, split_sentences

__all__ = ["MAX_QUOTE", "segment_chinese"]

MAX_QUOTE = 60  # code points, about 45 tokens: half of what an engine takes in one piece, so that a tag fits beside it

_WINDOW = 80  # code points in which a speech tag is looked for

# Words that say that somebody speaks. 说 and 问 also stand in words that do not (小说, 问题), 道 in many (知道, 街道).
_SAYS = re.compile(
    "(?<![小传傳学學据據听聽游遊演解])(?<!二[话話]不)[说説說](?![明法服唱教客辞辭])|(?<![访訪学學疑顾顧慰])[问問](?![题題世卷候])"
    "|[喊嚷骂罵]|(?<![没沒]有回)(?<![没沒不人]回)(?<![不报報])答|表示|指出|[认認][为為]|强调|強調|(?<![据據])介[绍紹]|告[诉訴]|解[释釋]|[补補]充|透露|坦言|直言|感慨|感[叹嘆]"
    "|回[忆憶]|提醒|建[议議]|呼[吁籲]|承[认認]|宣布|宣佈|[声聲][称稱]|宣[称稱]|嘱咐|囑咐|吩咐|叮[嘱囑]|嘀咕|嘟囔|念叨|嘟哝|招呼"
    "|抱怨|安慰|[赞讚贊][叹嘆]|[惊驚]呼|[调調]侃|打趣|反[驳駁]|[总總][结結]|附和|咕[哝噥]|央求|哀求|[恳懇]求|催促|自[语語]|反映"
)
_SAYS_AT_END = re.compile(
    rf"(?:{_SAYS.pattern}|(?<!知)(?<![街报報味轨軌管隧频頻渠国國河车車通跑赛賽航])道|(?<![名简簡职職号號])[称稱]|(?<![惨慘鸟鳥狗猫貓鸡雞虫蟲])叫[嚷]?)"
    "(?:[着著了过過]|[我你您他她它][们們]?|[大众眾]家|起?[来來]|一[句声聲遍]|出[声聲])?$"
)
_BORROWED = re.compile("[据據]|根[据據]|按照")  # 据他介绍 leads to what follows, and is no tag of what stands before
_TAG_END = re.compile('[。！？!?…\n“‘「『﹁﹃"：:]')
_STOP = re.compile("[。！？!?]")
_COMMA = re.compile("[，,；;、]")
_GOES_ON = frozenset("，,、；;：:—）)》〉")
_QUOTE_GOES_ON = re.compile("的(?!的)|之(?!所以)")
_LEADING_GOES_ON = re.compile(
    "[这這](?:[句样樣种種番些话話是]|[个個]?[问問疑][题題])|等(?:等|[问問]|[话話]|[声聲])|一[句声聲番席]|[是成][为為]?"
)
_TERM = re.compile("[^。！？!?，,；;…]*")

# Characters of transliterated names: a half-width dot between two of them (乔治.布什) is the dot of a name.
_NAME = frozenset(
    "阿埃艾奥奧巴贝貝本比彼伯布查达達戴丹德蒂迪顿頓恩尔爾法菲夫弗格古哈赫霍基吉加杰傑卡凯凱康科克肯库庫拉莱萊兰蘭朗勒雷"
    "里利莉林琳卢盧鲁魯路伦倫罗羅洛马馬玛瑪麦麥曼蒙米姆穆娜纳納内尼诺諾帕佩皮珀普奇乔喬琼热萨薩塞桑莎史斯丝絲松索塔泰坦汤湯"
    "特图圖托瓦万萬威维維韦韋温文沃乌烏希夏辛休逊遜雅亚亞伊约約詹珍治"
)


def segment_chinese(text: str) -> tuple[Sentence, ...]:
    """Segment a Chinese paragraph.

    >>> [sentence.text for sentence in segment_chinese("“这是对的。”他说。什么？！你说什么！！！我不信。")]
    ['“这是对的。”他说。', '什么？！', '你说什么！！！', '我不信。']
    """
    roles: dict[int, str] = {}
    return split_sentences(
        scan_text(text, max_quote=MAX_QUOTE), lambda scan, stop, start: _ends(scan, stop, start, roles)
    )


def _ends(scan: Scan, stop: Stop, start: int, roles: dict[int, str]) -> bool:
    """Say whether the sentence that starts at `start` ends with a stop; `roles` remembers those of the quotes."""
    text = scan.text
    following = skip_gap(text, stop.end)
    if following == len(text):
        return True
    sign = text[following]
    if sign in _GOES_ON and not _starts_turn(text, following, stop):
        return False
    if stop.kind == "ellipsis":
        return _is_opening_quote(scan, following) and _speech_opens(scan, stop, following)
    if stop.kind == "dash" or (stop.kind == "period" and not _is_full_stop(scan, stop, start)):
        return False
    if not stop.closed:
        return True
    if _QUOTE_GOES_ON.match(text, following):
        return False
    if stop.outer is None:  # closed, but never opened
        return not _is_tag(text, stop.end)
    opener = text[stop.outer]
    if opener not in QUOTES:
        return opener in "(（[［" and stop.outer == start
    role = _role(scan, stop.outer, roles)
    if role == "embedded":
        return False
    if role == "attributed" or _is_opening_quote(scan, following):
        return True
    return not _LEADING_GOES_ON.match(text, following) and not _is_tag(text, stop.end)


def _starts_turn(text: str, index: int, stop: Stop) -> bool:
    """Say whether a dash behind a stop begins a turn of a dialogue; the last words of a text name an author."""
    return text[index] == "—" and not stop.closed and bool(_STOP.search(text, index))


def _is_opening_quote(scan: Scan, index: int) -> bool:
    """Say whether a quote opens at `index`; the forgotten partner of one does not matter."""
    sign = scan.text[index]
    return sign in QUOTES and (sign in OPENERS or index in scan.closer_of)


def _speech_opens(scan: Scan, stop: Stop, index: int) -> bool:
    """Say whether the quote at `index`, behind an ellipsis, begins a sentence and is no quoted term (……“黑车”……)."""
    text = scan.text
    if not stop.closed and _SAYS_AT_END.search(text, max(0, stop.start - _WINDOW), stop.start):
        return False
    end = scan.closer_of.get(index)
    if end is None or text[end + 1 : end + 2] in ("，", ","):
        return True
    return not _TERM.fullmatch(text, index + 1, end) or _is_tag(text, end + 1)


def _is_full_stop(scan: Scan, stop: Stop, start: int) -> bool:
    """Say whether one dot is a full stop: between Chinese characters, or at the end of a Latin sentence."""
    text, before = scan.text, scan.text[stop.start - 1 : stop.start]
    after = text[stop.mark : stop.mark + 1]
    if HAN.match(before) or before in CLOSERS or before in ("％", "%"):
        if before in _NAME and after in _NAME:
            return False
        if text[stop.start] == "．" and HAN.match(after):
            return False  # a full-width dot between characters is the dot of a name too
        return not (after.isascii() and after.isalnum())
    return not HAN.match(after) and period_ends(scan, stop, start)


def _role(scan: Scan, opener: int, roles: dict[int, str]) -> str:
    """Say what a quote is to its sentence: "leading", "attributed" or "embedded"; see the module."""
    if opener not in roles:
        roles[opener] = _find_role(scan, opener, roles)
    return roles[opener]


def _find_role(scan: Scan, opener: int, roles: dict[int, str]) -> str:
    text = scan.text
    left = text[max(0, opener - _WINDOW) : opener].rstrip()
    if not left or left[-1] in "。！？!?…—" or (left[-1] in OPENERS and left[-1] not in QUOTES):
        return "leading"
    last = opener - (opener - max(0, opener - _WINDOW) - len(left)) - 1  # index of the last visible code point
    if last in scan.opener_of and text[scan.opener_of[last]] in QUOTES:  # “甲！”“乙！”
        return "embedded" if roles.get(scan.opener_of[last]) == "embedded" else "leading"
    if left[-1] in CLOSERS:
        return "leading"
    if left[-1] in "：:":
        return "attributed"
    clause = re.split("[。！？!?…；;]", left)[-1]
    if left[-1] in "，,":
        spoken = _SAYS_AT_END.search(clause[:-1]) or re.search('[”’」』"]', clause)
        return "attributed" if spoken else "leading"
    inside = text[opener + 1 : scan.closer_of[opener]]
    several = len(re.findall("[。！？!?]+(?=.)", inside)) > 0
    return "attributed" if _SAYS_AT_END.search(clause) or several else "embedded"


def _is_tag(text: str, index: int) -> bool:
    """Say whether the words behind a quote, from `index`, say who spoke.

    They do when the first clause holds a word of speech, when a later clause of the same sentence ends in one, or when
    one clause leads into the next quote with a comma. Words that end in a colon lead to what follows.
    """
    window = text[index : index + _WINDOW]
    end = _TAG_END.search(window)
    clauses = [clause.strip() for clause in _COMMA.split(window[: end.start()] if end else window)]
    if _BORROWED.match(clauses[0]) or (end and end[0] in "：:"):
        return False
    if _SAYS.search(clauses[0]) or any(_SAYS_AT_END.search(clause) for clause in clauses):
        return True
    return bool(end and end[0] in '“「"' and len(clauses) == 2 and clauses[0] and not clauses[1])
