"""Calls that wait in Gradio's queue or are worked on, with the bodies that they keep.

A visitor has so many places and bytes: Gradio itself has a number of places for all together, and
keeps what a call brought, as it came and as it was read, until it is answered.
"""

from collections.abc import Iterator
from typing import Any

from demo import text
from demo.visitors import NOBODY, of_request

MOST_OF_ONE = 48  # calls of a visitor; a class may share an address
MOST_BYTES_OF_ONE = 40_000_000  # of their bodies: one has a picture of up to 28 MB
MOST_BYTES = 120_000_000  # of all
LARGEST_OF_PAGE = 2_000_000  # bytes of a call that is no API's: a table of a visitor's pictures


class Calls:
    """The calls of a queue; ``Calls(queue)`` bounds them from then on."""

    def __init__(self, queue: Any) -> None:
        self._queue, self._push = queue, queue.push
        queue.push = self._push_on

    async def _push_on(self, body: Any, request: Any, username: str | None) -> Any:
        """Put a call into the queue, or say that its visitor, or all, have too much there."""
        name, size = of_request(request), _size(request)
        fn = self._queue.blocks.fns.get(body.fn_index)
        if size > LARGEST_OF_PAGE and fn is not None and fn.api_visibility == "private":
            return False, text.BODY_TOO_LARGE.format(limit=LARGEST_OF_PAGE // 1_000_000), "error"
        calls = [(of_request(event.request), _size(event.request)) for event in self._events()]
        own = [size for visitor, size in calls if visitor == name]
        everything = sum(size for _, size in calls)
        if name != NOBODY and (len(own) >= MOST_OF_ONE or sum(own) + size > MOST_BYTES_OF_ONE):
            return False, text.BUSY_YOURSELF, "queue_full"
        if everything + size > MOST_BYTES:
            return False, text.BUSY, "queue_full"
        return await self._push(body=body, request=request, username=username)

    def _events(self) -> Iterator[Any]:
        for job in self._queue.active_jobs:
            yield from job or ()
        for waiting in self._queue.event_queue_per_concurrency_id.values():
            yield from waiting.queue


def _size(request: Any) -> int:
    return len(getattr(request, "_body", b""))
