"""What a negation speaks of: a painting, a room or the whole museum, and what it leaves out.

English seldom says which. Decided here, the first that holds:

1.  of the museum, where words say so ("anywhere", "in the whole museum", "a museum without"), and
    where nothing else is asked for ("no horses");
2.  of a room, where it is about furniture, walls, floors or light, or about the room just named
    ("in a room that isn't red");
3.  of a painting, where it is about a style, a technique, colours or a name ("faces, but no cubist
    ones"), or speaks of pictures ("none of them", "that do not depict");
4.  of a room, where one was named ("a room of boats without horses");
5.  of a painting after "without", "except" and the like, and where a style is asked for ("Picasso
    but no people"); else of the museum ("boats but no horses").
"""

import re
from dataclasses import dataclass

from hicalm.errors import HicalmError
from hicalm.reading.plan_phrases import (
    ROOM_WORDS,
    SCAFFOLD,
    clean_phrase,
    ends_with_a_room,
    is_anything,
    names_a_room,
    speaks_of_a_room,
    speaks_of_style,
    without_some_room,
    words_in,
)
from hicalm.reading.query_plan import NotOf

# "dark pictures" and "a dark room": these are of a room only where one is named.
_OF_BOTH = frozenset(("dark", "bright", "light", "lights", "wooden", "dim"))
_PART = (
    r"walls?|floors?|flooring|ceilings?|lights?|lighting|rooms?|gallery|hall|carpets?|bench(?:es)?"
)
_LIGHT = re.compile(
    r"\b(?:dim|bright|dark|low|warm|cold|harsh|soft|electric|artificial|natural)(?:ly)?\s+"
    r"(?:lights?|lighting|lit)\b",
    re.IGNORECASE,
)
# "..., though the walls" before "mustn't be green".
_PART_BEFORE = re.compile(
    r"(?:^|[\s,;.]+)(?:(?:only|but|though|although|where|while|with|and|if|provided|that|whose|"
    r"when|"
    r"as\s+long\s+as|so\s+long\s+as|in\s+which|in\s+(?:a|some|any)\s+(?:room|gallery|hall))[\s,]+)*"
    rf"(?:(?:the|its|all|every|that|their)\s+)?((?:{_PART}))\s*$",
    re.IGNORECASE,
)
_PICTURES_BEFORE = re.compile(
    r"[\s,;.]+(?:(?:only|but|though|where|while|and|if|provided|that|as\s+long\s+as|so\s+long\s+as)"
    r"[\s,]+)*(?:the|its|their)\s+(?:colou?rs?|pictures|paintings|palette|style|technique)\s*$",
    re.IGNORECASE,
)
_THE_ROOM = re.compile(r"\b(?:the|that|its)\s+(?:room|gallery|hall)\b", re.IGNORECASE)
_PART_IS = re.compile(
    rf"^(?:the\s+|any\s+|its\s+)?({_PART})\s+(?:is|are|may\s+be|should\s+be|be)\s+(.+)$",
    re.IGNORECASE,
)
_NOUN_OF_CUE = re.compile(
    r"\b(walls?|floor|room|gallery|hall|light(?:ing)?)s?\s*,?\s*(?:(?:of|in|are|is|may\s+be|can\s+be)\s+(?:in\s+|of\s+)?\w+\s+\w+\s*,?\s*)?(?:but|except|other|apart|save|bar|"
    r"besides|excluding)\b",
    re.IGNORECASE,
)
_OF_PAINTINGS = re.compile(
    r"\b(?:none|not\s+one|neither|nor|technique|style|manner|colou?rs?|palette|medium|school|"
    r"movement|"
    r"artist|painter|subject|depict|portray|represent|anything\s+but|nothing|but\s+for)\b|^non-"
    r"|\b(?:pictures|paintings|images|works|ones)\b",
    re.IGNORECASE,
)
_LEAVES_OUT = re.compile(
    r"\b(?:without|with\s+no|w/o|except(?:ion)?|apart|aside|other\s+than|save|excluding|barring|minus|"
    r"sans|rather|instead|"
    r"that|which|who|not|never\s+(?:at|in|by|during)|free|empty|unless|bar|opposed|devoid|isn|aren|don|doesn)\b",
    re.IGNORECASE,
)
_MUSEUM = re.compile(r"\b(?:museums?|collections?|exhibitions?)\b", re.IGNORECASE)
_NO = re.compile(
    r"\W*(?:(?:and|but|with)\s+)*(?:no|not\s+(?:a\s+single|one|any)|zero|without|w/o|lacking|free)\b",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"^\s*(?:at\s+all|whatsoever|whatever)\s*$", re.IGNORECASE)
