"""Repetition: n-grams that loop, a phrase said again, one word far too often."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, Severity, TranslationUnit
from bilingual.checks.evidence import Evidence

__all__ = ["check_repetition", "loops"]

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_HAN = re.compile("[\u3400-\u9fff]+")
_CHARACTERS = re.compile(r"(\w{1,6}?)\1{4,}|([!?。！？])\2{5,}")
_DOUBLES = frozenset({
    "had", "that", "very", "so", "many", "much", "really", "long", "far", "no", "yes", "yeah", "bye", "ha", "haha",
    "blah", "hey", "oh", "well", "there", "now", "knock", "ho", "hush", "tut", "please", "never", "again", "up",
    "down", "is", "was", "in", "on", "chop", "tick", "hip", "hear", "tsk", "wow", "go", "run", "big", "old",
    "little", "more", "dear", "boo", "woof", "ding",
})  # fmt: skip
"""Words that English does say twice in a row."""
_STOP = frozenset({
    "the", "a", "an", "of", "to", "in", "and", "on", "at", "by", "for", "with", "from", "as", "is", "are", "was",
    "were", "be", "been", "it", "its", "this", "that", "these", "those", "he", "she", "they", "we", "you", "i",
    "his", "her", "their", "our", "your", "my", "not", "no", "or", "but", "if", "so", "than", "then", "there",
    "will", "would", "can", "could", "has", "have", "had", "do", "does", "did", "which", "who", "whom", "what",
    "when", "where", "how", "all", "any", "each", "more", "most", "other", "some", "such", "only", "own", "same",
    "too", "very", "s", "t", "one", "two", "up", "out", "into", "about", "over", "after", "before", "between",
    "under", "again", "also", "just", "us", "them", "him", "me", "while", "both", "new", "said", "mr", "ms",
    "first", "percent", "year", "years", "yuan",
})  # fmt: skip
"""Words that say nothing by standing often."""
MAX_PERIOD = 60
"""Words of the longest loop that is looked for: two long sentences. Without a bound a long text takes for ever."""
_CHARACTERS_A_WORD = 1.3  # Chinese characters to an English word, in the pairs written for this project
_AGAIN_WORDS = 6  # a phrase of so many words said twice, with something between
_OVERUSED = 5  # times that one content word stands in a segment, when nothing in the source recurs half as often
_SHORT_LOOP = re.compile(r"([\u3400-\u9fff]{1,12})(?:[，,、！!。 …—-]*\1)+")
_LONG_LOOP = re.compile(r"([\u3400-\u9fff]{2,20})(?:[，,、！!。；; ”“…]*\1)+")


def loops(words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Find runs in which a group of at most `MAX_PERIOD` words follows upon itself.

    Returns:
        (first word, end, period): `words[i] == words[i - period]` for every i in the second copy and after; the run has
        at least two full copies. Sorted, none inside another.

    >>> loops("he went to the park to the park to the park".split())
    [(2, 11, 3)]
    """
    places: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MAX_PERIOD))
    found: list[tuple[int, int, int]] = []
    for i, word in enumerate(words):
        for j in reversed(places[word]):
            period = i - j
            if period > MAX_PERIOD or (found and i < found[-1][1]):
                break
            length = 0
            while i + length < len(words) and words[i + length] == words[j + length]:
                length += 1
            if length >= period:
                found.append((j, i + length, period))
                break
        places[word].append(i)
    return found


