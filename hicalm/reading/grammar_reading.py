"""A query read by the grammar, and what is no request: descriptions, and one thing to show."""

import re
import threading
from dataclasses import dataclass, field, replace
from functools import cache

from lark import Lark
from lark.exceptions import LarkError

from hicalm.data.sentences import clean, split_sentences
from hicalm.errors import HicalmError
from hicalm.reading.compiled_grammar import load_grammar
from hicalm.reading.plan_building import Builder
from hicalm.reading.query_plan import Description, Phrase, Plan, check_plan
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
_PREPARING = threading.Lock()  # of the grammar, which two threads would both prepare
NOT_UNDERSTOOD = "How the parts of the query belong together was not understood: read as words."


@dataclass(frozen=True)
class Reading:
    """A query's plan, and what of the query is not in it."""

    plan: Plan
    notes: tuple[str, ...] = field(default=())  # sentences to show


def read_by_grammar(text: str) -> Reading:
    """Return the plan that the grammar reads in a request. Never raises."""
    text = clean(text)
    builder = Builder(text)
    try:
        plan = builder.build(parser().parse(text))
        if plan is None or plan.is_plain:
            return Reading(plain_plan(text), tuple(builder.notes))
        return Reading(replace(check_plan(plan), text=text), tuple(builder.notes))
    except (LarkError, HicalmError):
        return Reading(plain_plan(text), (NOT_UNDERSTOOD,))


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


def parser() -> Lark:
    """Return the grammar, ready to parse; the first call takes a second, and others wait for it."""
    with _PREPARING:
        return _prepared()


@cache
def _prepared() -> Lark:
    grammar = load_grammar()
    grammar.parse("horses")  # lark puts its terminals together when it first needs them
    return grammar


def plain_plan(text: str) -> Plan:
    """Return the plan of a text that asks for one thing, or describes rooms in paragraphs."""
    paragraphs = split_rooms(text)
    if len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        return Phrase(text=paragraphs[0][0])
    return Description(paragraphs, text=text)