# What says no more of what is left out: "no statues standing around".
_LOOSE_END = re.compile(
    r"(?:\s+(?:involved|anymore|any\s+more|either|though|standing|around|about|(?:in\s+)?sight|"
    r"in\s+(?:the\s+way|evidence|view)|at\s+all|nearby|altogether|so|out(?:\s+of\s+(?:it|this|that))?|completely|elsewhere|included|(?:if\s+)?possible|thanks))+$",
    re.IGNORECASE,
)
_STRONG = re.compile(r"^\s*(?:and|but|also)?\s*no\b", re.IGNORECASE)
_ONE_ROOM = re.compile(r"\bones?\b(?=\s*$)", re.IGNORECASE)
_BARE_ROOM = re.compile(r"^([\w-]+) room$", re.IGNORECASE)
_SINGLE = re.compile(r"^(?:an?\s+)?(?:single|trace\s+of)\s+", re.IGNORECASE)
_ONES = re.compile(r"\s*\b(?:ones?|pictures|paintings|works|scenes)\b\s*$", re.IGNORECASE)
_IS = re.compile(
    r"['\u2019]s\b|\b(?:is|are|be|isn['\u2019]?t|aren['\u2019]?t|wasn|was|were|look|"
    r"painted|being|unless)\b",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(r"^(?:lit|painted|hung|decorated|covered|furnished|with|full|filled)\b")


@dataclass(frozen=True)
class Negation:
    """What is not wanted, and what was said before it."""

    host: str  # what is wanted, without what belongs to the negation; may be empty
    phrase: str  # what is not wanted
    of: NotOf


def read_negation(host: str, cue: str, phrase: str, suffix: str, alone: bool) -> Negation | None:
    """Say what "`host` `cue` `phrase` `suffix`" leaves out; None where nothing is.

    Args:
        host: the words before the cue.
        cue: "without", "but not", "that do not show", ...
        phrase: the words after it.
        suffix: "anywhere", "among them", "in that room" or nothing.
        alone: whether nothing else is asked for beside this negation.
    """
    room_named = names_a_room(host)
    if part := _PART_BEFORE.search(host) if _IS.search(cue) else None:
        noun = part.group(1)
        kept = host[: part.start()]
        if not noun.lower().startswith(("room", "gallery", "hall")):
            return _made(kept, f"{clean_phrase(phrase)} {noun}", "room")
        if _THE_ROOM.search(part.group()):
            return _made(kept, room_like(clean_phrase(phrase)), "room")
    if (part := _PICTURES_BEFORE.search(host)) and _IS.search(cue):
        return _made(host[: part.start()], phrase, "painting")
    if _PART_IS.match(clean_phrase(phrase)):
        return _made(host, without_is(clean_phrase(phrase)), "room")
    if _THE_ROOM.search(cue) and _IS.search(cue):
        return _made(host, room_like(clean_phrase(phrase)), "room")
    if noun_of_cue := _NOUN_OF_CUE.search(cue):
        return _made(host, f"{_ONES.sub('', clean_phrase(phrase))} {noun_of_cue.group(1)}", "room")
    of = _scope(host, cue, phrase, suffix, alone)
    if of == "room" and ends_with_a_room(host) and _IS.search(cue):
        return _made(host, room_like(clean_phrase(phrase)), of)
    if of == "room":
        phrase = _ONE_ROOM.sub("room", phrase)
        phrase = _BARE_ROOM.sub(lambda match: room_like(match.group(1)), phrase)
    if of == "painting" or (of == "room" and not room_named):
        phrase = _ONES.sub("", clean_phrase(phrase)) or phrase
    return _made(host, phrase, of)


def _made(host: str, phrase: str, of: NotOf) -> Negation | None:
    phrase = clean_phrase(_LOOSE_END.sub("", _SINGLE.sub("", clean_phrase(phrase))))
    if not words_in(phrase):
        return None
    if is_anything(phrase):
        raise HicalmError(f"“{phrase}” alone cannot be left out.")
    host = clean_phrase(without_some_room(clean_phrase(host)))
    idle = is_anything(host) or not set(words_in(host)) - SCAFFOLD
    return Negation("" if idle else host, phrase, of)


def without_is(phrase: str) -> str:
    """Turn "walls are yellow" into "yellow walls"; all else stays."""
    clause = _PART_IS.match(phrase)
    if clause is None:
        return phrase
    part, like = clause.groups()
    return room_like(like) if part.lower().startswith("room") else f"{like} {part}"


def room_like(phrase: str) -> str:
    """Name the room: "red" -> "a red room"; what has a noun of its own stays."""
    if _PARTICIPLE.match(phrase):
        return f"a room {phrase}"
    if names_a_room(phrase) or len(words_in(phrase)) > 2:
        return phrase
    return f"{'an' if phrase[:1].lower() in set('aeiou') else 'a'} {phrase} room"


def _scope(host: str, cue: str, phrase: str, suffix: str, alone: bool) -> NotOf:
    room_words = set(words_in(phrase)) & ROOM_WORDS
    if not names_a_room(host) and not speaks_of_a_room(host):
        room_words -= _OF_BOTH if _LIGHT.search(phrase) is None else set()
    elsewhere = suffix and not _LOOSE.match(suffix)
    if (
        elsewhere
        and re.search(r"\b(?:room|gallery|hall|there)\b", suffix, re.IGNORECASE)
        and not alone
    ):
        return "museum" if re.search(r"any", suffix, re.IGNORECASE) else "room"
    if elsewhere and re.search(r"\b(?:them|those|these)\b", suffix, re.IGNORECASE):
        if room_words:
            return "room"
        return "painting"
    if suffix and not host.endswith("room") and _STRONG.match(cue) and not room_words:
        return "museum"  # "and no deserts at all"
    only_a_room = is_anything(clean_phrase(host)) and names_a_room(host)
    unasked = alone or (not host and _NO.match(cue))
    if elsewhere or _MUSEUM.search(host) or (unasked and not only_a_room):
        return "museum"
    if ends_with_a_room(host) and re.search(r"\bones?\s*$", phrase):
        return "room"
    if re.search(r"\bones?\b|\b(?:pictures|paintings|works)\b", phrase) and not room_words:
        return "painting"
    if room_words or only_a_room or (ends_with_a_room(host) and _is_of_the_room(cue)):
        return "room"
    if _OF_PAINTINGS.search(cue) or speaks_of_style(phrase):
        return "painting"
    if names_a_room(host):
        return "room"
    if speaks_of_style(host) or _LEAVES_OUT.search(cue):
        return "painting"
    return "museum"


def _is_of_the_room(cue: str) -> bool:
    return (
        re.search(
            r"^\s*(?:that(?:['\u2019]?s)?|which(?:['\u2019]?s)?|where|with|without|lacking|in\s+which|is|w/o|free)\b",
            cue,
        )
        is not None
    )
