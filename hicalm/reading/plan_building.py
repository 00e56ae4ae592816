"""From the grammar's tree to a plan: what speaks of the museum is taken out of where it stood."""

import re
from dataclasses import dataclass, field

from lark import Token, Tree

from hicalm.reading.negations import read_negation, room_like, without_is
from hicalm.reading.plan_phrases import (
    ROOM_LOOKS,
    SCAFFOLD,
    clean_phrase,
    is_anything,
    names_a_room,
    singular_room,
    speaks_of_a_room,
    speaks_of_style,
    split_list,
    words_in,
)
from hicalm.reading.quantities import read_limits
from hicalm.reading.query_plan import And, Count, Not, Phrase, Plan, Rooms, Scope, Then

_POSITIVE_BEHIND = re.compile(
    r"\s*[,;.:]\s*(?:(?:and|but|then|so|please)\s+)*|\s+but\s+(?=(?:an?|with|some|lots)\b)"
    r"|\)\s*(?:(?:and|but|then|plus)\s+)*"
)
_OR = re.compile(r"\b(?:or|nor)\b", re.IGNORECASE)
_OF_THE_ROOMS = re.compile(r"\b(?:of|about|to|for)\W*$", re.IGNORECASE)
_EXACT = re.compile(r"\b(?:exactly|precisely|only|just)\b(?!\s+one\s+but)", re.IGNORECASE)
_IN_A_ROOM = re.compile(r"(?<=\w)\s+in\s+an?\s+(?:room|gallery|hall)\s*$", re.IGNORECASE)
_MORE_OF_IT = re.compile(r"(?:in|on|with|under|at|by)\s", re.IGNORECASE)
_NON = re.compile(r"\W*non[-\s]?$", re.IGNORECASE)
_ROOM_BEHIND = re.compile(r"(?:rooms?|gallery|hall|walls?|floor)\b", re.IGNORECASE)
_IT = re.compile(r"(?:one|ones|any|it|them|those|either|that)$", re.IGNORECASE)
_FROM_WHICH = re.compile(
    r"^(.*?)\s*\bin\s+an?\s+(?:room|gallery|hall)\s+(?:from|in)\s+which\s+(.+)$", re.IGNORECASE
)
_JUST_TOGETHER = SCAFFOLD | {"together", "combined", "united", "joined", "side", "next"}
_ROOM_IS = re.compile(r"\brooms?\b.*\b(?:is|are|be)$", re.IGNORECASE)
_LAST_THING = re.compile(
    r"^(.*(?:[,;.:(]|\b(?:(?<!black[\s-])and|but|though|with|while)\b))\s*(.+)$",
    re.IGNORECASE | re.DOTALL,
)
# "pastel isn't", "the red ones excluded": of what was asked for, and not of the museum.
_LEFT_OUT = re.compile(
    r"\b(?:no|not|isn|aren|excluded|excepted|included|aside|left\s+out|stand|bear|abide|hates?|dislikes?|detests?|loathes?|do|does|don|doesn|without|skip|unwelcome|unwanted|undesired|apply|exempt\w*|avoided)\b",
    re.IGNORECASE,
)
_APART = re.compile(r"\b(?:separate|different|distinct)\b", re.IGNORECASE)
_PUT = re.compile(r"^(?:keep|put|hang|place|show|can|could|let|have)\s+(?=\S)", re.IGNORECASE)
_JUST_LIKE = re.compile(r"^(?:an?|one)\s+([\w-]+)$", re.IGNORECASE)
_ONE = re.compile(r"\bones?\b(?=\s*$)", re.IGNORECASE)


@dataclass
class _Group:
    """What is asked of a place: words, what is not wanted, and how they share rooms."""

    words: list[str] = field(default_factory=list)
    nots: list[Not] = field(default_factory=list)
    together: bool = False
    apart: bool = False
    count: int = 1
    rooms: int = 1  # of "in three separate rooms"
    distinct: bool = False  # "in three different rooms"
    listed: tuple[int | None, int | None] | None = None  # "three rooms:" before a list


