"""Connections, and which of them the server leaves: those whose other end does nothing.

Somebody may open one and never send a request to its end, or ask for much and read none of it. The
server beneath (uvicorn) waits for both for ever, and keeps what is not read in memory.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar

import gradio as gr
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.visitors import network, of_who_has_most

LOOK = 5.0  # seconds from look to look
HEAD = 20.0  # seconds in which the head of a request has to come
STUCK = 60.0  # seconds in which some of an answer has to be read
MOST_IDLE = 400  # connections on which nothing is asked
MOST_UNREAD = 64_000_000  # bytes of answers that are written and not read yet


class Connection(H11Protocol):
    """A connection that ends where its visitor does nothing for too long.

    Where there are too many of them, or answers that are not read take too much memory, that of
    the visitor who has most of it goes first.
    """

    _all: ClassVar[dict["Connection", None]] = {}  # in the order of their arrival
    _moved = 0.0  # when its visitor last did what was due
    _left = 0  # bytes that were unread at the last look
    _next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look after it."""
        super().connection_made(transport)
        self._all[self] = None
        self._moved = self.loop.time()
        self._look()
        idle = [one for one in self._all if one._is_idle()]
        if len(idle) > MOST_IDLE:
            of_who_has_most(idle, Connection.visitor).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look after it no more."""
        super().connection_lost(exc)
        self._all.pop(self, None)
        if self._next_look is not None:
            self._next_look.cancel()

    def pause_writing(self) -> None:
        """Make room: an answer is longer than what its visitor has read."""
        super().pause_writing()
        self.loop.call_soon(_make_room, self._all)

    def resume_writing(self) -> None:
        """Note that an answer is being read."""
        super().resume_writing()
        self._moved = self.loop.time()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._moved = self.loop.time()
        super().on_response_complete()

    def visitor(self) -> str:
        """Return who is at the other end; behind a proxy, who asked last."""
        client = (self.scope or {}).get("client") or self.client
        return network(client[0]) if client else ""

    def unread(self) -> int:
        """Return how many bytes of answers wait to be read."""
        return int(self.transport.get_write_buffer_size())

    def _is_idle(self) -> bool:
        return not (self.transport.is_closing() or self._is_answering())

    def _is_answering(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)  # there may be none yet

    def _look(self) -> None:
        now, unread = self.loop.time(), self.unread()
        if unread < self._left or (self._is_answering() and not unread):
            self._moved = now
        elif now - self._moved > (STUCK if unread else HEAD):
            self.transport.abort()
            return
        self._left = unread
        self._next_look = self.loop.call_later(LOOK, self._look)

    def _should_upgrade(self) -> bool:
        return False  # nothing here talks by WebSockets, which would pass by all limits


def _make_room(connections: Iterable[Connection]) -> None:
    unread = {one: size for one in connections if (size := one.unread())}
    while sum(unread.values()) > MOST_UNREAD:
        left = of_who_has_most(unread, Connection.visitor, unread.__getitem__)
        del unread[left]
        left.transport.abort()


def serve(blocks: gr.Blocks, **options: Any) -> str:
    """Launch an app whose connections are these, and return its address.

    ``options`` are those of ``Blocks.launch``, and it raises as that.
    """
    _, address, _ = blocks.launch(prevent_thread_lock=True, **options)
    blocks.server.config.http_protocol_class = Connection  # Gradio takes no options of its server's
    return str(address)
