"""Whose work is next: nobody waits long for those who ask for much."""

import threading
import time
from collections.abc import Callable

import pytest

from demo import turns
from demo.turns import MOST_OF_ONE, BusyError, Turns
from hicalm.matching.pauses import pause


@pytest.fixture
def asks(monkeypatch):
    """Let work be asked for by a visitor, each in a thread; gives the names in order of turns."""
    name = threading.local()
    monkeypatch.setattr(turns, "visitor", lambda: getattr(name, "is_", ""))
    queue, order, threads = Turns(), [], []

    def ask(visitor: str, seconds: float = 0.0, long: bool = False, gate=None, does=None) -> None:
        def work() -> None:
            if gate is not None:
                began.set(), gate.wait(10)
            time.sleep(seconds)
            order.append(visitor)

        def call() -> None:
            name.is_ = visitor
            try:
                queue.do(does or work, long)
            except BusyError:
                order.append(f"{visitor} refused")

        before, began = queue._count, threading.Event()
        threads.append(threading.Thread(target=call, daemon=True))
        threads[-1].start()
        while queue._count == before:
            time.sleep(0.001)
        assert gate is None or began.wait(10)

    yield ask, order, lambda: [one.join(10) for one in threads]


def wait_until(happened: Callable[[], object]) -> None:
    """Wait ten seconds at most; the test says what must have happened."""
    for _ in range(1000):
        if happened():
            break
        time.sleep(0.01)


def test_it_is_the_turn_of_who_used_least(asks):
    ask, order, ended = asks
    gate = threading.Event()
    ask("greedy", 0.01, gate=gate)
    for _ in range(4):
        ask("greedy", 0.01)
    ask("other"), ask("third"), ask("other")
    gate.set(), ended()
    # Of two that used nothing yet, who asks for less is first.
    assert order == ["greedy", "third", "other", "other", *["greedy"] * 4]


def test_who_asks_for_much_comes_after_others_before_it_is_done(asks):
    ask, order, ended = asks
    gate, reading = threading.Event(), threading.Event()
    ask("reader", long=True, does=lambda: reading.wait(10))
    ask("first", gate=gate), ask("reader"), ask("other")
    gate.set()
    wait_until(lambda: len(order) == 3)
    reading.set(), ended()
    assert order == ["first", "other", "reader"]


def test_short_work_does_not_wait_for_long_work(asks):
    ask, order, ended = asks
    gate = threading.Event()
    ask("reader", long=True, gate=gate)
    ask("other")
    wait_until(lambda: order)
    assert order == ["other"]
    gate.set(), ended()


def test_long_work_goes_on_when_there_is_no_short_work_left(asks, monkeypatch):
    monkeypatch.setattr(turns, "LEAST_SHARE", 1e-6)  # however long the short takes
    ask, order, ended = asks
    began, go_on = threading.Event(), threading.Event()

    def steps() -> None:
        began.set(), go_on.wait(10)
        pause()
        order.append("long")

    ask("reader", long=True, does=steps)
    assert began.wait(10)
    gate = threading.Event()
    ask("first", gate=gate), ask("second")
    go_on.set(), gate.set(), ended()
    assert order == ["first", "second", "long"]


def test_long_work_has_a_share_of_the_time_whatever_short_work_there_is(asks, monkeypatch):
    monkeypatch.setattr(turns, "LEAST_SHARE", 0.999)
    ask, order, ended = asks
    gate = threading.Event()
    ask("busy", gate=gate)
    ask("reader", long=True, does=lambda: (pause(), order.append("long")))
    wait_until(lambda: order)
    assert order == ["long"]
    gate.set(), ended()


def test_what_waited_for_others_was_not_at_work(monkeypatch):
    name = threading.local()
    monkeypatch.setattr(turns, "visitor", lambda: getattr(name, "is_", "reader"))
    queue, gate, began = Turns(), threading.Event(), threading.Event()

    def short() -> None:
        name.is_ = "other"
        queue.do(lambda: (began.set(), gate.wait(10)))

    threading.Thread(target=short, daemon=True).start()
    assert began.wait(10)
    threading.Timer(0.3, gate.set).start()
    queue._worked = 10.0  # so that it may wait for long
    queue.do(int, long=True)
    assert queue._lately("reader") < queue._lately("other")


