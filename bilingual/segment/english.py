"""Where an English sentence ends.

A stop ends a sentence when what follows looks like the beginning of one: a space, and then no small letter. A dot
behind an abbreviation or an initial ends it only before a word that begins sentences (in the U.S. The), behind a title
(Mr.) or the number of a list never. Quotes are treated as in Chinese: one of at most `MAX_QUOTE` code points is kept
whole, and a speech tag (“Who?” Tom asked.) stays with its quote.
"""

from __future__ import annotations

import re

from bilingual.bitext import Sentence
from bilingual.segment.scan import HAN, QUOTES, Scan, Stop, scan_text, skip_gap, split_sentences

__all__ = ["MAX_QUOTE", "period_ends", "segment_english"]

MAX_QUOTE = 180  # code points; an English text has about three times as many as its Chinese

_MONTHS = "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
# Matched against the word before the dot, in small letters.
_TITLE = re.compile(  # a name follows: never the end
    "mrs?|ms|dr|prof|gen|sen|reps?|gov|capt|col|lt|sgt|maj|cmdr|adm|rev|hon|pres|messrs|mme|mlle|dame|supt"
)
_LEADS_ON = re.compile(r"e\.?g|i\.?e|vs?|cf|viz|ca|approx|esp|incl")  # never the end either
_BEFORE_NUMBER = re.compile(  # no end before a number, else words like any other: No. He stayed.
    f"nos?|figs?|eqs?|secs?|ch|chap|vols?|pp?|art|para|op|nr|n°|tel|ext|{_MONTHS}"
)
_ABBREVIATION = re.compile(  # the end before a word that begins sentences
    "st|mt|ft|jr|sr|inc|ltd|co|corp|llc|bros|etc|dept|est|ave|rd|blvd|hwy|univ|assn|bldg|eds?|trans|mon|tues?|wed|thurs?"
    "|fri|ariz|ark|calif|colo|conn|fla|ga|kan|md|mich|minn|mont|neb|nev|okla|penn|tenn|tex|va|vt|wis|wyo|hrs?|sq|lbs?|oz"
    f"|figs?|vols?|{_MONTHS}"
)
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")  # U.S, D.C, Ph.D
_HOUR = re.compile(r"[ap]\.?m", re.IGNORECASE)
_AFTER_HOUR = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Eastern|Central|Mountain|Pacific|Beijing|[A-Z]{2,4}"
)
_STARTER = re.compile(
    "the|he|she|they|we|you|this|that|these|those|there|here|its?|his|her|their|our|my|your|i|but|and|so|if|when|while"
    "|after|before|although|though|because|since|now|then|what|who|why|how|where|which|whose|some|many|most|all|both"
    "|each|every|yes|one|another|such|meanwhile|moreover|however|still|yet|also|even|just|only|perhaps|in|on|at|as|for"
    "|from|by|with|without|to|an|not|nobody|nothing|later|today|yesterday|tomorrow|last|next|over|under|during|despite"
    "|once|until|let|did|do|does|is|are|was|were|can|could|would|should|don't|(?:i|it|that|there|he|she|they|we|you)['’](?:m|s|re|ve|ll|d)",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"[^\s\"“”‘(（\[—–/…：；，、。\u3400-\u9fff]*$")
_NEXT_WORD = re.compile(r"[\s\"'“”‘’«»(（\[［{—–•·*¿¡-]*([^\W_]+(?:['’][a-z]+)?)")
_LIST_NUMBER = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})$")
_AND_I = re.compile(r"\b(?:and|than|as|or|am|do|did|was) I$")
_SAID = (
    "(?:said|says?|asked|asks|replied|cried|shouted|whispered|answered|added|explained|told|continued|exclaimed|murmured"
    "|muttered|called|yelled|remarked|noted|observed|recalled|admitted|agreed|insisted|demanded|wondered"
    "|screamed|snapped|repeated|wrote|declared|announced|warned|urged|joked|begged|growled|stammered"
    "|inquired|interrupted|protested|retorted|suggested|pointed out|went on)"
)
# A subject of up to six words and the verb. Behind a full stop, where English would rather have a comma, the verb must
# close its clause: "It is right." He said. But: "It is right." He said that it was.
_TAG = re.compile(rf"(?:[^\s,.;:!?\"“”]+\s+){{1,6}}?{_SAID}\b(?!\s*:)")
_TAG_CLOSED = re.compile(_TAG.pattern + r"(?:\s+(?:to|with|in)\s[^,.;:!?\"“”]{1,40}|\s+\w+ly)?\s*[,.]")
_SPEECH_BEFORE = re.compile(rf"(?:[,:，：]|\b{_SAID})\s*$")
_GLUED = re.compile(r"(?:The|He|She|They|We|It|This|That|In|But|And|You|There)\s")