def check_repetition(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report repetitions in the target that the source does not have: code `repetition`."""
    for index, unit in enumerate(units):
        issue = _repetition(unit.source, unit.target)
        if issue is not None:
            yield index, issue


def _repetition(source: str, target: str) -> Issue | None:
    matches = list(_WORD.finditer(target))
    words = [match[0].lower() for match in matches]
    if len(set(words)) < len(words):
        for start, end, period in loops(words):
            severity = _loop_severity(target, matches[start:end], period)
            copies = (end - start) // period
            if severity is None or _repeats(source, copies, period):
                continue
            span = (matches[start].start(), matches[end - 1].end())
            phrase = " ".join(words[start : start + period])
            message = f"The target says “{phrase}” {'twice' if copies == 2 else f'{copies} times'} in a row."
            return Issue("repetition", severity, float(copies), message, (), (span,))
        return _again(source, matches, words) or _overused(source, matches, words)
    if (
        any(len(word) > 14 for word in words)
        and (match := _CHARACTERS.search(target))
        and not _CHARACTERS.search(source)
    ):
        message = f"The target repeats “{match[1] or match[2]}” {len(match[0]) // len(match[1] or match[2])} times."
        return Issue("repetition", "warning", float(len(match[0])), message, (), (match.span(),))
    return None


def _loop_severity(target: str, run: Sequence[re.Match[str]], period: int) -> Severity | None:
    """Grade a loop: a name or "very, very" is none, three words twice in one breath are an error."""
    phrase = [match[0].lower() for match in run[:period]]
    copies = len(run) // period
    if all(word.isdigit() or len(word) == 1 for word in phrase):
        return None
    if period == 1 and phrase[0] in _DOUBLES and copies < 5:
        return None
    if copies >= 3:
        return "error"
    if period == 2 and phrase[1] == "and" and (phrase[0].endswith("er") or phrase[0] in ("more", "less")):
        return None  # wider and wider and
    between = target[run[period - 1].end() : run[period].start()]
    at_end = not any(c.isalnum() for c in target[run[-1].end() :])
    if between.strip(" -") and not at_end:
        return None if period <= 2 else "warning"
    if period == 1:
        return None if "-" in between or run[0][0][0].isupper() else "warning"
    return "warning" if period == 2 else "error"


def _repeats(source: str, copies: int, period: int) -> bool:
    """Say whether the source has a loop of its own, hardly shorter, or recurring text as long as this."""
    for match in (_SHORT_LOOP if period < 3 else _LONG_LOOP).finditer(source):
        ours = match[0].count(match[1])
        if copies <= ours + 1:
            return True
    return copies < 3 and _recurring(source, round(_CHARACTERS_A_WORD * period)) >= 2


def _recurring(source: str, length: int) -> int:
    """Count how often the most frequent run of `length` Chinese characters stands in the source."""
    counts: Counter[str] = Counter()
    for match in _HAN.finditer(source):
        run = match[0]
        counts.update(run[i : i + length] for i in range(len(run) - length + 1))
    return max(counts.values(), default=0)


def _again(source: str, matches: Sequence[re.Match[str]], words: Sequence[str]) -> Issue | None:
    """Report a long phrase that stands twice with something between."""
    seen: dict[tuple[str, ...], int] = {}
    for i in range(len(words) - _AGAIN_WORDS + 1):
        gram = tuple(words[i : i + _AGAIN_WORDS])
        first = seen.setdefault(gram, i)
        if i - first >= _AGAIN_WORDS:
            if _recurring(source, 4) >= 2:
                return None
            spans = tuple((matches[k].start(), matches[k + _AGAIN_WORDS - 1].end()) for k in (first, i))
            message = f"The target says “{' '.join(gram)}” twice, the source nothing twice."
            return Issue("repetition", "info", 2.0, message, (), spans)
    return None


def _overused(source: str, matches: Sequence[re.Match[str]], words: Sequence[str]) -> Issue | None:
    """Report a content word that stands far more often than anything in the source."""
    counts = Counter(word for word in words if word not in _STOP and len(word) > 2)
    word, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    if count < _OVERUSED or word.isdigit() or count <= max(2 * _recurring(source, 2), _recurring(source, 1) + 1):
        return None
    spans = tuple(match.span() for match, other in zip(matches, words, strict=True) if other == word)
    message = f"The target says “{word}” {count} times, the source nothing so often."
    return Issue("repetition", "warning", float(count), message, (), spans)
