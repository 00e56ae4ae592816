"""Answers that nobody reads, and what a session that is gone may not do to the others."""

import asyncio
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.server_messages import HeartbeatMessage, ProcessCompletedMessage

from demo import unread
from demo.unread import Unread


@pytest.fixture
def queue(monkeypatch):
    monkeypatch.setattr(unread, "SWEEP_SECONDS", 0.0)
    queue = gr.Blocks().queue()._queue
    Unread(queue)
    return queue


def answer(queue, session: str, size: int = 100, visitor: str = "203.0.113.1") -> None:
    """Let a call of a session be answered."""
    queue.pending_messages_per_session.setdefault(session, asyncio.Queue())
    queue.pending_event_ids_session.setdefault(session, set()).add("1")
    request = SimpleNamespace(client=SimpleNamespace(host=visitor))
    event = SimpleNamespace(session_hash=session, alive=True, _id="1", request=request)
    message = ProcessCompletedMessage(output={"data": ["x" * size]}, success=True)
    queue.send_message(event, message)


def sessions(queue) -> list[str]:
    assert set(queue.pending_event_ids_session) == set(queue.pending_messages_per_session)
    return list(queue.pending_messages_per_session)


def test_a_message_to_a_session_that_is_gone_ends_nothing(queue):
    queue.pending_messages_per_session["here"] = asyncio.Queue()
    queue.pending_event_ids_session |= {"gone": {"1"}, "here": {"1"}}
    for session in ("gone", "here"):
        event = SimpleNamespace(session_hash=session, alive=True, _id="1", request=None)
        queue.send_message(event, HeartbeatMessage())
    assert queue.pending_messages_per_session["here"].qsize() == 1
    assert sessions(queue) == ["here"]


def test_answers_that_nobody_reads_go_of_who_has_most(queue, monkeypatch):
    monkeypatch.setattr(unread, "MOST", 3_000)
    answer(queue, "modest", 500, "203.0.113.2")
    for number in range(20):
        answer(queue, f"greedy {number}", 500)
    assert sessions(queue) == ["modest", *(f"greedy {number}" for number in range(16, 20))]


def test_answers_that_nobody_reads_go_after_a_while(queue, monkeypatch):
    answer(queue, "old"), answer(queue, "read")
    monkeypatch.setattr(unread, "SECONDS", 0.0)
    queue.pending_messages_per_session["read"].get_nowait()
    answer(queue, "read")
    assert "old" not in sessions(queue)


def test_of_a_session_whose_calls_are_answered_nothing_is_kept(queue):
    for session in ("read", "still reading", "unread", "gone"):
        answer(queue, session)
    kept, calls = queue.pending_messages_per_session, queue.pending_event_ids_session
    for session in ("read", "still reading"):
        kept[session].get_nowait()
    for session in ("read", "unread", "gone"):
        calls[session].clear()  # as a stream of events does when it has told the answer
    del kept["gone"]  # as where a stream broke off
    answer(queue, "another")
    assert sessions(queue) == ["still reading", "unread", "another"]


def test_too_many_sessions_go_of_who_has_most(queue, monkeypatch):
    monkeypatch.setattr(unread, "MOST_SESSIONS", 6)
    answer(queue, "modest", visitor="203.0.113.2")
    for number in range(20):
        answer(queue, f"greedy {number}")
    assert sessions(queue) == ["modest", *(f"greedy {number}" for number in range(15, 20))]


def test_whose_a_session_was_is_forgotten_with_it(queue):
    waiting = Unread(queue)
    for number in range(5):
        answer(queue, f"page {number}")
        queue.pending_messages_per_session.pop(f"page {number}")
        queue.pending_event_ids_session.pop(f"page {number}")
    answer(queue, "last")
    assert list(waiting._whose) == ["last"]


def test_whoever_reads_keeps_a_session_however_much_it_is_told(queue, monkeypatch):
    monkeypatch.setattr(unread, "MOST", 3_000)
    for _ in range(20):
        answer(queue, "page", 2_000)
        queue.pending_messages_per_session["page"].get_nowait()
    assert sessions(queue) == ["page"]
