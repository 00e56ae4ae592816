"""The tokens of a query, once their kinds are decided, in the order that the grammar states."""

import re

from lark import Token

from hicalm.reading.plan_phrases import SCAFFOLD, clean_phrase, words_in

WORDS = {"WORD", "SEP", "WHOLE"}
LINKS = ("AFTER", "THEN", "DIFFERENT")  # of two side by side, the first in this list is kept
NEGATIONS = {"NOT", "NOT_MUSEUM"}
_IN_ANOTHER_WITH = re.compile(r"^\s*in\s.*\b(?:with|where|that\s+has)\b", re.IGNORECASE)


def typed(token: Token, kind: str) -> Token:
    """Return the token as another kind; a cue that only separates leaves no words."""
    text = "," if kind == "SEP" and token.type != "SEP" else str(token)
    return Token.new_borrow_pos(kind, text, token)


def joined(tokens: list[Token]) -> list[Token]:
    """Join words that stand side by side to one TEXT; punctuation alone is none."""
    result: list[Token] = []
    words: list[Token] = []
    for token in [*tokens, None]:
        if token is not None and token.type in WORDS:
            words.append(token)
            continue
        text = spaced(words)
        if set(words_in(clean_phrase(text))) - SCAFFOLD:
            result.append(_text(text, words[0].start_pos, words[-1].end_pos))
        words = []
        if token is not None:
            result.append(token)
    return result


def _text(text: str, start: int | None, end: int | None) -> Token:
    return Token("TEXT", text, start_pos=start, end_pos=end)


def spaced(words: list[Token]) -> str:
    """Return words as one text, spaced as they were typed."""
    text, end = "", None
    for word in words:
        text += ("" if end is None or word.start_pos == end else " ") + str(word)
        end = word.end_pos
    return text


def counted_first(tokens: list[Token]) -> list[Token]:
    """Put a count before what it counts, and what comes behind a counted thing into other rooms."""
    result: list[Token] = []
    start, shown, counted = 0, False, False  # of the place that is being read
    for token in tokens:
        if token.type in (*LINKS, "SAME"):
            result.append(token)
            start, shown, counted = len(result), False, False
            continue
        negated = bool(result) and result[-1].type in NEGATIONS
        begins = token.type == "COUNT" or (token.type == "TEXT" and not negated)
        if begins and shown and (counted or token.type == "COUNT"):
            result.append(Token.new_borrow_pos("DIFFERENT", "", token))
            start, shown, counted = len(result), False, False
        if token.type == "COUNT":
            if counted or any(one.type == "COUNT" for one in result[start:]):
                continue
            result.insert(start, token)
            continue
        result.append(token)
        shown = shown or (token.type == "TEXT" and not negated)
        counted = counted or (token.type == "COUNT_IN" and shown)
    return result


def linked(tokens: list[Token]) -> list[Token]:
    """Drop links that join nothing; one at the end parts the last two things before it."""
    result: list[Token] = []
    for token in tokens:
        if _IN_ANOTHER_WITH.match(token) and token.type == "DIFFERENT":
            result = _parted_at_the_end(result, token)
            if len(result) > 1 and result[-2] is token:
                continue  # "ships, birds in another room with a bench"
        last = result[-1] if result else None
        if token.type in (*LINKS, "SAME"):
            if last is None or last.type == "COUNT":
                continue
            if last.type in (*LINKS, "SAME"):
                order = (*LINKS, "SAME")
                result[-1] = min(last, token, key=lambda one: order.index(one.type))
                continue
        result.append(token)
    trailing = None
    while result and result[-1].type in (*LINKS, "SAME", "COUNT"):
        trailing = result.pop()
    if trailing is not None and trailing.type in ("DIFFERENT", "THEN"):
        result = _parted_at_the_end(result, trailing)
    return result


def _parted_at_the_end(tokens: list[Token], link: Token) -> list[Token]:
    """Part "horses, and boats (in another room)" at its last joint, unless a link did before."""
    links = [index for index, token in enumerate(tokens) if token.type in LINKS]
    if link.type == "THEN" and links and tokens[links[-1]].type == "DIFFERENT":
        last = links[-1]  # "..., and a green room at the end"
        return [*tokens[:last], typed(tokens[last], "THEN"), *tokens[last + 1 :]]
    apart = link.type == "DIFFERENT" and links
    if apart or not tokens or tokens[-1].type != "TEXT":
        return tokens
    text = str(tokens[-1])
    joints = list(re.finditer(r"[,;]\s*(?:and\s+)?|\s+and\s+", text))
    if not joints:
        return tokens
    first, second = text[: joints[-1].start()], text[joints[-1].end() :]
    if not words_in(clean_phrase(first)) or not words_in(clean_phrase(second)):
        return tokens
    start, end = tokens[-1].start_pos, tokens[-1].end_pos
    return [
        *tokens[:-1],
        _text(first, start, (start or 0) + len(first)),
        link,
        _text(second, (end or 0) - len(second), end),
    ]
