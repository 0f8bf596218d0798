"""Negation: a "not" on one side alone. Off unless asked for: languages negate in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.evidence import Evidence

__all__ = ["check_negation"]

# Words that contain a negating character and negate nothing, or are translated by a word of their own.
_LEXICALISED = re.compile(
    "不断|不仅|不但|不光|不只|不止|不过|不少|不同|不久|不错|不管|不论|不妨|不禁|不愧|不得不|不必说|不约而同|不一而足|不知不觉|不由|不然|不料|不惜"
    "|不时|不安|不满|不利|不良|不法|不足|不幸|不便|不当|不已|不等|不锈钢|不动产|不对称|不善|不耐|不屈|不朽|不凡|不菲|不俗|不息|不懈|不倒翁|不乏|不外"
    "|不屑|不忍|不免|不难|不失|不如|不断|不得已|差不多|好不容易|了不起|对不起|来不及|用不着|说不定|巴不得|恨不得|舍不得|忍不住|禁不住|莫不|无不|何不"
    "|没落|没收|淹没|出没|埋没|没准|未来|未必|未免|未婚|未知|未成年|尚未可知|从未如此|无非|无数|无论|无疑|无线|无限|无比|无人机|无人|无法无天|无奈|无穷"
    "|无形|无辜|无聊|无私|无锡|无所谓|无意|毫无疑问|无公害|无缝|无偿|无障碍|非常|非法|非洲|非凡|非但|非得|非遗|除非|无非|是非|并非易事|莫非|莫斯科|莫名"
    "|莫过于|别人|别的|特别|分别|区别|级别|性别|个别|类别|鉴别|告别|别墅|别致|识别|差别|国别|勿忘|防不胜防|不可思议|不可或缺|不胜|绝不相"
)
_SOURCE = re.compile("不|没|未|无|非|别(?=[把让给再去来说怕急忘动])|勿|莫|否认|拒绝|禁止|从来不|休想|甭")
_TARGET = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nothing|nobody|nowhere|cannot|without|hardly|barely|scarcely|rarely|seldom|few|little|"
    r"fail\w*|lack\w*|refus\w*|den(?:y|ies|ied|ying)|reject\w*|ban\w*|prohibit\w*|forbid\w*|avoid\w*|prevent\w*|stop\w*|unless|"
    r"except|instead|rather|free|absen\w+|miss\w*|nor|impossib\w+|illegal\w*|"
    r"un(?!der|til|it|ion|iv|iq|iform|cle|anim)\w{3,}|in(?:ability|complete|sufficient|valid|"
    r"capable|dependent|direct|correct|effective|adequate|consistent|formal|visible|secure|appropriate)\w*|im(?:proper|mature|"
    r"perfect|patient|mobile|moral)\w*|ir(?:regular|relevant|responsible|reversible)\w*|"
    r"dis(?!cuss|tric|tanc|play|cover|tribut|cipl|ease|aster|patch|tin|cern|cours|may|cret|h)\w{3,}|non\w*|less|\w+less(?:ly)?|"
    r"too|before|yet|only|exempt\w*|exclud\w*|beyond|out|difficult|hard|short|zero|wrong|bad|poor|far from|anything but)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_STRICT = re.compile(r"\b(?:not|never|no|none|nothing|nobody|neither|nor|cannot|without)\b|n['’]t\b", re.IGNORECASE)
_NOT_ONLY = re.compile(
    r"\bnot (?:only|just|merely|least)\b|\bno (?:doubt|matter|less than|fewer than|later than|more than|sooner)\b|\bNo\. ?\d",
    re.IGNORECASE,
)


def check_negation(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report a negation on one side that the other side shows no sign of: code `negation`, severity info."""
    for index, unit in enumerate(units):
        if not unit.target:
            continue
        source = _LEXICALISED.sub(lambda match: "\0" * len(match[0]), unit.source)
        ours = _SOURCE.search(source)
        if ours and not _TARGET.search(unit.target):
            message = f"The source negates (“{ours[0]}”), the target shows no negation."
            yield index, Issue("negation", "info", 1.0, message, (ours.span(),))
        elif not ours and not _SOURCE.search(unit.source):
            theirs = _STRICT.search(_NOT_ONLY.sub(lambda match: "\0" * len(match[0]), unit.target))
            if theirs:
                message = f"The target negates (“{theirs[0]}”), the source shows no negation."
                yield index, Issue("negation", "info", 1.0, message, (), (theirs.span(),))
