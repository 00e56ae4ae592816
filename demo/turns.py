"""Turns: whose work is next, so that nobody who asks for much holds up the others.

Searches would only share the cores, and Python's lock, if they ran side by side. So there is one at
a time in each of two lanes: short work, and long work, which gives way: between its steps
(``hicalm.matching.pauses``) it waits while there is short work. Within a lane it is the turn of the
visitor whose work took the least time lately, with what the visitor asks for now.

Work whose visitor has left before its turn is dropped.

A visitor whose work has a key does not wait for longer than ``PATIENCE``: the work keeps its place,
and what it comes to is given to the visitor who asks for it again.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, TypeVar

from demo import text
from demo.visitors import NOBODY, of_who_has_most, presence, visitor
from hicalm.errors import HicalmError
from hicalm.matching.pauses import pausing

Value = TypeVar("Value")

MOST_OF_ONE = 8  # pieces of a visitor that wait or are worked on
MOST_WAITING = 160  # pieces of all; each waits in a thread of its own
THREADS = 240  # of calls; they are Gradio's own, so that files and pictures wait for none of them
PATIENCE = 10.0  # seconds that a page waits, less than those after which its script asks again
KEPT = 120.0  # seconds that what is done waits to be asked for: a hidden page asks once a minute
HALF_LIFE = 20.0  # seconds after which half of what somebody used is forgotten
LEAST_SHARE = 0.1  # of the time, for long work, however much short work there is
SHORT, LONG = "short", "long"
EXPECTED = {SHORT: 0.1, LONG: 1.0}  # seconds: what is asked for counts before it is done
_in_turn: ContextVar[bool] = ContextVar("in turn", default=False)


class BusyError(HicalmError):
    """Too much is waiting already: it is worth asking again in a moment."""


@dataclass(eq=False)
class _Piece:
    """Work that waits for its turn."""

    visitor: str
    work: Callable[[], Any]
    number: int
    is_wanted: Callable[[], bool]  # by a visitor who is still there
    done: Future[Any] = field(default_factory=Future)
    is_awaited: bool = True  # by a call that has not given up
    ended: float = inf  # when that was


def _nothing() -> None:
    """Do nothing."""


def _always() -> bool:
    return True


class Turns:
    """Does work in turn; safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers = {
            lane: ThreadPoolExecutor(1, thread_name_prefix=f"{lane}-work") for lane in (SHORT, LONG)
        }
        self._waiting: dict[str, list[_Piece]] = {SHORT: [], LONG: []}
        self._at_short = False  # whether short work is being done
        self._no_short = threading.Condition(self._lock)
        # Of long work: since when it is not waiting, the seconds that it was at work since it gave
        # way last, and those that the piece being done has waited.
        self._went_on = self._worked = self._waited = 0.0
        self._open: Counter[tuple[str, str]] = Counter()  # pieces by visitor and lane
        self._used: dict[str, tuple[float, float]] = {}  # seconds of work, and when that was noted
        self._left: dict[tuple[str, Hashable], _Piece] = {}  # by key: their calls gave up
        self._count = 0
        self._closed = False

    def do(
        self, work: Callable[[], Value], long: bool = False, key: Hashable | None = None
    ) -> Value:
        """Return what ``work`` returns, or raise what it raises, once it is its visitor's turn.

        Work within work is done at once. Raises BusyError where too much waits already, and where
        work with a ``key`` is not done within ``PATIENCE``: who asks again with the key gets it.
        """
        if _in_turn.get():
            return work()
        lane = LONG if long else SHORT
        name = visitor(), key
        if key is None or name[0] == NOBODY:
            return self._begin(work, lane).done.result()
        with self._lock:
            old = time.monotonic() - KEPT
            self._left = {one: piece for one, piece in self._left.items() if piece.ended > old}
            left = self._left.get(name)
            if left is not None and left.is_awaited:
                raise BusyError(self._place_said(left, lane))
            if left is not None:
                left.is_awaited, left.is_wanted = True, presence()
        piece = left or self._begin(work, lane)
        wait([piece.done], PATIENCE)
        with self._lock:
            if piece.done.done():
                self._left.pop(name, None)
            else:
                piece.is_awaited = False
                kept = self._left.setdefault(name, piece)
                if not kept.is_wanted():
                    self._left[name] = piece
                raise BusyError(self._place_said(piece, lane))
        return piece.done.result()

    def _begin(self, work: Callable[[], Any], lane: str) -> _Piece:
        """Let work wait for its turn. Raises BusyError where too much waits already."""
        context = copy_context()
        context.run(_in_turn.set, True)
        with self._lock:
            name = visitor()
            if name != NOBODY and sum(self._open[name, one] for one in EXPECTED) >= MOST_OF_ONE:
                raise BusyError(text.BUSY_YOURSELF)
            full = sum(map(len, self._waiting.values())) >= MOST_WAITING
            if self._closed or (full and not self._make_room(name)):
                raise BusyError(text.BUSY)
            self._open[name, lane] += 1
            self._count += 1
            run = (
                partial(context.run, self._giving_way, work)
                if lane == LONG
                else partial(context.run, work)
            )
            piece = _Piece(name, run, self._count, presence())
            self._waiting[lane].append(piece)
        self._workers[lane].submit(self._next, lane)
        return piece

    def _make_room(self, name: str) -> bool:
        """Drop what whoever has most waiting asked for last, if that is more than ``name`` has."""
        waiting = [piece for pieces in self._waiting.values() for piece in pieces]
        if not waiting:
            return False
        waiting.sort(key=lambda piece: -piece.number)
        last = of_who_has_most(waiting, lambda piece: piece.visitor)
        has = Counter(piece.visitor for piece in waiting)
        if has[last.visitor] <= has[name] + 1:
            return False
        lane = next(lane for lane, pieces in self._waiting.items() if last in pieces)
        self._waiting[lane].remove(last)
        self._ended(last, lane)
        last.done.set_exception(BusyError(text.BUSY))
        return True

    def _ended(self, piece: _Piece, lane: str) -> None:
        """Note that a piece is done or dropped."""
        piece.ended = time.monotonic()
        self._open[piece.visitor, lane] -= 1
        if not self._open[piece.visitor, lane]:
            del self._open[piece.visitor, lane]

    def _place_said(self, piece: _Piece, lane: str) -> str:
        """Return in a sentence what is done before a piece."""
        if piece not in self._waiting[lane]:
            return text.BEING_DONE
        mine = self._place(piece)
        before = 1 + sum(self._place(other) < mine for other in self._waiting[lane])
        sentence = text.BEFORE_LONG if lane == LONG else text.BEFORE_SHORT
        return sentence.format(before=text.counted(before, "other request"))

    def close(self) -> None:
        """Take nothing more, and drop what waits: the server ends after what is being done."""
        with self._lock:
            self._closed = True
            dropped = [piece for waiting in self._waiting.values() for piece in waiting]
            for waiting in self._waiting.values():
                waiting.clear()
            self._no_short.notify_all()
        for piece in dropped:
            piece.done.set_exception(BusyError(text.BUSY))

    def _giving_way(self, work: Callable[[], Value]) -> Value:
        with pausing(self._give_way):
            self._give_way()
            return work()

    def _give_way(self) -> None:
        """Wait, in long work, while there is short work: so long at most that a share is left."""
        with self._lock:
            began = time.monotonic()
            self._worked += began - self._went_on
            most = self._worked * (1 / LEAST_SHARE - 1)
            self._no_short.wait_for(lambda: not (self._at_short or self._waiting[SHORT]), most)
            self._went_on, self._worked = time.monotonic(), 0.0
            self._waited += self._went_on - began

    def _next(self, lane: str) -> None:
        """Do the piece whose turn it is; none is left where ``close`` dropped it."""
        with self._lock:
            if not self._waiting[lane]:
                return
            piece = min(self._waiting[lane], key=self._place)
            self._waiting[lane].remove(piece)
            began = time.monotonic()
            if lane == SHORT:
                self._at_short = True
            else:
                self._went_on, self._waited = began, 0.0
        result: Any = None
        error: BaseException | None = None
        try:
            if piece.is_wanted():
                result = piece.work()
            else:
                error = BusyError(text.BUSY)  # read by nobody
        except BaseException as raised:
            error = raised
        # what is done may wait to be asked for, but not with all that its call brought
        piece.work, piece.is_wanted = _nothing, _always
        with self._lock:
            now = time.monotonic()
            seconds = now - began
            if lane == SHORT:
                self._at_short = False
                self._no_short.notify_all()
            else:
                seconds -= self._waited
                self._worked += now - self._went_on
            self._used[piece.visitor] = (self._lately(piece.visitor) + seconds, now)
            self._ended(piece, lane)
            self._used = {one: used for one, used in self._used.items() if self._lately(one) > 1e-3}
        if error is None:
            piece.done.set_result(result)
        else:
            piece.done.set_exception(error)

    def _place(self, piece: _Piece) -> tuple[float, int]:
        """Return by what pieces are put in order: what their visitors used and ask for."""
        name = piece.visitor
        asked = sum(self._open[name, lane] * seconds for lane, seconds in EXPECTED.items())
        return self._lately(name) + asked, piece.number

    def _lately(self, name: str) -> float:
        """Return how many seconds a visitor's work took, the less the longer that is ago."""
        seconds, noted = self._used.get(name, (0.0, 0.0))
        return seconds * 0.5 ** ((time.monotonic() - noted) / HALF_LIFE)
