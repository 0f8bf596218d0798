"""Names: one that is spelled in two ways within a document.

Two witnesses say which words of a target stand for a name. A Chinese name is spelled by its sounds: once a target has
“Wangchuan” where the source has 望川, the name is known. A foreign name is written with characters that are used for
little else (克里斯托弗); the capitalised word that stands in the same rows, and in no other, is what it became. A row
that has the name, but instead of its spelling one that is much alike, spells it differently.

What is rendered by its meaning ("Bluestone" for 青石) or left out is not found: the check prefers silence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from bilingual.bitext import Issue, Span, TranslationUnit
from bilingual.checks.evidence import Evidence
from bilingual.checks.sounds import Heard, letters_of

__all__ = ["check_names"]

MIN_LIKENESS = 0.7
"""Levenshtein similarity, in [0, 1], from which two spellings are taken for spellings of one name: half the pairs of
different Chinese names of the same length are below 0.5, a slip of one letter in seven is above 0.8."""
MIN_FOREIGN_LIKENESS = 0.75
"""The same for foreign names, for which the sound is no second witness."""
_MIN_LETTERS = 5
"""Letters of the shortest spelling: shorter ones are alike by chance."""
_MOST_WORDS = 3
"""Words of the longest spelling."""
_MIN_FOREIGN = 3
"""Characters of the shortest foreign name."""
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]+(?:['’-][^\W\d_]+)*")
_SYLLABLES = re.compile(r"(?:(?:[zcs]h?|[bpmfdtnlgkhjqxrwy])?(?:[aeiouv]{1,3})(?:ng?|r)?){2,}")
_TRANSLITERATED = re.compile(
    "(?:[阿埃艾爱安昂奥澳巴芭白拜班邦贝本比彼宾波伯博布采查茨达戴丹道德登邓蒂迪丁杜顿多厄恩尔法凡菲费芬丰佛弗福夫富盖甘冈戈哥格"
    "葛古圭哈海汉豪赫亨华惠霍基吉加贾简杰金卡凯坎康考柯科克肯库夸昆拉莱赖兰朗劳勒雷蕾黎里理利莉丽廉林琳隆卢鲁路伦罗洛略马玛迈麦曼芒"
    "梅门蒙米密敏摩莫默姆木穆拿纳娜奈南内尼妮涅宁纽诺帕潘佩彭皮平珀普奇乔切钦琼丘让热仁日荣瑞萨塞赛桑瑟森沙莎山尚绍申圣施史丝斯"
    "松苏索塔泰坦汤唐特提廷图托瓦威韦维魏温文沃乌武西希锡夏肖谢欣休许雪逊雅亚延扬耶叶伊因英尤于约赞泽扎詹珍治朱兹宗佐·]|(?<=伊)万){3,}"
)
"""Characters that foreign names are written with."""
_DERIVED = re.compile(r"(?:['’]s|ians?|ans?|nese|ese|ish|ns?|ic|is|es|ia|[aeisy])$")
_OFFICIAL = frozenset({"peking", "tsinghua", "soochow", "canton", "amoy", "yangtze", "chungking", "nanking"})
"""Older spellings that are part of a name and stay beside the new one."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Capitalised words in a row: their letters alone, folded, and where they stand."""

    letters: str
    span: Span


