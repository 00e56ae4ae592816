"""Pieces of work done in the process of the test, instead of by Ray."""

from collections.abc import Callable

from hicalm.data.ray_work import Pieces, Work


def in_turn(
    noted: list[int],
    most: int,
    _: str,
    open_work: Callable[[], Work],
    pieces: Pieces,
    threads: int,
    done: Callable[[int], None] = lambda piece: None,
) -> None:
    """Do pieces, the last first, and note which are done; break off when ``most`` are."""
    work = open_work()
    for piece in reversed(pieces.numbers):
        if len(noted) == most:
            raise KeyboardInterrupt
        assert pieces.named(piece)
        work(piece)
        noted.append(piece)
        done(piece)
