"""Numbers of rooms in words: "at least two rooms", "five rooms tops", "between six and eight"."""

import re

SEVERAL = 3  # what "several" and "a few" ask for at least
MOST_ROOMS = 999  # larger numbers are no rooms of a museum

_WORDS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
    **{"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17},
    **{"eighteen": 18, "nineteen": 19, "twenty": 20, "half a dozen": 6, "a dozen": 12},
    **{"single": 1, "many": SEVERAL, "lots": SEVERAL, "plenty": SEVERAL, "loads": SEVERAL},
    **{"couple": 2, "pair": 2, "both": 2, "twice": 2, "multiple": 2, "thrice": 3},
    **{"several": SEVERAL, "few": SEVERAL, "handful": SEVERAL, "various": SEVERAL},
}
_NUMBER = re.compile(
    rf"\b(?:\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b", re.IGNORECASE
)
# Words that say a number of rooms only where the tagger says so.
_MORE_WORDS = {"dozen": 12, "trio": 3, "triple": 3, "double": 2, "doubly": 2, "once": 1}
_HALF = re.compile(r"\bhalf\s+a\s*$", re.IGNORECASE)
_AT_MOST = re.compile(
    r"at\s+(?:the\s+)?(?:very\s+)?most|(?:no|not|nothing|never|n['\u2019]?t)\b(?!\s+one\s+more).*\s(?:more|over|beyond|bigger|larger|longer)\b|up\s+to|\bmax|\btops\b|at\s+(?:best|a\s+push|the\s+outside)|\blimit\b|\b(?:keep|stick|restrict|confine)\b|\b(?:enough|plenty)$|all\s+(?:i|we)\s|<=|≤|=<"
    r"|or\s+(?:fewer|less|under)|not\s+(?:over|above)|exceed|(?:no|not)\s+(?:bigger|larger|"
    r"longer)|as\s+many\s+as"
    r"|(?:n['\u2019]t|not)\s+(?:be\s+)?(?:bigger|larger|longer)|n['\u2019]t\s+have\s+more|"
    r"not\s+(?:be|have)\s+(?:more|over)",
    re.IGNORECASE,
)
_TOO_MANY = re.compile(
    r"^.*(?:\brooms\s.*?(?:too\s+(?:many|much|few)|not\s+enough)|\bmany\s+rooms)", re.IGNORECASE
)
_FEWER = re.compile(r"(?:fewer|less|smaller)\s+than|\bunder\b|\bbelow\b|<", re.IGNORECASE)
_AT_LEAST = re.compile(
    r"at\s+(?:the\s+)?(?:very\s+)?least|(?:no|not)\s+(?:fewer|less)|\bmin|>=|≥|=>|or\s+(?:more|"
    r"over)"
    r"|\+|and\s+up|\bplus\b|not\s+(?:under|below)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:more|bigger|larger|longer)\s+than|(?<!given\s)"
    r"(?<!spread\s)(?<!out\s)(?<!hung\s)(?<!shown\s)(?<!ding\s)(?<!ting\s)"
    r"(?<!scattered\s)(?<!divided\s)(?<!split\s)(?<!distributed\s)(?<!runs\s)(?<!run\s)(?<!ches\s)(?<!tends\s)(?<!ching\s)\bover\b|\babove\b|>",
    re.IGNORECASE,
)
_NOT_JUST_ONE = re.compile(
    r"as\s+few\s+as|not\s+(?:just\s+|only\s+)?(?:in\s+)?(?:just\s+)?one\s+"
    r"(?:(?:room|gallery|hall)\s*,?\s+)?but|and\s+not\s+(?:one\s+)?more",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\bx\s*(?=\d)|(?<=\d)\s*x\b", re.IGNORECASE)
_NONE = re.compile(r"(?:not|n['\u2019]t)\s+have\s+(?:fewer|less)", re.IGNORECASE)


def read_limits(text: str) -> tuple[int | None, int | None] | None:
    """Return the least and the greatest number that the words allow, None for an open end.

    Returns None where they hold no number, or allow none ("fewer than one room").
    """
    numbers = _numbers(_TOO_MANY.sub("", text))
    if not numbers:
        return None
    if len(numbers) > 1:
        least, most = min(numbers), max(numbers)
        return _allowed(least + bool(_MORE.search(text)), most - bool(_FEWER.search(text)))
    number = numbers[0]
    if _NONE.search(text):
        return _allowed(number, None)
    if _AT_MOST.search(text):
        return _allowed(None, number)
    if _AT_LEAST.search(text):
        return _allowed(number, None)
    if _MORE.search(text):
        return _allowed(number + 1, None)
    if _FEWER.search(text):
        return _allowed(None, number - 1)
    return _allowed(number, number)


def _numbers(text: str) -> list[int]:
    text = _TIMES.sub(" ", text)
    words = _NUMBER.findall(_NOT_JUST_ONE.sub("", text).lower())
    return [_WORDS.get(word) or int(word) for word in words]


def _allowed(least: int | None, most: int | None) -> tuple[int | None, int | None] | None:
    given = [number for number in (least, most) if number is not None]
    return (least, most) if all(1 <= number <= MOST_ROOMS for number in given) else None


def number_of(word: str, before: str = "") -> int | None:
    """Return the number that one word or figure says: 2 for "twice"; None for any other word.

    ``before`` is the text in front of it: "half a" halves a dozen.
    """
    word = word.lower()
    if word == "dozen" and _HALF.search(before):
        return _WORDS["half a dozen"]
    if word in _MORE_WORDS:
        return _MORE_WORDS[word]
    found = _NUMBER.fullmatch(word)
    return None if found is None else _WORDS.get(word) or int(word) or None