def test_of_one_visitor_only_so_much_waits_and_what_fails_makes_room(monkeypatch):
    monkeypatch.setattr(turns, "visitor", lambda: "greedy")
    queue, gate = Turns(), threading.Event()
    waiting = [
        threading.Thread(target=queue.do, args=(gate.wait,), daemon=True)
        for _ in range(MOST_OF_ONE)
    ]
    for thread in waiting:
        thread.start()
    while queue._count < MOST_OF_ONE:
        time.sleep(0.001)
    with pytest.raises(BusyError, match="asked for many"):
        queue.do(int)
    gate.set(), [thread.join(10) for thread in waiting]
    with pytest.raises(ZeroDivisionError):
        queue.do(lambda: 1 // 0)
    assert queue.do(lambda: queue.do(lambda: 3)) == 3 and not queue._open


def test_what_its_visitor_left_before_its_turn_is_dropped(asks, monkeypatch):
    ask, order, ended = asks
    gate, there = threading.Event(), {"stays": True, "leaves": True}
    ask("first", gate=gate)
    for name in there:
        monkeypatch.setattr(turns, "presence", lambda name=name: lambda: there[name])
        ask(name)
    there["leaves"] = False
    gate.set(), ended()
    assert sorted(order) == ["first", "leaves refused", "stays"]


def test_when_too_much_waits_for_all_it_is_said(monkeypatch):
    monkeypatch.setattr(turns, "MOST_WAITING", 0)
    with pytest.raises(BusyError, match="Many people"):
        Turns().do(int)


def test_where_all_places_are_taken_who_has_most_makes_room(asks, monkeypatch):
    monkeypatch.setattr(turns, "MOST_WAITING", 4)
    ask, order, ended = asks
    gate = threading.Event()
    ask("first", gate=gate)
    for number in range(4):
        ask("greedy", does=lambda number=number: order.append(number))
    for name in ("modest", "other"):
        ask(name)
    wait_until(lambda: len(order) == 2)
    assert order == ["greedy refused"] * 2
    gate.set(), ended()
    assert order[2] == "first" and set(order[3:]) == {0, 1, "modest", "other"}


def test_who_gives_up_keeps_the_place_and_gets_what_was_done(monkeypatch):
    monkeypatch.setattr(turns, "visitor", lambda: "reader")
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    queue, began, gate, made = Turns(), threading.Event(), threading.Event(), []

    def ask() -> int:
        return queue.do(lambda: made.append("page") or len(made), True, "its address")

    first = threading.Thread(target=queue.do, args=(lambda: (began.set(), gate.wait(10)), True))
    first.start()
    assert began.wait(10)
    for _ in range(2):
        with pytest.raises(BusyError, match="yours comes after 1 other request, which may take"):
            ask()
    monkeypatch.setattr(turns, "PATIENCE", 10)
    answers = []
    again = threading.Thread(target=lambda: answers.append(ask()))
    again.start()
    wait_until(lambda: next(iter(queue._left.values())).is_awaited)
    with pytest.raises(BusyError):  # at once: of one page one call waits, and takes up a thread
        ask()
    gate.set(), again.join(10)
    assert answers == [1] and not queue._left
    assert ask() == 2  # what was taken is made anew


def test_who_comes_again_does_not_inherit_what_was_left_for_good(monkeypatch):
    """A page is closed while its call waits, and opened again; both calls give up in turn."""
    monkeypatch.setattr(turns, "visitor", lambda: "reader")
    there, made = {"closed": True, "opened": True}, []
    queue, began, gate = Turns(), threading.Event(), threading.Event()
    threading.Thread(target=queue.do, args=(lambda: (began.set(), gate.wait(10)),)).start()
    assert began.wait(10)

    def ask(page: str, patience: float) -> None:
        monkeypatch.setattr(turns, "presence", lambda: lambda: there[page])
        monkeypatch.setattr(turns, "PATIENCE", patience)
        with pytest.raises(BusyError):
            queue.do(lambda: made.append(page), key="its address")

    waiting = threading.Thread(target=ask, args=("closed", 0.3))
    waiting.start()
    wait_until(lambda: queue._count == 2)
    there["closed"] = False
    ask("opened", 0.6)
    waiting.join(10)
    gate.set()
    wait_until(lambda: made)
    assert made == ["opened"]
    monkeypatch.setattr(turns, "PATIENCE", 10)
    queue.do(lambda: made.append("again"), key="its address")
    assert made == ["opened"]


def test_what_nobody_asks_for_again_is_done_and_forgotten(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    monkeypatch.setattr(turns, "visitor", lambda: "reader")
    queue, gate, made = Turns(), threading.Event(), []
    for key in (1, 2):
        with pytest.raises(BusyError):
            queue.do(lambda: (gate.wait(10), made.append(0)), key=key)
    gate.set()
    wait_until(lambda: len(made) == 2)
    monkeypatch.setattr(turns, "KEPT", 0)
    assert queue.do(lambda: 3, key=3) == 3 and not queue._left


def test_what_waits_is_dropped_when_the_server_ends(monkeypatch):
    queue, began, gate, refused, tasks = Turns(), threading.Event(), threading.Event(), [], []
    worker = queue._workers[turns.SHORT]
    submit = worker.submit
    monkeypatch.setattr(worker, "submit", lambda *call: tasks.append(submit(*call)))

    def call() -> None:
        try:
            queue.do(int)
        except BusyError as error:
            refused.append(error)

    # What has begun ends: a worker that is late would find the first one dropped, too.
    threading.Thread(target=queue.do, args=(lambda: (began.set(), gate.wait(10)),)).start()
    assert began.wait(10)
    second = threading.Thread(target=call)
    second.start()
    wait_until(lambda: len(tasks) == 2)
    queue.close(), gate.set(), second.join(10)
    assert len(refused) == 1 and not [task for task in tasks if task.exception(10)]
    with pytest.raises(BusyError):
        queue.do(int)
