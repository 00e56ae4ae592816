"""What a visitor may have in Gradio's queue."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from demo import calls, text
from demo.calls import Calls


@pytest.fixture
def queue() -> Any:
    """A queue whose calls all stay where they are put: every second one is worked on."""
    waiting: list[Any] = []

    async def push(body: Any, request: Any, username: str | None) -> tuple[bool, str, str]:
        event = SimpleNamespace(request=request)
        number = len(waiting) + sum(job is not None for job in made.active_jobs)
        if number % 2:
            made.active_jobs[made.active_jobs.index(None)] = [event]
        else:
            waiting.append(event)
        return True, str(number), "success"

    kinds = (SimpleNamespace(api_visibility=kind) for kind in ("public", "private"))
    made = SimpleNamespace(
        blocks=SimpleNamespace(fns=dict(enumerate(kinds))),
        push=push,
        active_jobs=[None] * 100,
        event_queue_per_concurrency_id={"one": SimpleNamespace(queue=waiting)},
    )
    Calls(made)
    return made


def push(queue: Any, visitor: str, size: int = 10, fn: int = 0) -> tuple[bool, str, str]:
    request = SimpleNamespace(client=SimpleNamespace(host=visitor), _body=b"x" * size)
    found: tuple[bool, str, str] = asyncio.run(
        queue.push(SimpleNamespace(fn_index=fn), request, None)
    )
    return found


def test_a_visitor_has_so_many_calls_and_others_have_theirs(queue):
    found = [push(queue, "203.0.113.1")[0] for _ in range(calls.MOST_OF_ONE + 5)]
    assert found == [True] * calls.MOST_OF_ONE + [False] * 5
    assert push(queue, "203.0.113.1")[1:] == (text.BUSY_YOURSELF, "queue_full")
    assert push(queue, "203.0.113.2")[0]


def test_bodies_that_calls_keep_are_bounded_of_one_and_of_all(queue, monkeypatch):
    monkeypatch.setattr(calls, "MOST_BYTES_OF_ONE", 1_000)
    monkeypatch.setattr(calls, "MOST_BYTES", 2_500)
    assert push(queue, "203.0.113.1", 900)[0] and not push(queue, "203.0.113.1", 200)[0]
    assert push(queue, "203.0.113.2", 900)[0]
    assert push(queue, "203.0.113.3", 900)[1:] == (text.BUSY, "queue_full")
    assert push(queue, "203.0.113.3", 600)[0]


def test_only_calls_of_the_api_bring_much(queue):
    size = calls.LARGEST_OF_PAGE + 1
    assert push(queue, "203.0.113.1", size)[0]
    refused = push(queue, "203.0.113.1", size, fn=1)
    assert refused == (False, text.BODY_TOO_LARGE.format(limit=2), "error")
    assert push(queue, "203.0.113.1", size - 1, fn=1)[0]
