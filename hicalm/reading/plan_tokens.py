"""The cues of a query put in order for the grammar: words joined, cues without effect taken out."""

import re
from collections.abc import Iterator

from lark import Token
from lark.lark import PostLex

from hicalm.reading.joined_tokens import (
    NEGATIONS,
    WORDS,
    counted_first,
    joined,
    linked,
    spaced,
    typed,
)
from hicalm.reading.plan_phrases import (
    SCAFFOLD,
    clean_phrase,
    ends_with_a_room,
    is_anything,
    split_list,
    words_in,
)

_SUFFIXES = {"ANYWHERE", "AMONG", "IN_ROOM"}
_DROPPED = {"INTRO", "ASIDE", "FILLER"}
# These become others, by what stands around them.
_WAYS = {"NUMBERED", "ORDER", "BARE_ORDER", "IN_ORDER", "BEFORE", "FROM", "TO", "MUSEUM_WITH"}
_ALWAYS = {
    "STAYING": "TOGETHER",
    "PARTED": "APART",
    "AT_ALL": "ANYWHERE",
    "NEARBY": "DIFFERENT",
}  # these only stand before other cues
_OF_CONTEXT = {"MEET", "MOVE", "TURN"}
_OF_ONE = {"ONE_ROOM", "ONE_MORE", "IN_ONE", "COUNT_MORE", "COUNT_BARE"}

_ORDERING = {"ORDER", "THEN", "AFTER", "FROM", "IN_ORDER"}
_ROOM_NOUN = re.compile(
    r"\b(?:rooms?|gallery|galleries|halls?|chambers?|salons?|spaces?|four\s+walls|ceiling)\b",
    re.IGNORECASE,
)
_VISITOR = re.compile(
    r"\b(?:i|we|me|us|you|visitors?|tours?|visit|route|itinerary|rooms?|gallery|hall)\b",
    re.IGNORECASE,
)
_GOING = SCAFFOLD | {"exhibition", "show", "visit", "route", "walk", "journey"}
_WAY_THERE = re.compile(
    r"^(?:paths?|roads?|streets?|lanes?|steps|stairs|staircase|stairway|doors?|doorway|gates?|"
    r"bridges?|way|ways|track|tracks|alley|avenue|corridor|ladder|people|man|men|woman|women|girl|"
    r"girls|boy|boys|child|children|figures?|rivers?|streams?|opening|turning)$",
    re.IGNORECASE,
)
_LEADS = re.compile(r"[\s,;.]*(?:(?:that|which)\s+)?(?:lead|flow|feed|spill)", re.IGNORECASE)
_FIRST = re.compile(r"^\W*first\W*$", re.IGNORECASE)
_THAT_ROOM = re.compile(r"\bthat\s+(?:one|room|gallery|hall)\b", re.IGNORECASE)
_IN_THIS = re.compile(r"\W*in\s+this\b", re.IGNORECASE)
_AT_LEAST_ONE = re.compile(r"\W*at\s+least\s+(?:one|1)\b", re.IGNORECASE)
_PARTING = (",", ";", "and", "while")
_THING_IN_A_ROOM = re.compile(
    r"\w\s+in\s+an?\s+(?:[\w-]+\s+){0,3}(?:room|gallery|hall|one)\b", re.IGNORECASE
)
_A_SECOND = re.compile(r"\W*second\s+(?:one|room|gallery|hall)\b", re.IGNORECASE)
_I_WANT = re.compile(r"[\s,;.]*(?:i|we|you)\b", re.IGNORECASE)
_STARTS = re.compile(r"\b(?:start|begin|open|first)", re.IGNORECASE)
_ENDS = re.compile(r"\b(?:end|finish|clos|conclud|last|final)", re.IGNORECASE)
_JOINTS = ("and", "/", "-")
_A_ROOM = re.compile(r"\ban?\s+(?:[\w-]+\s+){0,3}(?:room|gallery|hall)\b", re.IGNORECASE)
_ONE_OF_THEM = re.compile(r"\W*(?:(?:and|with|has|have)\s+)*one\b", re.IGNORECASE)


