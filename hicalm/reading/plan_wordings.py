"""The ways to say a plan in plain English, from which a changed query is made.

English says most things in several ways, and which of them is read as meant depends on what stands
around it. So each part is worded in a few ways, and a whole in some of their combinations.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from hicalm.reading.grammar_reading import read_by_grammar
from hicalm.reading.plan_phrases import speaks_of_style
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Then, shape

MOST_WORDINGS = 4  # of each part that a whole is made of
MOST_TRIES = 8  # wholes that are tried
REMEMBERED = 2_048
_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_A_ROOM = re.compile(r"an? (.*\b)(room|hall|gallery|chamber|salon)\b(.*)")
_PLURALS = {"gallery": "galleries"}


def wordings(plan: Plan) -> Iterator[str]:
    """Yield at most `MOST_TRIES` ways to say a plan, the plainest first."""
    return islice(_wordings(plan), MOST_TRIES)


def is_wording(text: str, plan: Plan) -> bool:
    """Tell whether a text is one of the wordings of the plan that the grammar reads in it.

    Never for what is plain. What the app has worded is so read as it was meant, whatever a tagger
    makes of it.
    """
    return not plan.is_plain and text in wordings(plan)


def number_word(number: int) -> str:
    """Return a whole number from 0 as text: "two", "13"."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def limit_text(limit: Rooms) -> str:
    """Return a limit of rooms in words: "at most five rooms"."""
    low, high = limit.min, limit.max
    if low is None or high is None:
        number = low or high or 0
        rooms = "room" if number == 1 else "rooms"
        return f"at {'most' if low is None else 'least'} {number_word(number)} {rooms}"
    if low == high:
        return f"exactly {number_word(low)} {'room' if low == 1 else 'rooms'}"
    return f"between {number_word(low)} and {number_word(high)} rooms"


def _wordings(plan: Plan) -> Iterator[str]:
    """Yield the ways to say a plan, the plainest first."""
    if isinstance(plan, Phrase):
        yield plan.text
    elif isinstance(plan, Rooms):
        for start in ("a museum with ", ""):
            yield f"{start}{limit_text(plan)}"
        yield f"{limit_text(plan)} in total"
    elif isinstance(plan, Count):
        yield from _of_count(plan)
    elif isinstance(plan, Not):
        yield from _of_not(plan)
    elif isinstance(plan, Then):
        yield from _joined(plan.parts, ("first {}", ", then {}"), ("{}", ", then {}"))
        yield from _joined(plan.parts, ("{}", " followed by {}"), ("{}", " -> {}"))
    elif isinstance(plan, And):
        ways = {"same": _of_same, "different": _of_different, "any": _of_any}
        yield from ways[plan.rooms](plan.parts)


@lru_cache(maxsize=REMEMBERED)
def _some(plan: Plan) -> tuple[str, ...]:
    """Return the ways to say a part that are tried in a whole: first those that are read as meant
    where the part stands alone."""
    ways = list(islice(_wordings(plan), MOST_WORDINGS))
    if isinstance(plan, Phrase):
        return tuple(ways)
    return tuple(sorted(ways, key=lambda text: shape(read_by_grammar(text).plan) != shape(plan)))


def _joined(parts: Sequence[Plan], *ways: tuple[str, str]) -> Iterator[str]:
    """Yield all parts one after the other, by ways of saying the first and a further one."""
    for wordings in product(*(_some(part) for part in parts)):
        for first, further in ways:
            yield first.format(wordings[0]) + "".join(further.format(one) for one in wordings[1:])


def _of_count(plan: Count) -> Iterator[str]:
    number = number_word(plan.at_least)
    host = plan.part.parts[0] if isinstance(plan.part, And) else plan.part
    for text in _some(plan.part):
        named = _A_ROOM.fullmatch(text) if isinstance(host, Phrase) else None
        if named:
            before, room, behind = named.groups()
            yield f"at least {number} {before}{_PLURALS.get(room, room + 's')}{behind}"
        yield f"at least {number} rooms of {text}"
        yield f"at least {number} rooms with {text}"
        yield f"{text} in at least {number} rooms"
        without = re.match(r"(?:a room )?(without .*)", text)
        if without:
            yield f"at least {number} rooms {without.group(1)}"


