"""A query read into its plan, by the tagger or the grammar; what neither reads is read as words."""

import re
from dataclasses import replace

from hicalm.data.sentences import clean
from hicalm.errors import HicalmError
from hicalm.reading.grammar_reading import (
    NOT_UNDERSTOOD,
    Reading,
    is_description,
    plain_plan,
    read_by_grammar,
)
from hicalm.reading.plan_tagger import read_tags
from hicalm.reading.plan_wordings import is_wording
from hicalm.reading.query_plan import And, Count, Phrase, Plan, check_plan, walk

# Of the tagger's reading: below, the grammar reads. Chosen on validation queries; the latter of
# plans that only ask for several things, by what is said of their rooms.
SURE_FROM = 0.5
SURE_OF_WANTED = {"different": 0.65, "same": 0.9, "any": 1.1}
_EXACT = re.compile(
    r"\b(?:exactly|precisely|at\s+most|no\s+more\s+than|up\s+to|not\s+more\s+than|fewer\s+than)\b"
    r"[^,;]*?\b(?:rooms?|galler\w+|halls?)\b",
    re.IGNORECASE,
)


def read_plan(text: str) -> Plan:
    """Return the plan of a query. Never raises for a text that `check_query` accepts."""
    return read_query(text).plan


def read_query(text: str) -> Reading:
    """Return the plan of a query, and notes on what was not understood.

    The grammar reads the app's own wordings (`plan_wordings`); the tagger reads all others
    (`plan_tagger`) and, where that is not sure, again the grammar. A description, and a query in
    which neither finds more than one thing to show, is plain: a `Phrase` of one sentence, or a
    `Description` with the paragraphs of `split_rooms`.
    """
    text = clean(text)
    if is_description(text):
        return Reading(plain_plan(text))
    by_grammar = read_by_grammar(text)
    if is_wording(text, by_grammar.plan):
        return by_grammar
    read = read_tags(text)
    if read.plan is None or read.sureness < _sure_from(read.plan):
        return by_grammar
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
        return Reading(plain_plan(text))
    try:
        return Reading(replace(check_plan(plan), text=text), _count_notes(plan))
    except HicalmError:  # twenty things in a row
        return Reading(plain_plan(text), (NOT_UNDERSTOOD,))


def _count_notes(plan: Plan) -> tuple[str, ...]:
    """Say where a count asks for more than what can be asked."""
    limited = (_EXACT.search(node.text) for node in walk(plan) if isinstance(node, Count))
    return tuple(
        f"“{match.group().strip()}” was read as at least so many: only “at least” can be asked of "
        "rooms of one thing."
        for match in limited
        if match is not None
    )
