"""Listeners that are refused as busy try again, and only so many of them."""

import asyncio

import pytest

from demo import refusals
from demo.refusals import MOST_TRYING, MOST_TRYING_OF_ONE, tried_again
from demo.turns import BusyError


@pytest.fixture
def asked(monkeypatch):
    """Let visitors' listeners be refused until ``free`` is set; gives how each ended."""
    monkeypatch.setattr(refusals, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr("gradio.Info", lambda *_: None)

    async def ask(visitors: list[str], free_after: float) -> list[object]:
        free = asyncio.Event()

        def work() -> str:
            if not free.is_set():
                raise BusyError("Busy.")
            return "done"

        async def one(visitor: str) -> str:
            monkeypatch.setattr(refusals, "visitor", lambda: visitor)
            return await tried_again(work)

        asyncio.get_running_loop().call_later(free_after, free.set)
        return await asyncio.gather(*map(one, visitors), return_exceptions=True)

    return lambda visitors, free_after: asyncio.run(ask(visitors, free_after))


def kinds(ended: list[object]) -> list[str]:
    return [one if isinstance(one, str) else type(one).__name__ for one in ended]


def test_what_is_refused_is_tried_again_until_there_is_room(asked):
    assert asked(["reader"], 0.2) == ["done"]
    assert not refusals._trying


def test_after_so_many_tries_it_is_refused(asked, monkeypatch):
    monkeypatch.setattr(refusals, "BUSY_TRIES", 3)
    assert kinds(asked(["reader"], 60)) == ["BusyError"]


def test_of_one_visitor_and_of_all_only_so_many_wait(asked):
    greedy = kinds(asked(["greedy"] * 9 + ["modest"], 0.3))
    assert greedy.count("done") == MOST_TRYING_OF_ONE + 1 and greedy[-1] == "done"
    many = kinds(asked([f"visitor {number}" for number in range(MOST_TRYING + 9)], 0.3))
    assert many.count("done") == MOST_TRYING
    assert not refusals._trying