def segment_english(text: str) -> tuple[Sentence, ...]:
    """Segment an English paragraph.

    >>> [sentence.text for sentence in segment_english("Mr. Li left the U.S. The rest stayed. “Why?” Tom asked.")]
    ['Mr. Li left the U.S.', 'The rest stayed.', '“Why?” Tom asked.']
    """
    return split_sentences(scan_text(text, max_quote=MAX_QUOTE), _ends)


def _ends(scan: Scan, stop: Stop, start: int) -> bool:
    """Say whether the sentence that starts at `start` ends with a stop."""
    text = scan.text
    following = skip_gap(text, stop.end)
    if following == len(text):
        return True
    if text[stop.mark - 1] in "。！？｡":
        return text[following] not in ",，;；:："
    if text[following] in ",;:，；：、)）":
        return False
    if stop.kind == "period":
        if not period_ends(scan, stop, start):
            return False
    elif not _begins(scan, stop, following):
        return False
    if not stop.closed or stop.outer is None:
        return stop.kind != "dash" or stop.closed
    if text[stop.outer] not in QUOTES:
        return stop.outer <= start or bool(_STARTER.fullmatch(_next_word(text, following)))
    return _quote_ends(scan, stop, start, following)


def _quote_ends(scan: Scan, stop: Stop, start: int, following: int) -> bool:
    """Say whether the sentence ends with a quote that holds its stop, a capital letter following."""
    text, outer = scan.text, stop.outer
    assert outer is not None
    left = text[max(start, outer - 40) : outer]
    if outer <= start:
        tag = _TAG_CLOSED if stop.kind == "period" else _TAG
        return not tag.match(text, following, min(len(text), following + 120))
    if stop.kind == "period" or _SPEECH_BEFORE.search(left):
        return True
    inside = text[outer + 1 : stop.start]
    return inside.count(" ") > 2 or bool(_STARTER.fullmatch(_next_word(text, following)))  # the song “Help!” Tom wrote


def _begins(scan: Scan, stop: Stop, following: int) -> bool:
    """Say whether what follows a stop can be the beginning of a sentence."""
    text = scan.text
    if stop.end == following and not HAN.match(text[following]) and text[following] not in "“‘«(（[【《":
        return False
    word = _next_word(text, following)
    if not word:
        return True
    if word[0].islower() and not scan.caseless and word == word.lower():
        return False
    if stop.kind != "ellipsis":
        return True
    last = _WORD_BEFORE.search(text, max(0, stop.start - 30), stop.start)
    return word != "I" and word.lower() != (last[0].lower() if last else "")  # Who... Who are you?


def _next_word(text: str, index: int) -> str:
    """Give the word at `index`, behind opening signs, dashes and bullets; empty when there is none."""
    found = _NEXT_WORD.match(text, index, min(len(text), index + 60))
    return found[1] if found else ""


def period_ends(scan: Scan, stop: Stop, start: int) -> bool:
    """Say whether one dot behind Latin text or a number ends the sentence that starts at `start`."""
    text = scan.text
    following = skip_gap(text, stop.end)
    if following == len(text):
        return True
    found = _WORD_BEFORE.search(text, max(start, stop.start - 40), stop.start)
    word = found[0] if found else ""
    after = _next_word(text, following)
    if stop.end == following and _is_glued(text, following, word):
        return True
    if not _begins(scan, stop, following):
        return False
    begin = stop.start - len(word)
    lead = text[max(start, begin - 3) : begin].rstrip()[-1:]  # empty where the sentence starts
    if not stop.closed and _LIST_NUMBER.fullmatch(word) and lead in "：:；;(（•·*-":
        return False
    starts = bool(_STARTER.fullmatch(after))
    low = word.lower()
    if _TITLE.fullmatch(low) or _LEADS_ON.fullmatch(low):
        return False
    if _BEFORE_NUMBER.fullmatch(low) and (after[:1].isdigit() or re.fullmatch("[A-Z]|[IVX]+", after)):
        return False
    if len(word) == 1 and word.isalpha() and word.isupper():  # an initial, unless it is “and so do I. The ...”
        return starts or (word == "I" and bool(_AND_I.search(text, max(0, stop.start - 8), stop.start)))
    if _HOUR.fullmatch(word):
        return not _AFTER_HOUR.fullmatch(after)
    if _DOTTED.fullmatch(word) or (low == "al" and text[max(0, stop.start - 5) : stop.start] == "et al"):
        return starts or stop.closed
    if low == "etc":
        return not after[:1].isdigit()
    return starts or not _ABBREVIATION.fullmatch(low)


def _is_glued(text: str, index: int, word: str) -> bool:
    """Say whether a sentence begins at `index` though the space before it was forgotten: the end.The beginning."""
    return len(word) > 1 and word.isalpha() and word.islower() and bool(_GLUED.match(text, index))