class Builder:
    """Makes one query's plan; ``notes`` says what was not understood."""

    def __init__(self, source: str):
        self.source = source
        self.notes: list[str] = []
        self._of_the_museum: list[tuple[int, Plan]] = []  # where it stood, and what
        self._alone = False  # whether nothing is asked for, only left out

    def build(self, tree: Tree) -> Plan | None:
        """Return the plan of the tree that the grammar gives; None for one without content."""
        self._alone = not any(tree.find_pred(_is_positive))
        parts: list[tuple[int, Plan]] = []
        for child in tree.children:
            if isinstance(child, Token):
                if (limit := self._limit(child)) is not None:
                    parts.append((child.start_pos or 0, limit))
            elif (plan := self._chain(child)) is not None:
                parts.append((child.meta.start_pos, plan))
        parts = sorted(parts + self._of_the_museum, key=lambda part: part[0])
        plans = _without_idle_limit([plan for _, plan in parts])
        if len(plans) < 2:
            return plans[0] if plans else None
        return And(tuple(plans), "any", text=self.source)

    def _limit(self, token: Token) -> Plan | None:
        limits = read_limits(str(token))
        if limits is None:
            self.notes.append(
                f"“{_words(token)}” was not read as a limit of rooms: it allows none."
            )
            return None
        return Rooms(*limits, text=_words(token))

    def _chain(self, tree: Tree) -> Plan | None:
        """Join places from left to right, by what stands between them."""
        plan, link = self._place(tree.children[0]), ""
        joined = ""  # how `plan` was made: more of the same is added to it
        for child in tree.children[1:]:
            if child.data == "link":
                link = _tokens(child)[0].type
                continue
            place = self._place(child)
            text = self.source[tree.meta.start_pos : child.meta.end_pos].strip()
            if place is None or plan is None:
                plan = place or plan
            elif link == "DIFFERENT":
                parts = (*_parts(plan, joined == link), place)
                plan, joined = And(parts, "different", text=text), link
            else:
                parts = _parts(plan, joined == "THEN")
                parts = (place, *parts) if link == "AFTER" else (*parts, place)
                plan, joined = Then(parts, text=text), "THEN"
        return plan

    def _place(self, tree: Tree) -> Plan | None:
        groups = [child for child in tree.children if isinstance(child, Tree)]
        plans = [plan for plan in map(self._group, groups) if plan is not None]
        if len(plans) < 2:
            return plans[0] if plans else None
        first, text = plans[0], self._text(tree)
        if isinstance(first, Count):  # "two rooms of horses that also have a bench"
            return Count(first.at_least, _same([first.part, *plans[1:]], text), text=text)
        return _same(plans, text)

    def _group(self, tree: Tree) -> Plan | None:
        group = _Group()
        ends = [tree.meta.start_pos]
        for child in tree.children:
            aside = len(self._of_the_museum)
            if isinstance(child, Tree):
                self._negation(child, group)
            elif child.type == "TEXT":
                group.words.append(str(child))
            elif child.type in ("COUNT", "COUNT_IN"):
                group.count = max(group.count, self._count(child))
                group.distinct |= _APART.search(child) is not None
            else:
                group.together |= child.type == "TOGETHER"
                group.apart |= child.type == "APART"
                if child.type == "APART" and (limits := read_limits(str(child))):
                    group.distinct, group.rooms = True, limits[0] or 1
                listed = str(child).rstrip().endswith(":")
                group.listed = read_limits(str(child)) if listed else None
            if len(self._of_the_museum) == aside:
                ends.append(child.meta.end_pos if isinstance(child, Tree) else child.end_pos or 0)
        return self._made(group, self.source[tree.meta.start_pos : max(ends)].strip(" ,;."))

    def _made(self, group: _Group, text: str) -> Plan | None:
        shown = [one for one in map(self._one, _listed(group)) if not is_anything(one)]
        if group.listed and group.listed[0] != len(shown):
            self._of_the_museum.append((-1, Rooms(*group.listed, text=text.partition(":")[0])))
            shown = [clean_phrase(" ".join(group.words))]
            group.apart, shown = False, [one for one in shown if words_in(one)]
        if group.distinct and group.count > 1:
            each = split_list(" ".join(group.words))
            if len(each) == group.count and not group.nots:
                group.apart, shown = True, each
        if group.apart and len(shown) < 2:
            group.count = max(group.count, group.rooms)
        if group.apart and len(shown) > 1 and not group.nots:
            return And(tuple(Phrase(text=part) for part in shown), "different", text=text)
        if group.count > 1:
            shown = [singular_room(part) for part in shown]
        parts: list[Plan] = [*(Phrase(text=part) for part in shown), *group.nots]
        if not parts:
            return None
        plan = parts[0] if len(parts) == 1 else _same(parts, text)
        return Count(group.count, plan, text=text) if group.count > 1 else plan

    def _one(self, phrase: str) -> str:
        """ "a black one" -> "a black room", where the query speaks of rooms."""
        if match := _JUST_LIKE.match(phrase):
            named = match.group(1).lower() in ROOM_LOOKS and names_a_room(self.source)
            phrase = f"a {match.group(1)} room" if named else phrase
        if names_a_room(phrase):
            phrase = re.sub(r"^one(?=\s)", "a", phrase, flags=re.IGNORECASE)
        if re.search(r"\bones\s*$", phrase, re.IGNORECASE):
            return _ONE.sub("pictures", phrase)
        before = self.source[: max(self.source.find(phrase), 0)]
        return _ONE.sub("room" if names_a_room(before) else "picture", phrase)

    def _count(self, token: Token) -> int:
        words = str(token)
        limits = read_limits(words)
        if limits and limits[0] is None and not _OF_THE_ROOMS.search(words):
            self._of_the_museum.append((token.start_pos or 0, Rooms(*limits, text=_words(token))))
            return 1
        if limits is None or limits[0] is None:
            self.notes.append(
                f"“{_words(token)}” was ignored: only “at least” can be asked of rooms."
            )
            return 1
        if limits[0] > 1 and _EXACT.search(words):
            self.notes.append(f"“{_words(token)}” was read as at least so many.")
        return limits[0]

    def _negation(self, tree: Tree, group: _Group) -> None:
        """Read a negation into the group; what it says of the museum is put aside."""
        cue, *rest = _tokens(tree)
        start = tree.meta.start_pos
        if cue.type == "ABSENT":
            self._absent(cue, group)
            return
        phrase = next((str(one) for one in rest if one.type == "TEXT"), "")
        suffix = next((str(one) for one in rest if one.type != "TEXT"), "")
        phrase, behind = _split_behind(str(cue), phrase) if not suffix else (phrase, "")
        host = ", ".join(group.words)
        text = self._text(tree)
        in_a_room = _IN_A_ROOM.search(phrase)
        phrase = phrase[: in_a_room.start()] if in_a_room else phrase
        alone = self._alone and not behind
        if cue.type == "NOT_MUSEUM":
            if words_in(clean_phrase(phrase)):
                shown = without_is(clean_phrase(phrase))
                part = Phrase(text=room_like(shown) if _ROOM_IS.search(str(cue)) else shown)
                self._of_the_museum.append((start, Not(part, "museum", text=text)))
        elif group.nots and _IT.match(clean_phrase(phrase)):
            pass  # "hate carpets, so a room without one"
        elif (found := read_negation(host, str(cue), phrase, suffix, alone)) is None:
            self.notes.append(
                f"“{_words(cue)}” was ignored: nothing follows that it could be about."
            )
        elif found.of == "museum":
            part = Phrase(text=found.phrase)
            self._of_the_museum.append((start, Not(part, "museum", text=text)))
        else:
            group.words = [found.host] if found.host else []
            group.nots.append(Not(Phrase(text=found.phrase), found.of, text=text))
        if in_a_room:  # for the next negation: "... that isn't red"
            group.words.append(in_a_room.group())
        if behind:
            if group.words and _MORE_OF_IT.match(behind):
                behind = f"{group.words.pop()} {behind}"
            group.words.append(behind)

    def _absent(self, cue: Token, group: _Group) -> None:
        """ "boats, and horses nowhere": the last thing before the cue is what is not there.

        Without such a word as "nowhere" it is left out of what stands before: "ships, pastel no".
        """
        host = " ".join(group.words)
        if room := _FROM_WHICH.match(host):  # "ships in a hall from which plants are absent"
            part = Phrase(text=clean_phrase(room.group(2)))
            group.words = [room.group(1)] if words_in(clean_phrase(room.group(1))) else []
            group.nots.append(Not(part, "room", text=_words(cue)))
            return
        last = _LAST_THING.match(host)
        kept, gone = (last.group(1), last.group(2)) if last else ("", host)
        if not words_in(clean_phrase(gone)):
            self.notes.append(f"“{_words(cue)}” was ignored: nothing stands before it.")
            return
        group.words = [kept] if words_in(clean_phrase(kept)) else []
        text = f"{clean_phrase(gone)} {_words(cue)}"
        if (
            group.words
            and _LEFT_OUT.search(cue)
            and (speaks_of_style(gone) or speaks_of_a_room(gone))
        ):
            found = read_negation(kept, "except", gone, "", alone=False)
            if found is not None and found.of != "museum":
                group.words = [found.host] if found.host else []
                group.nots.append(Not(Phrase(text=found.phrase), found.of, text=text))
                return
        part = Phrase(text=clean_phrase(gone))
        self._of_the_museum.append((cue.start_pos or 0, Not(part, "museum", text=text)))

    def _text(self, tree: Tree) -> str:
        return self.source[tree.meta.start_pos : tree.meta.end_pos].strip(" ,;.")


