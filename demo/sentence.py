"""What a museum shows of a query, in one sentence and the pictures that carry it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from demo import text
from demo.verdict import KNOWN_FROM, LITTLE, Cover, match_word, room_list
from hicalm.reading.plan_wordings import number_word
from hicalm.reading.query_plan import Not, Phrase, Plan, phrases, walk
from hicalm.retrieval.results import MuseumMatch, PartAnswer

SHOWN_FROM = 0.5  # how surely a room shows a phrase, to count as showing it
MOST_VIEWS = 3  # pictures beside the sentence


class Clause(NamedTuple):
    """A part of the sentence: some words of the query between words of ours."""

    before: str
    words: tuple[str, ...] = ()
    after: str = ""


class Sentence(NamedTuple):
    """What is said about a museum, and the views that show it."""

    clauses: list[Clause]
    views: list[Cover]


@dataclass(frozen=True)
class Telling:
    """What is known about a museum found by a query: its ``plan`` (None for a picture) and, by
    phrase, how surely (0..1) the encoder knows it, and each room shows any of it."""

    match: MuseumMatch
    plan: Plan | None
    known: Mapping[str, float] = field(default_factory=dict)
    presence: Sequence[Mapping[str, float]] = ()

    def sentence(self) -> Sentence:
        """Return what the museum shows of the query, and what it does not."""
        views = self._views()
        clauses = [*self._where(views), *self._not_shown(), *self._unwanted()]
        known = any(self._is_known(phrase) for _, own in self._wanted for phrase in own)
        if not views and (known or not clauses):
            best = self.match.best_room, self.match.best_view
            clauses.append(Clause(text.NEAREST.format(room_list(best[:1]))))
            views = [Cover(*best, "")]
        return Sentence(clauses, views[:MOST_VIEWS])

    @property
    def _nodes(self) -> list[Plan]:
        return [] if self.plan is None else list(walk(self.plan))

    @property
    def _wanted(self) -> list[tuple[PartAnswer, tuple[str, ...]]]:
        """The answers to what is to be there, each with its phrases."""
        avoided = {leaf for node in self._nodes if isinstance(node, Not) for leaf in phrases(node)}
        leaves = {
            n.text: tuple(p.text for p in phrases(n) if p not in avoided) for n in self._nodes
        }
        asked = [one for one in self.match.answers if one.op not in ("not", "rooms")]
        return [(one, leaves.get(one.text) or (one.text,)) for one in asked]

    def _is_known(self, phrase: str) -> bool:
        return self.known.get(phrase, 1.0) >= KNOWN_FROM

    def _views(self) -> list[Cover]:
        """Return the views that show parts of the query: the best one of each room that answers.

        Of a query of one phrase these are all rooms that show it, the surest first.
        """
        found: dict[tuple[int, int], list[str]] = {}
        for one, own in self._wanted:
            if one.answered and any(self._is_known(phrase) for phrase in own):
                for place in zip(one.rooms, one.views, strict=False):
                    found.setdefault(place, []).append(text.shortened(one.text))
        if isinstance(self.plan, Phrase) and found:
            sure = [room.get(self.plan.text, 0.0) for room in self.presence]
            best = {room.index: room.best_view for room in self.match.rooms}
            first = {room for room, _ in found}
            others = [n for n, value in enumerate(sure) if value >= SHOWN_FROM and n not in first]
            for room in sorted(others, key=lambda n: -sure[n]):
                found[room, best[room]] = [text.shortened(self.plan.text)]
        return [Cover(*place, ", ".join(words)) for place, words in found.items()]

    def _where(self, views: Sequence[Cover]) -> Iterator[Clause]:
        """Yield which rooms show the query, or a part of it."""
        if not views:
            return
        rooms = tuple({view.room for view in views})
        what = text.SHOWS_PART
        if all(one.answered for one, _ in self._wanted):
            little = match_word(self.match.fit) == LITTLE
            what = text.SHOWS_AMONG_OTHERS if little else text.SHOWS_ALL
        pattern = text.ROOM_SHOWS if len(rooms) == 1 else text.ROOMS_SHOW
        yield Clause(pattern.format(rooms=room_list(rooms), what=what))

    def _not_shown(self) -> Iterator[Clause]:
        """Yield what no room shows, what is not known, and what is not as it was asked for."""
        unknown = [one for _, own in self._wanted for one in own if not self._is_known(one)]
        missing, otherwise = [], []
        for one, own in self._wanted:
            lacking = [phrase for phrase in own if phrase in unknown or self._nowhere(phrase)]
            if not one.answered:
                missing += [phrase for phrase in lacking if phrase not in unknown]
                otherwise += [] if lacking else [one]
        if missing:
            yield _clause(text.MISSING, *missing)
        if unknown:
            yield _clause(text.NOT_KNOWN, *unknown)
        for one in otherwise:
            pattern = text.TOO_FEW_SHOW if len(one.rooms) > 1 else text.SHOWN_ELSEWHERE
            yield _clause(pattern.replace("{number}", number_word(len(one.rooms))), one.text)

    def _nowhere(self, phrase: str) -> bool:
        return all(room.get(phrase, 0.0) < SHOWN_FROM for room in self.presence)

    def _unwanted(self) -> Iterator[Clause]:
        """Yield what is said of limits, and of what is not to be there."""
        avoided = {node.text: node.part.text for node in self._nodes if isinstance(node, Not)}
        for one in self.match.answers:
            if one.op == "rooms" and not one.answered:
                yield _clause(text.LIMIT_MISSED, one.text)
            elif one.op == "not":
                pattern = text.ABSENT if one.answered else text.PERHAPS_THERE
                pattern = pattern.replace("{rooms}", room_list(one.rooms) or text.SOME_ROOM)
                yield _clause(pattern, avoided.get(one.text) or one.text)


def _clause(pattern: str, *words: str) -> Clause:
    before, _, after = pattern.partition("{}")
    return Clause(before, tuple(text.shortened(one) for one in dict.fromkeys(words)), after)