class Normaliser(PostLex):
    """What stands between lark's lexer and the rules, so that they take any query.

    A cue that has nothing to join becomes nothing or, where it may be part of a phrase, words
    again. What is left is in the order that the grammar states.
    """

    # lark keeps only the terminals that a rule or this names.
    always_accept = tuple(sorted(WORDS | _DROPPED | _WAYS | _OF_ONE | set(_ALWAYS) | _OF_CONTEXT))

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Return the tokens that the rules are about."""
        tokens = [token for token in stream if token.type not in _DROPPED]
        tokens = _in_context(tokens)
        tokens = _ways(tokens)
        tokens = _ones(tokens)
        tokens = joined(_without_lone_suffixes(tokens))
        limits = [token for token in tokens if token.type == "LIMIT"]
        tokens = [token for token in tokens if token.type != "LIMIT"]
        tokens = linked(counted_first(tokens))
        return iter(limits + tokens)


def _in_context(tokens: list[Token]) -> list[Token]:
    """Decide what joins or orders only where the query speaks of a room or of a visitor."""
    result = []
    text = " ".join(tokens)
    in_room = _ROOM_NOUN.search(text) is not None
    ordered = any(token.type in _ORDERING for token in tokens)
    visiting = ordered or _VISITOR.search(text) is not None
    for index, token in enumerate(tokens):
        kind = _ALWAYS.get(token.type, token.type)
        if kind == "MEET":
            near = ends_with_a_room(spaced(tokens[:index]))
            kind = "SAME" if in_room and not near and _has_words(tokens[:index]) else "WORD"
        elif kind == "MOVE":
            led = index > 0 and _WAY_THERE.search(str(tokens[index - 1])) is not None
            shown = visiting or _LEADS.match(token) or _A_ROOM.match(_text_behind(tokens, index))
            kind = "MOVE" if shown and not led else "WORD"
        result.append(typed(token, kind))
    return result


def _has_words(tokens: list[Token]) -> bool:
    return bool(set(words_in(clean_phrase(spaced(tokens)))) - SCAFFOLD)


def _plain_words(tokens: list[Token]) -> list[Token]:
    return [token for token in tokens if token.type in WORDS]


def _text_behind(tokens: list[Token], index: int) -> str:
    return " ".join(tokens[index + 1 : index + 6])


def _ways(tokens: list[Token]) -> list[Token]:
    """Turn "from A to B", "after A, B" and ordinals into what comes first and what then."""
    result: list[Token] = []
    on_the_way = False  # behind "from": "to" leads to the next room
    ordered = any(token.type == "IN_ORDER" for token in tokens)
    in_order = any(token.type in ("ORDER", "THEN", "IN_ONE", "ONE_ROOM") for token in tokens)
    orders = sum(token.type in ("ORDER", "THEN") for token in tokens)
    numbered = sum(token.type == "NUMBERED" for token in tokens) > 1
    ends_first = False  # what comes last was named first
    turned = ""  # behind "after" or "before" at the start: the comma does
    for index, token in enumerate(tokens):
        kind = token.type
        if kind == "NUMBERED":
            kind = "THEN" if numbered else "WORD"
        elif _first_at_the_end(token, tokens[index + 1 :], result):
            result = _turned_at_the_end(result, token)
            continue
        elif kind == "FROM":
            who = clean_phrase(_text_before(result, len(result)))  # "a road", or "the tour"
            on_the_way = (not set(words_in(who)) - _GOING) and any(
                later.type in ("TO", "THEN", "MOVE") for later in tokens[index:]
            )
            kind = "THEN" if on_the_way else "WORD"
        elif kind == "TO":
            kind = "THEN" if on_the_way else "WORD"
        elif kind in ("AFTER", "BEFORE") and not _has_content(result):
            turned, kind = ("THEN" if kind == "AFTER" else "AFTER"), "THEN"
        elif turned and (
            "," in token
            or token.lower() in ("comes", "come")
            or (kind == "THEN" and _I_WANT.match(token))
        ):
            turned, kind = "", turned
        elif kind == "TURN":
            turns = bool(turned) and any(one.type == "WORD" for one in result[-1:])
            kind = turned if turns else "WORD"
            turned = "" if turns else turned
        elif kind == "MOVE":
            kind = "TO" if any(one.type == "FROM" for one in tokens[:index]) else "THEN"
            if turned and _has_content(result):
                turned, kind = "", turned
            elif kind == "TO":
                kind = "THEN"
        elif kind == "BARE_ORDER":
            kind = "THEN" if in_order and _has_words(_plain_words(result)) else "WORD"
        elif kind == "ORDER" and ends_first and _STARTS.search(token) and _has_content(result):
            kind, ends_first = "AFTER", False  # "end with ships but start with horses"
        elif kind == "ORDER" and orders == 1 and _second(tokens, index):
            kind = "DIFFERENT"
        elif kind in ("ORDER", "BEFORE"):
            kind = "THEN"
        elif kind in ("SAME", "IN_ROOM") and _THAT_ROOM.search(token) and _in_this(tokens[:index]):
            kind = "DIFFERENT"
        elif kind in ("MUSEUM_WITH", "IN_ORDER"):
            kind = "SEP"
        elif ordered and _has_content(result) and (kind == "SEP" or token.lower() in _JOINTS):
            kind = "THEN"
        ends_first |= kind == "THEN" and not _has_content(result) and bool(_ENDS.search(token))
        if kind == "THEN" and _has_content(result):
            turned = ""
        result.append(typed(token, kind))
    return result


def _second(tokens: list[Token], index: int) -> bool:
    """Tell whether "a second room" is one more, and not the second in an order."""
    return index > 0 and tokens[index - 1] == "a" and bool(_A_SECOND.match(tokens[index]))


def _in_this(tokens: list[Token]) -> bool:
    return any(token.type == "ONE_ROOM" and _IN_THIS.match(token) for token in tokens)


def _first_at_the_end(token: Token, behind: list[Token], before: list[Token]) -> bool:
    """Tell whether "first" stands behind what comes first: "ships, but horses first"."""
    return (
        _FIRST.search(token) is not None
        and token.type == "ORDER"
        and all(one.type == "SEP" for one in behind)
        and not any(one.type == "THEN" for one in before[-1:])
    )


def _turned_at_the_end(tokens: list[Token], first: Token) -> list[Token]:
    """Put "after" where the last thing in a list begins; words stay if there is no list."""
    for index in range(len(tokens) - 2, 0, -1):
        if tokens[index].type == "SEP" or tokens[index].lower() in ("and", "but", "though"):
            return [*tokens[:index], typed(tokens[index], "AFTER"), *tokens[index + 1 :]]
        if tokens[index].type not in ("WORD", "WHOLE"):
            break
    return [*tokens, typed(first, "THEN")]


def _ones(tokens: list[Token]) -> list[Token]:
    """Decide what depends on the rooms before: "one of ...", "and two of ...", "in one room"."""
    result = []
    parted = False  # by "in one room", and "in another" comes at the end
    for index, token in enumerate(tokens):
        kind = token.type
        before = {one.type for one in tokens[:index]}
        behind = {one.type for one in tokens[index + 1 :]}
        if kind == "ONE_MORE" and (
            before & {"ONE_ROOM", "ONE_MORE"}
            or any(_AT_LEAST_ONE.match(one) for one in tokens[:index])
            or _A_ROOM.search(_text_before(tokens, index))
        ):
            kind = "DIFFERENT"
        elif kind == "ONE_MORE":
            kind = "SEP" if "ONE_MORE" in behind else "WORD"
        elif kind == "COUNT" and _ONE_OF_THEM.match(token) and "LIMIT" not in before | behind:
            kind = "WORD"  # one of three paintings, and not of the rooms
        elif _parts_rooms(tokens, index) or (_AT_LEAST_ONE.match(token) and "ONE_MORE" in behind):
            kind = "DIFFERENT"
        elif kind == "COUNT_MORE":
            kind = "COUNT" if "COUNT" in before else "WORD"
        elif kind == "COUNT_BARE":
            kind = "COUNT_IN" if "COUNT_IN" in before else "WORD"
        elif kind == "ONE_ROOM":
            alone = "SEP" if _text_before(tokens, index) else "TOGETHER"
            kind = "DIFFERENT" if behind & {"DIFFERENT", "ONE_MORE"} else alone
        elif kind == "IN_ONE":
            kind = _in_one_room(_text_before(tokens, index), behind)
            parted = kind == "TOGETHER" and _another_at_the_end(tokens[index + 1 :])
            if parted:  # "A and B in one room, C and D in another"
                result.append(typed(token, kind))
                kind = "DIFFERENT"
        elif parted and kind == "DIFFERENT" and not tokens[index + 1 :]:
            many = len(split_list(_text_before(tokens, index))) > 1
            kind = "TOGETHER" if many else "SEP"
        result.append(typed(token, kind))
    return result


def _parts_rooms(tokens: list[Token], index: int) -> bool:
    """Tell whether a comma or "and" stands between "A in a room ..." and "B in a room ..."."""
    token = tokens[index]
    if token.type not in WORDS or token.lower() not in _PARTING:
        return False
    behind = tokens[index + 1 :]
    ends = (at for at, one in enumerate(behind) if one.type not in WORDS or "," in one)
    behind = behind[: next(ends, len(behind))]
    before = re.split(r"[,;]", _text_before(tokens, index))[-1]
    return all(_THING_IN_A_ROOM.search(text) for text in (before, spaced(behind)))


def _another_at_the_end(behind: list[Token]) -> bool:
    """Tell whether only words stand before "in another", the last of all."""
    return (
        len(behind) > 1
        and behind[-1].type == "DIFFERENT"
        and all(one.type in WORDS for one in behind[:-1])
    )


def _in_one_room(text: str, behind: set[str]) -> str:
    """Decide whether "in one room" parts ("... and in another ...") or brings together."""
    if (
        not set(words_in(text)) - SCAFFOLD
        or is_anything(clean_phrase(text))
        or len(split_list(text, with_too="DIFFERENT" not in behind)) > 1
    ):
        return "TOGETHER"
    if "DIFFERENT" in behind:
        return "DIFFERENT"
    return "THEN" if "THEN" in behind else "SEP"


def _text_before(tokens: list[Token], index: int) -> str:
    words: list[Token] = []
    for token in reversed(tokens[:index]):
        if token.type not in WORDS:
            break
        words.append(token)
    return spaced(words[::-1])


def _has_content(tokens: list[Token]) -> bool:
    kinds = {token.type for token in tokens if token.type != "LIMIT"}
    return bool(kinds - {"SEP", "THEN", "DIFFERENT", "AFTER"})


def _without_lone_suffixes(tokens: list[Token]) -> list[Token]:
    """Make "anywhere" and the like words again where nothing before them is negated."""
    result, open_negation = [], False
    for index, token in enumerate(tokens):
        kind = token.type
        if kind in NEGATIONS:
            open_negation = True
        elif kind == "IN_ROOM" and not open_negation and _says_which(tokens[index + 1 :]):
            kind = "SAME"  # "portraits in the room with the statues"
        elif kind in _SUFFIXES:
            kind = kind if open_negation else "WORD"
            open_negation = False
        elif kind not in WORDS:
            open_negation = False
        result.append(typed(token, kind))
    return result


def _says_which(behind: list[Token]) -> bool:
    return bool(behind) and behind[0].lower() in ("with", "where", "that", "which", "whose")