def check_names(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report names that most rows of a document spell in another way: code `name-inconsistent`.

    A warning where the usual spelling stands in two rows at least, otherwise an info.
    """
    rows = [
        index
        for index, unit in enumerate(units)
        if unit.source_lang.startswith("zh") and unit.target_lang.startswith("en") and unit.source and unit.target
    ]
    if len(rows) < 2:
        return
    runs = {index: _runs(units[index].target) for index in rows}
    reported: set[tuple[int, Span]] = set()
    for index, run, name, usual, count in [*_chinese(units, runs), *_foreign(units, runs)]:
        if (index, run.span) in reported:
            continue
        reported.add((index, run.span))
        written = units[index].target[slice(*run.span)]
        message = f"{name} is “{usual}” elsewhere, here “{written}”."
        places = tuple(match.span() for match in re.finditer(re.escape(name), units[index].source))
        yield (
            index,
            Issue("name-inconsistent", "warning" if count > 1 else "info", float(count), message, places, (run.span,)),
        )


_Finding = tuple[int, _Run, str, str, int]
"""Unit, the odd spelling, the name, its usual spelling, rows with that."""


def _chinese(units: Sequence[TranslationUnit], runs: Mapping[int, Sequence[_Run]]) -> Iterator[_Finding]:
    """Find names that are spelled by their sounds in one row, and nearly so in another."""
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for index, found in runs.items():
        source = units[index].source
        likely = [run.letters for run in found if _SYLLABLES.fullmatch(run.letters)]
        heard = Heard(source if likely else "")
        for letters in likely:
            for start, end in heard.places(letters):
                spelled[source[start:end]][letters] += 1
    rows: dict[str, list[int]] = defaultdict(list)
    for index, name in _rows_with(spelled, units, runs):
        rows[name].append(index)
    for name, indices in rows.items():
        by_sound = spelled[name].most_common(1)[0][0]
        spellings = {index: _spelling(by_sound, spelled[name], units[index], runs[index]) for index in indices}
        counts = Counter(run.letters for run in spellings.values() if run)
        usual, count = max(counts.items(), key=lambda item: (item[1], item[0] == by_sound), default=("", 0))
        shown = next(
            (units[index].target[slice(*run.span)] for index, run in spellings.items() if run and run.letters == usual),
            "",
        )
        for index, run in spellings.items():
            if run and run.letters != usual and usual not in letters_of(units[index].target):
                yield index, run, name, shown, count


def _spelling(by_sound: str, sounds: Iterable[str], unit: TranslationUnit, runs: Iterable[_Run]) -> _Run | None:
    """Find what stands for a name in a row: its sounds, or else the capitalised words most like them."""
    likely = []
    for run in runs:
        if run.letters == by_sound:
            return run
        likeness = _likeness(run.letters, by_sound)
        if likeness >= MIN_LIKENESS and not _is_part(run.letters, by_sound):
            likely.append((likeness, run))
    if not likely or by_sound in letters_of(unit.target):
        return None
    heard = Heard(unit.source)
    own = [pair for pair in likely if pair[1].letters in sounds or not any(heard.places(pair[1].letters))]
    return max(own, key=lambda pair: pair[0])[1] if own else None


def _foreign(units: Sequence[TranslationUnit], runs: Mapping[int, Sequence[_Run]]) -> Iterator[_Finding]:
    """Find names in transliteration characters, whose usual word stands in no row without them."""
    named: dict[str, list[int]] = defaultdict(list)
    words: Counter[str] = Counter()
    for index, found in runs.items():
        words.update({run.letters for run in found})
        for name in {match[0].strip("·") for match in _TRANSLITERATED.finditer(units[index].source)}:
            named[name].append(index)
    for name, rows in named.items():
        if len(rows) < 2 or len(name) < _MIN_FOREIGN:
            continue
        here = Counter(letters for index in rows for letters in {run.letters for run in runs[index]})
        own = {letters for letters, n in here.items() if len(letters) >= _MIN_LETTERS and words[letters] == n}
        usual = max(own, key=lambda letters: (here[letters], letters), default="")
        if here[usual] < 2 or 2 * here[usual] < len(rows):
            continue
        shown = next(
            units[index].target[slice(*run.span)] for index in rows for run in runs[index] if run.letters == usual
        )
        for index in rows:
            if usual in letters_of(units[index].target):
                continue
            likely = [
                (likeness, run)
                for run in runs[index]
                if run.letters in own
                and (likeness := _likeness(run.letters, usual)) >= MIN_FOREIGN_LIKENESS
                and not _is_part(run.letters, usual)
                and _stem(run.letters) != _stem(usual)
            ]
            if likely:
                yield index, max(likely, key=lambda pair: pair[0])[1], name, shown, here[usual]


def _runs(target: str) -> list[_Run]:
    """Give every one to three capitalised words in a row."""
    open_runs: list[_Run] = []
    result: list[_Run] = []
    for match in _CAPITALISED.finditer(target):
        start, end = match.span()
        word = match[0]
        if word.endswith(("'s", "’s")):
            word, end = word[:-2], end - 2
        letters = letters_of(word)
        joins = target[start - 1 : start] == " "
        longer = [
            _Run(run.letters + letters, (run.span[0], end)) for run in open_runs if joins and run.span[1] == start - 1
        ]
        open_runs = [_Run(letters, (start, end)), *longer[: _MOST_WORDS - 1]]
        result += open_runs
    return result


def _likeness(letters: str, usual: str) -> float:
    if len(letters) < _MIN_LETTERS or letters in _OFFICIAL:
        return 0.0
    return Levenshtein.normalized_similarity(letters, usual, score_cutoff=MIN_LIKENESS)


def _is_part(letters: str, usual: str) -> bool:
    """Say whether one spelling is the other and more: a surname, or a name with a word before or behind it."""
    return letters in usual or usual in letters


def _stem(word: str) -> str:
    """Cut off what makes adjectives and plurals of a name."""
    return _DERIVED.sub("", word)


def _rows_with(
    names: Iterable[str], units: Sequence[TranslationUnit], rows: Iterable[int]
) -> Iterator[tuple[int, str]]:
    """Give each row and each of the names that stands in its source and in no longer one of them there."""
    by_start: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=len, reverse=True):
        by_start[name[:2]].append(name)
    for index in rows:
        source = units[index].source
        found: list[str] = []
        for start in range(len(source) - 1):
            for name in by_start.get(source[start : start + 2], ()):
                if source.startswith(name, start):
                    found.append(name)
        for name in dict.fromkeys(found):
            if not any(name != other and name in other for other in found):
                yield index, name
