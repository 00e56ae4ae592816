"""Messages of Gradio's queue that nobody reads: they are dropped, and end nothing.

The answer to a call waits in its session until a stream of events takes it. Gradio keeps those of
2,000 sessions, however large, until others push them out, and a set of each session's for ever.
"""

import time
from dataclasses import dataclass
from typing import Any

import orjson
from gradio.server_messages import ProcessCompletedMessage

from demo.visitors import of_request, of_who_has_most

SECONDS = 300.0  # that an answer waits to be read
MOST_SESSIONS = 1_500  # that have answers to read; of 2,000 Gradio drops any that is old
MOST = 32_000_000  # bytes of all that wait, as JSON; in memory up to four times that
SWEEP_SECONDS = 1.0


@dataclass
class _Waiting:
    """Answers that wait in a session: whose they are, their bytes, and when the first came."""

    visitor: str
    size: int
    since: float


class Unread:
    """What waits in a queue to be read; ``Unread(queue)`` bounds it from then on."""

    def __init__(self, queue: Any) -> None:
        self._queue, self._send = queue, queue.send_message
        self._waiting: dict[str, _Waiting] = {}  # by session, the oldest first
        self._whose: dict[str, str] = {}  # the visitors of sessions, likewise
        self._swept = 0.0
        queue.send_message = self._send_on

    def _send_on(self, event: Any, message: Any) -> None:
        """Put a message into its session.

        One to a session that is gone would else end the queue for everybody.
        """
        session = event.session_hash
        messages = self._queue.pending_messages_per_session.get(session)
        if messages is None:
            self._queue.pending_event_ids_session.pop(session, None)
            self._whose.pop(session, None)
            return
        if messages.empty():
            self._waiting.pop(session, None)
        whose, now = of_request(event.request), time.monotonic()
        self._whose.setdefault(session, whose)
        if len(self._queue.pending_messages_per_session) > MOST_SESSIONS:
            self._make_room()
        self._send(event, message)
        if isinstance(message, ProcessCompletedMessage):
            one = self._waiting.setdefault(session, _Waiting(whose, 0, now))
            one.size += len(orjson.dumps(message.output, default=str))
            if now - self._swept > SWEEP_SECONDS or self._size() > MOST:
                self._sweep(now)

    def _size(self) -> int:
        return sum(one.size for one in self._waiting.values())

    def _sweep(self, now: float) -> None:
        """Forget what was read; drop what is old, and what is too much of who has most."""
        self._swept, kept = now, self._queue.pending_messages_per_session
        self._forget_gone()
        open_calls = self._queue.pending_event_ids_session
        for session in [one for one, calls in open_calls.items() if not calls]:
            if session not in kept or kept[session].empty():  # its next call begins anew
                kept.pop(session, None)
                del open_calls[session]
        for session, one in list(self._waiting.items()):
            if session in kept and kept[session].empty():
                del self._waiting[session]
            elif session not in kept or now - one.since > SECONDS:
                self._drop(session)
        waiting = self._waiting
        while self._size() > MOST:
            self._drop(
                of_who_has_most(
                    waiting, lambda one: waiting[one].visitor, lambda one: waiting[one].size
                )
            )

    def _make_room(self) -> None:
        """Drop the oldest session of who has most of them."""
        self._forget_gone()
        self._drop(of_who_has_most(self._whose, self._whose.__getitem__))

    def _forget_gone(self) -> None:
        """Forget whose the sessions were that Gradio keeps no more."""
        kept = self._queue.pending_messages_per_session
        self._whose = {session: name for session, name in self._whose.items() if session in kept}

    def _drop(self, session: str) -> None:
        self._waiting.pop(session, None)
        self._whose.pop(session, None)
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)
