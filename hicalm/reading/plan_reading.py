"""A query read into its plan, by the tagger or the grammar; what neither reads is read as words."""

import re
from dataclasses import dataclass, field, replace
from functools import cache

from lark import Lark
from lark.exceptions import LarkError

from hicalm.data.sentences import clean, split_sentences
from hicalm.errors import HicalmError
from hicalm.reading.compiled_grammar import load_grammar
from hicalm.reading.plan_building import Builder
from hicalm.reading.plan_tagger import read_tags, shipped_tagger
from hicalm.reading.query_plan import (
    And,
    Count,
    Description,
    Phrase,
    Plan,
    check_plan,
    walk,
)
from hicalm.reading.query_text import split_rooms

# Beyond these a text is a description, whose sentences say what is there, and not a request.
MOST_SENTENCES = 2
MOST_WORDS = 60
MOST_CHARACTERS = 600
# "First horses. Then ships. Last of all flowers.": sentences that only go on with a list.
_GOES_ON = re.compile(
    r"[.;]\s+(?=(?:and\s+)?(?:then|next|after(?:wards|\s+that)?|second(?:ly)?|third(?:ly)?|last(?:ly)?|"
    r"finally|no|not|nothing|at\s+most|max)\b"
    r"(?!,?\s+(?:they|he|she|it|there|this|its?|his|her)\b)(?:[^.!?]{0,40}(?:[.!?]|$)))",
    re.IGNORECASE,
)
# The numbers of "1. horses 2. boats", whose full stops end no sentence.
_NUMBERS = re.compile(r"(?<!\S)\(?[1-9][.)](?=\s*[^\W\d])")
# Of the tagger's reading: below, the grammar reads. Chosen on validation queries; the latter of
# plans that only ask for several things, by what is said of their rooms.
SURE_FROM = 0.5
SURE_OF_WANTED = {"different": 0.65, "same": 0.9, "any": 1.1}
_EXACT = re.compile(
    r"\b(?:exactly|precisely|at\s+most|no\s+more\s+than|up\s+to|not\s+more\s+than|fewer\s+than)\b"
    r"[^,;]*?\b(?:rooms?|galler\w+|halls?)\b",
    re.IGNORECASE,
)
NOT_UNDERSTOOD = "How the parts of the query belong together was not understood: read as words."


@dataclass(frozen=True)
class Reading:
    """A query's plan, and what of the query is not in it."""

    plan: Plan
    notes: tuple[str, ...] = field(default=())  # sentences to show


def read_plan(text: str) -> Plan:
    """Return the plan of a query. Never raises for a text that `check_query` accepts."""
    return read_query(text).plan


def read_query(text: str) -> Reading:
    """Return the plan of a query, and notes on what was not understood.

    The tagger reads it (`plan_tagger`) and, where that is not sure, the grammar. A description,
    and a query in which neither finds more than one thing to show, is plain: a `Phrase` of one
    sentence, or a `Description` with the paragraphs of `split_rooms`.
    """
    text = clean(text)
    if is_description(text):
        return Reading(_plain(text))
    read = read_tags(text)
    if read.plan is None or read.sureness < _sure_from(read.plan):
        return read_by_grammar(text)
    return _as_tagged(text, read.plan)


def _sure_from(plan: Plan) -> float:
    """Return how sure the tagger has to be of a plan.

    Whether "portraits on blue walls" is one thing or two in one room is a matter of taste, and read
    as one phrase it is answered about as well. So what is only wanted, without an order or a
    number, is taken for several things where the tagger is quite sure; lists are left to the
    grammar.
    """
    nodes = tuple(walk(plan))
    if plan.is_plain or not all(isinstance(node, Phrase | And) for node in nodes):
        return SURE_FROM
    rooms = {node.rooms for node in nodes if isinstance(node, And)}
    return max(SURE_OF_WANTED[one] for one in rooms)


def _as_tagged(text: str, plan: Plan) -> Reading:
    if plan.is_plain:
        return Reading(_plain(text))
    try:
        return Reading(replace(check_plan(plan), text=text), _count_notes(plan))
    except HicalmError:  # twenty things in a row
        return Reading(_plain(text), (NOT_UNDERSTOOD,))


def _count_notes(plan: Plan) -> tuple[str, ...]:
    """Say where a count asks for more than what can be asked."""
    limited = (_EXACT.search(node.text) for node in walk(plan) if isinstance(node, Count))
    return tuple(
        f"“{match.group().strip()}” was read as at least so many: only “at least” can be asked of "
        "rooms of one thing."
        for match in limited
        if match is not None
    )


def read_by_grammar(text: str) -> Reading:
    """Return the plan that the grammar reads in a request. Never raises."""
    text = clean(text)
    builder = Builder(text)
    try:
        plan = builder.build(parser().parse(text))
        if plan is None or plan.is_plain:
            return Reading(_plain(text), tuple(builder.notes))
        return Reading(replace(check_plan(plan), text=text), tuple(builder.notes))
    except (LarkError, HicalmError):
        return Reading(_plain(text), (NOT_UNDERSTOOD,))


def is_description(text: str) -> bool:
    """Tell whether a text is too long for a request."""
    return (
        len(text) > MOST_CHARACTERS
        or len(text.split()) > MOST_WORDS
        or _sentences(text) > MOST_SENTENCES
    )


def _sentences(text: str) -> int:
    text = _NUMBERS.sub("", text)
    if len(split_sentences(_GOES_ON.sub(", ", text))) == 1:
        return 1
    return len(split_sentences(text))


def prepare_reading() -> None:
    """Load what reads plans, which takes seconds."""
    shipped_tagger()
    parser()


@cache
def parser() -> Lark:
    """Return the grammar, ready to parse."""
    grammar = load_grammar()
    grammar.parse("horses")  # lark puts its terminals together when it first needs them
    return grammar


def _plain(text: str) -> Plan:
    paragraphs = split_rooms(text)
    if len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        return Phrase(text=paragraphs[0][0])
    return Description(paragraphs, text=text)
