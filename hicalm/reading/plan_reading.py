"""A query read into its plan, by a grammar; what the grammar cannot read is read as words."""

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from lark import Lark
from lark.exceptions import LarkError

from hicalm.data.sentences import clean, split_sentences
from hicalm.errors import HicalmError
from hicalm.reading.cue_reading import read_by_cues
from hicalm.reading.plan_building import Builder
from hicalm.reading.plan_tokens import Normaliser
from hicalm.reading.query_plan import Description, Phrase, Plan, check_plan
from hicalm.reading.query_text import split_rooms

GRAMMAR = Path(__file__).parent / "plan_grammar.lark"
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

    A description, and a query without anything that the grammar or a cue word (`cue_reading`)
    tells of, is plain: a `Phrase` of one sentence, or a `Description` with the paragraphs of
    `split_rooms`.
    """
    text = clean(text)
    if is_description(text):
        return Reading(_plain(text))
    builder = Builder(text)
    try:
        plan = builder.build(parser().parse(text))
        if plan is None or plan.is_plain:
            return _by_cues(text, tuple(builder.notes))
        return Reading(replace(check_plan(plan), text=text), tuple(builder.notes))
    except (LarkError, HicalmError):
        return _by_cues(text, (NOT_UNDERSTOOD,))


def _by_cues(text: str, notes: tuple[str, ...]) -> Reading:
    """Read what the grammar took for one phrase by its cue words, or else as words."""
    plain = _plain(text)
    found = read_by_cues(text) if isinstance(plain, Phrase) else None
    try:
        found = None if found is None else check_plan(found)
    except HicalmError:
        found = None
    if found is None:
        return Reading(plain, notes)
    try:
        check_plan(found)
    except HicalmError:  # cue words limit nothing: twenty things in a row are too many here too
        return Reading(plain, tuple(dict.fromkeys((*notes, NOT_UNDERSTOOD))))
    return Reading(
        replace(found, text=text), tuple(note for note in notes if note != NOT_UNDERSTOOD)
    )


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


@cache
def parser() -> Lark:
    """Return the grammar, ready to parse. The first call takes about a second: warm it up."""
    grammar = Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        postlex=Normaliser(),
        propagate_positions=True,
        g_regex_flags=re.IGNORECASE,
    )
    grammar.parse("horses")  # lark puts its terminals together when it first needs them
    return grammar


def _plain(text: str) -> Plan:
    paragraphs = split_rooms(text)
    if len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        return Phrase(text=paragraphs[0][0])
    return Description(paragraphs, text=text)