def _of_not(plan: Not) -> Iterator[str]:
    for text in _some(plan.part):
        if plan.of == "museum":
            yield f"no {text} anywhere in the museum"
            yield f"a museum without {text}"
            yield f"no room of {text}"
        elif plan.of == "room":
            yield f"a room without {text}"
            yield f"a room that is not {text}"
            yield f"not in {text}"
        else:
            yield f"pictures without {text}"
            yield f"none of them {text}"


def _of_same(parts: Sequence[Plan]) -> Iterator[str]:
    shown = [part for part in parts if not isinstance(part, Not)]
    nots = [part for part in parts if isinstance(part, Not)]
    left_out = list(islice(product(*map(_left_out, nots)), 32))
    for host, others in product(list(islice(_hosts(shown), 8)), left_out):
        yield host + "".join(others)


def _hosts(shown: Sequence[Plan]) -> Iterator[str]:
    """Yield the ways to say what is to be seen in one room."""
    for texts in product(*map(_some, shown)):
        if not texts:
            yield "a room"
        elif len(texts) == 1:
            yield from (texts[0], f"a room of {texts[0]}", f"a room with {texts[0]}")
        else:
            listed = ", ".join(texts[:-1])
            yield f"{listed} and {texts[-1]} in the same room"
            yield " in the same room as ".join(texts)
            yield f"a room with {texts[0]} that also has {' that also has '.join(texts[1:])}"
            yield f"in the same room, {', '.join(texts)}"


def _left_out(plan: Plan) -> list[str]:
    """Return the ways to say behind something what of it is not wanted."""
    text = _some(plan.children[0])[0]
    if isinstance(plan, Not) and plan.of == "room":
        return [
            f" without {text}",
            f" without {text} in that room",
            f", not in a room with {text}",
            f" in a room without {text}",
            f", but not in {text}",
            f" in a room that is not {re.sub(r'^an? | room$', '', text)}",
            f", not with {text}",
        ]
    ways = [f" without {text}", f", none of them {text}", f", but no {text} ones"]
    return [
        *(ways[1:] if speaks_of_style(text) else ways),
        f", but not {text}",
        f" other than {text}",
        f", none of them with {text}",
        f" without {text} among them",
        f" without {text}",
    ]


def _of_different(parts: Sequence[Plan]) -> Iterator[str]:
    yield from _joined(
        parts,
        ("{} in one room", ", and {} in another room"),
        ("{}", ", and in another room {}"),
        ("one room with {}", ", another room with {}"),
        ("{}", ", elsewhere {}"),
        ("{}", " and {}"),
    )


def _of_any(parts: Sequence[Plan]) -> Iterator[str]:
    """Yield what is asked for, then what is not to be there, then how many rooms there may be."""
    limits = [part for part in parts if isinstance(part, Rooms)]
    absent = [part for part in parts if isinstance(part, Not) and part.of == "museum"]
    shown = [part for part in parts if part not in limits and part not in absent]
    behind = [f", and {text}" for text in (_some(part)[0] for part in absent)]
    ends = [f", {limit_text(limit)} in total" for limit in limits]
    sentence = [f". {text[0].upper()}{text[1:]}" for text in (_some(part)[0] for part in absent)]
    others = [f", {text}" for text in (_some(part)[0] for part in absent)]
    before = [f"a museum with {limit_text(limit)}, " for limit in limits]
    for texts in islice(product(*map(_wordings, shown)), 24):
        host = ", ".join(texts)
        ways = (
            host + "".join(behind) + "".join(ends),
            host + "".join(others) + "".join(ends),
            "".join(before) + host + "".join(others),
            host + "".join(sentence) + "".join(ends),
        )
        for text in dict.fromkeys(ways):
            yield re.sub(r"^[,.] (?:and )?", "", text)
