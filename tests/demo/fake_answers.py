"""How the stand-in searcher reads queries and says what is answered: by words, not by pictures."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from hicalm.data.collection import Museum, Room
from hicalm.levels import PLAN
from hicalm.reading.plan_reading import read_query
from hicalm.reading.query_plan import And, Description, Not, Phrase, Plan, Rooms, phrases, walk
from hicalm.reading.scripts import reading_note
from hicalm.retrieval.results import MuseumMatch, PartAnswer

FOUND_FROM = 0.3
MISSPELT = {"hosres": "horses", "gaden": "garden"}
UNKNOWN_WORDS = ("dinosaur", "skeleton", "spaceship")
SURE, UNSURE = 0.97, 0.04  # of a room whose text has a phrase's words, and of one without them
PLAN_WEIGHT = 0.2


def invent_reading(query: str, as_typed: bool) -> dict[str, Any]:
    """Return what a query was understood as: paragraphs, words, plan, phrases, notes, corrected."""
    words = query.lower().split()
    corrected = {} if as_typed else {word: MISSPELT[word] for word in words if word in MISSPELT}
    searched = query
    for typed, taken in corrected.items():
        searched = searched.replace(typed, taken)
    reading = read_query(searched)
    note = reading_note(searched)
    plan = reading.plan
    if isinstance(plan, Description):
        paragraphs = plan.paragraphs
        texts = [sentence for paragraph in paragraphs for sentence in paragraph]
    else:
        texts = [phrase.text for phrase in phrases(plan)]
        unwanted = {p.text for n in walk(plan) if isinstance(n, Not) for p in phrases(n)}
        wanted = [text for text in texts if text not in unwanted] or texts
        paragraphs = tuple((text,) for text in wanted)
    known = {text: float(not any(w in text.lower() for w in UNKNOWN_WORDS)) for text in texts}
    return {
        "paragraphs": paragraphs,
        "words": tuple(searched.lower().split()),
        "plan": plan,
        "phrases": SimpleNamespace(known=known, vectors=known),
        "notes": (*reading.notes, *([note] if note else [])),
        "corrected": corrected,
    }


def probability(room: Room, phrase: str) -> float:
    """Return how surely a room shows a phrase: whether its text has one of the longer words."""
    text = " ".join((room.name, *room.paragraph)).lower()
    words = [word.strip(".,").rstrip("s") for word in phrase.lower().split()]
    return SURE if any(len(word) > 4 and word in text for word in words) else UNSURE


def invent_presence(room: Room, plan: Plan | None) -> dict[str, float]:
    """Return by phrase the probability that a room shows it."""
    leaves = phrases(plan) if plan is not None else ()
    return {leaf.text: probability(room, leaf.text) for leaf in leaves}


def invent_answers(match: MuseumMatch, museum: Museum, plan: Plan | None) -> MuseumMatch:
    """Return a museum found with its fit, its answers and, for a structured query, a part of the
    score for the plan."""
    if plan is None:
        return match
    answers = tuple(_answers(museum, plan))
    fit = 1.0
    for one in answers:
        fit *= one.probability
    if plan.is_plain:
        return replace(match, fit=fit, answers=answers)
    levels = match.levels | {PLAN: PLAN_WEIGHT * fit}
    return replace(match, fit=fit, answers=answers, levels=levels, score=sum(levels.values()))


def _answers(museum: Museum, part: Plan) -> list[PartAnswer]:
    if isinstance(part, Rooms):
        return [PartAnswer(part.text, part.op, (), 1.0, True)]
    if isinstance(part, Description):
        texts = [sentence for paragraph in part.paragraphs for sentence in paragraph]
        return [_shown(museum, text, "phrase") for text in texts]
    if isinstance(part, Not):
        shown = _shown(museum, phrases(part)[0].text, "phrase")
        sure = 1 - shown.probability
        return [PartAnswer(part.text, "not", shown.rooms, sure, sure >= 0.5, shown.views)]
    if isinstance(part, Phrase):
        return [_shown(museum, part.text, part.op)]
    if isinstance(part, And) and part.rooms == "same":
        return [_shown(museum, part.text, part.op)]
    return [one for child in part.children for one in _answers(museum, child)]


def _shown(museum: Museum, text: str, op: str) -> PartAnswer:
    sure = [probability(room, text) for room in museum.rooms]
    best = max(range(len(sure)), key=sure.__getitem__)
    return PartAnswer(text, op, (best,), sure[best], sure[best] >= 0.5, (0,))
