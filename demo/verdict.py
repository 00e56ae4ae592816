"""How well a search was answered, in words: the best museum's fit, and each museum's parts.

The one place of the bounds between strong, partly and little.
"""

from collections.abc import Mapping
from typing import NamedTuple

from demo import text
from hicalm.reading.plan_wordings import number_word
from hicalm.reading.query_plan import Description, Not, Phrase, Plan, walk
from hicalm.retrieval.results import MuseumMatch, PartAnswer, SearchResult

STRONG, PARTLY_FROM = 0.6, 0.15  # fits from which a match is strong, and partly one
KNOWN_FROM = 0.5  # how surely a phrase names anything that the encoder knows, to count as known
STRONGLY, PARTLY, LITTLE = "strong", "partly", "little"
MOST_PICTURES = 3  # side by side on a card
MOST_MISSING = 3  # sentences of a description that a card says are not shown


class Verdict(NamedTuple):
    """What is said above the results: ``how`` is strong, partly or little (nothing was found)."""

    how: str
    headline: str
    details: str


class Line(NamedTuple):
    """A part of the query on a card, and whether the museum answers it."""

    answered: bool
    text: str
    probability: str


class Cover(NamedTuple):
    """A view (its room and itself from 0) that shows what was asked, and the phrase that it answers
    ("": a description, a picture, or one that only comes nearest)."""

    room: int
    view: int
    phrase: str


class Answers(NamedTuple):
    """How well one museum answers: strong, partly or little, the probability, and its parts."""

    how: str
    probability: str
    lines: list[Line]


def answers(match: MuseumMatch, plan: Plan | None) -> Answers | None:
    """Return how a museum answers a query; None for a picture."""
    if match.fit is None:
        return None
    return Answers(match_word(match.fit), percent(match.fit), lines(match, plan))


def match_word(fit: float | None) -> str:
    """Return strong, partly or little; empty where there is no fit."""
    if fit is None:
        return ""
    if fit < PARTLY_FROM:
        return LITTLE
    return STRONGLY if fit >= STRONG else PARTLY


def verdict(result: SearchResult, known: Mapping[str, float]) -> Verdict | None:
    """Return how well the best museum answers; None for a picture that the encoder knows.

    ``known`` (0..1) says by phrase how surely the encoder knows it.
    """
    fit = result.fit
    if fit is None and result.found is False:
        return Verdict(LITTLE, text.PICTURE_UNKNOWN, text.PICTURE_UNKNOWN_DETAILS)
    if fit is None or result.found is None:
        return None
    # Something that is shown, if only among other things, is partly what was asked.
    how = (PARTLY if fit < STRONG else STRONGLY) if result.found else LITTLE
    headline = text.VERDICTS[how]
    if how == LITTLE:
        headline = _not_found(result, known)
    best = max(result.matches, key=lambda match: match.fit or 0.0)
    return Verdict(how, headline, text.VERDICT_DETAILS.format(percent(fit), title=best.title))


def percent(probability: float) -> str:
    """Return a probability as text: "35 %", "less than 1 %"."""
    if probability < 0.01:
        return "less than 1\N{NO-BREAK SPACE}%"
    if probability > 0.99:
        return "more than 99\N{NO-BREAK SPACE}%"
    return f"{100 * probability:.0f}\N{NO-BREAK SPACE}%"


def lines(match: MuseumMatch, plan: Plan | None) -> list[Line]:
    """Return how a museum answers the parts of a query that has several.

    Of a description only sentences that nothing shows, the first few.
    """
    if plan is None or isinstance(plan, Phrase):
        return []
    if isinstance(plan, Description):
        missing = [one for one in match.answers if not one.answered]
        return [_line(one, {}) for one in missing[:MOST_MISSING]]
    unwanted = {node.text: node.part.text for node in walk(plan) if isinstance(node, Not)}
    return [_line(one, unwanted) for one in match.answers if one.op != "rooms" or not one.answered]


def covers(match: MuseumMatch, plan: Plan | None) -> list[Cover]:
    """Return the views that a card shows: one of each room that was asked for, or the best one."""
    found: dict[int, Cover] = {}
    if plan is not None and not plan.is_plain:
        for one in match.answers:
            if one.answered and one.op != "not":
                for room, view in zip(one.rooms, one.views, strict=False):
                    found[room] = Cover(room, view, one.text)
    phrase = plan.text if isinstance(plan, Phrase) else ""
    best = Cover(match.best_room, match.best_view, phrase)
    return list(found.values())[:MOST_PICTURES] or [best]


def _line(one: PartAnswer, unwanted: Mapping[str, str]) -> Line:
    rooms = room_list(one.rooms)
    shown = text.shortened(one.text)
    if one.op == "not":
        shown = text.shortened(unwanted.get(one.text) or one.text)
        sentence = text.LEFT_OUT if one.answered else text.NOT_LEFT_OUT
        rooms = rooms or text.SOME_ROOM
    elif one.answered:
        sentence = text.SHOWN_IN if rooms else text.SHOWN
    elif len(one.rooms) > 1:
        sentence = text.TOO_FEW_ROOMS
    else:
        sentence = text.NO_ROOM_SHOWS
    said = sentence.format(text=shown, rooms=rooms, number=number_word(len(one.rooms)))
    return Line(one.answered, said, percent(one.probability))


def room_list(rooms: tuple[int, ...]) -> str:
    """Return rooms, from 0, as text: "room 3", "rooms 1 and 3"; empty for none."""
    numbers = [str(room + 1) for room in sorted(rooms)]
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"room {numbers[0]}"
    return f"rooms {', '.join(numbers[:-1])}{text.AND}{numbers[-1]}"


def _not_found(result: SearchResult, known: Mapping[str, float]) -> str:
    """Return what to say where no museum shows what was asked in half the paintings of a room."""
    if min(known.values(), default=1.0) < KNOWN_FROM:
        return text.VERDICTS[LITTLE]
    museums = [[one for one in match.answers if one.op != "rooms"] for match in result.matches]
    if any(answers and all(one.answered for one in answers) for answers in museums):
        return text.AMONG_OTHERS
    shown = any(one.answered and one.op != "not" for answers in museums for one in answers)
    several = result.plan is not None and not isinstance(result.plan, Phrase)
    return text.NOT_ALL_OF_THIS if several and shown else text.VERDICTS[LITTLE]
