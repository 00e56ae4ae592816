"""What cannot be done, told a visitor or a caller in one sentence; what the log keeps of it."""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TypeVar

import gradio as gr
from anyio import to_thread
from fastapi.exceptions import RequestValidationError
from gradio.context import LocalContext
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from demo import text
from demo.turns import BusyError
from demo.visitors import presence, visitor
from hicalm.errors import HicalmError
from hicalm.files import is_full

Value = TypeVar("Value")

logger = logging.getLogger(__name__)
_trying: Counter[str] = Counter()  # listeners that wait to try again, by visitor

LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_BYTES, OLD_LOGS = 5_000_000, 3  # of a file of the log, and how many older ones are kept
LONGEST_LINE = 1000  # bytes of the log for one error
BUSY_SECONDS, BUSY_TRIES = 3.0, 20  # until what was refused as busy is tried again; how often
# Listeners that wait to try again, of a visitor and of all: each takes one of Gradio's places.
MOST_TRYING_OF_ONE, MOST_TRYING = 2, 40
PLACES = 8  # of the code that are named, from the error outwards


@contextmanager
def told() -> Iterator[None]:
    """Show a HicalmError, or that the disk is full, as Gradio's message; the log has no trace."""
    try:
        yield
    except (HicalmError, OSError) as error:
        if is_full(error):  # its own sentence is for who runs the server
            raise gr.Error(text.DISK_FULL, print_exception=False) from None
        if isinstance(error, OSError):
            raise
        raise gr.Error(str(error), print_exception=False) from None


async def tried_again(work: Callable[[], Value]) -> Value:
    """Return what a listener's work returns; where too much waits, say so and try again later.

    Meanwhile no thread is held. Raises BusyError after a minute of that, and at once where the
    visitor, or all together, wait for too much already; and what ``work`` raises.
    """
    blocks, is_wanted, name = LocalContext.blocks.get(None), presence(), visitor()
    threads = blocks.limiter if blocks else None  # those of Gradio's listeners
    for tries in range(BUSY_TRIES):
        try:
            return await to_thread.run_sync(work, limiter=threads)
        except BusyError as busy:
            full = _trying[name] >= MOST_TRYING_OF_ONE or _trying.total() >= MOST_TRYING
            if full or not is_wanted():
                raise
            if not tries:
                gr.Info(f"{busy} {text.BUSY_AGAIN}")
        _trying[name] += 1
        try:
            await asyncio.sleep(BUSY_SECONDS)
        finally:
            _trying[name] -= 1
            if not _trying[name]:
                del _trying[name]
    return await to_thread.run_sync(work, limiter=threads)


def note(what: str, error: BaseException) -> None:
    """Log an unexpected error in one line: its kind and where it arose, and nothing of its message.

    What is being asked for would be in the message or in the values of the code.
    """
    places = traceback.extract_tb(error.__traceback__)[-PLACES:]
    where = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(places))
    logger.error("%s", f"{what}: {type(error).__name__} at {where}"[:LONGEST_LINE])


def kept_log(path: Path) -> RotatingFileHandler:
    """Return what writes the log to a file, of a bounded size with the older ones."""
    return RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=OLD_LOGS, encoding="utf-8")


def wrong_body(error: ValidationError | RequestValidationError) -> str:
    """Return in a sentence what is wrong with the body of a call, without what it holds."""
    first = error.errors()[0]
    place = ".".join(str(part)[:40] for part in first["loc"][:4]) or "the body"
    return text.WRONG_BODY.format(place=place, what=str(first["msg"])[:120].rstrip("."))


async def refuse_body(_: Request, error: Exception) -> JSONResponse:
    """Answer a call whose body is not as it has to be; Gradio would send all of it back."""
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": wrong_body(error)}, 422)
