"""Who asks: the network address that a request came from, as far as it tells visitors apart."""

import ipaddress
from collections.abc import Callable, Collection
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar

from gradio.context import LocalContext
from starlette.requests import HTTPConnection

Thing = TypeVar("Thing")

NOBODY = ""  # a call that came by no request: of a test, or of the server itself
# Gradio runs what is asked for in tasks of its own: it names their request itself.
_of_request: ContextVar[str] = ContextVar("visitor", default=NOBODY)


def visitor() -> str:
    """Return who asks for what is being done now; ``NOBODY`` where it is no visitor."""
    return of_request(LocalContext.request.get(None)) or _of_request.get()


def presence() -> Callable[[], bool]:
    """Return what tells whether who asks for what is being done now still waits for the answer.

    Gradio marks a listener's call as dead when the connection that would get its answer ends.
    """
    blocks, call = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if blocks is None or call is None:  # by a route of ours, or of a test
        return lambda: True
    jobs = (event for job in blocks._queue.active_jobs for event in job or ())
    event = next((one for one in jobs if one._id == call), None)
    return lambda: event is None or event.alive


def arrive(connection: HTTPConnection) -> str:
    """Note who sent a request for all that is done for it, and return it."""
    name = of_request(connection)
    _of_request.set(name)
    return name


def of_request(request: Any) -> str:
    """Return who sent a request, of Starlette's or of Gradio's; ``NOBODY`` where none did."""
    client = getattr(request, "client", None)
    return network(client.host) if client else NOBODY


@lru_cache(4096)  # of every call that waits it is asked again and again
def network(host: str) -> str:
    """Return an address, of IPv6 the /64 network: one household has all addresses of that."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a socket's path, or the client of a test
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))


def of_who_has_most(
    things: Collection[Thing],
    whose: Callable[[Thing], str],
    size: Callable[[Thing], int] = lambda _: 1,
) -> Thing:
    """Return which of the things makes room: the first of the visitor who has most of them.

    So nobody's goes because another visitor has many. ``things`` are in the order in which they
    would go, and not empty; ``whose`` names the visitor of each.
    """
    sizes: dict[str, int] = {}
    for one in things:
        name = whose(one)
        sizes[name] = sizes.get(name, 0) + size(one)
    greedy = max(sizes, key=sizes.__getitem__)
    return next(one for one in things if whose(one) == greedy)