def _is_positive(tree: Tree) -> bool:
    return tree.data == "group" and any(
        isinstance(child, Token)
        and child.type == "TEXT"
        and not is_anything(clean_phrase(str(child)))
        for child in tree.children
    )


def _tokens(tree: Tree) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


def _words(token: Token) -> str:
    return str(token).strip(" ,;.()")


def _parts(plan: Plan, flat: bool) -> tuple[Plan, ...]:
    return plan.children if flat else (plan,)


def _same(plans: list[Plan], text: str) -> Plan:
    """Join in one room; an *and* in the same room among the parts is opened."""
    parts: list[Plan] = []
    for plan in plans:
        opened = isinstance(plan, And) and plan.rooms == "same"
        parts.extend(plan.children if opened else (plan,))
    return And(tuple(parts), "same", text=text)


def _listed(group: _Group) -> list[str]:
    """Return what the words of a group show, each thing apart where rooms are spoken of."""
    if group.together or group.apart:
        words = [_PUT.sub("", one) for one in group.words]
        parts = [part for one in words for part in split_list(one)]
        if len(parts) < 2 and group.together:
            parts = split_list(" ".join(words), with_too=True)
        parts = [part for part in parts if set(words_in(part)) - _JUST_TOGETHER]
        if len(parts) > 1:
            return parts
    cleaned = [part for part in map(clean_phrase, group.words) if words_in(part)]
    cleaned = [part for part in cleaned if not is_anything(part)]
    return [", ".join(cleaned)] if cleaned else []


def _split_behind(cue: str, phrase: str) -> tuple[str, str]:
    """Part "horses, gardens" behind "without" in what is left out and what is asked for."""
    if _NON.match(cue):  # "non-cubist portraits"
        before, _, behind = phrase.partition(" ")
        if _ROOM_BEHIND.match(behind):
            return phrase, ""
        return before, behind
    joint = _POSITIVE_BEHIND.search(phrase)
    if joint is None or _OR.search(phrase[joint.start() :]):
        return phrase, ""
    before, behind = phrase[: joint.start()], phrase[joint.end() :]
    if not words_in(before) or not words_in(clean_phrase(behind)):
        return phrase, ""
    return before, behind


def _without_idle_limit(plans: list[Plan]) -> list[Plan]:
    """Drop "two rooms" before "one of A and one of B": the number says what they say."""
    kept = []
    for plan in plans:
        if isinstance(plan, Rooms) and plan.min == plan.max and not _of_a_museum(plan.text):
            others = [one.places for one in plans if one.scope == Scope.SEVERAL_ROOMS]
            if plan.min in others:
                continue
        kept.append(plan)
    return kept


def _of_a_museum(text: str) -> bool:
    return re.search(r"museum|collection|building|place|house|only|just|exactly", text) is not None
