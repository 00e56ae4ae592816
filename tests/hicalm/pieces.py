"""Pieces of work done in the process of the test, instead of by Ray."""

from collections.abc import Callable, Sequence

from hicalm.data.ray_work import Work


def in_turn(
    done: list[int], most: int, _: str, open_work: Callable[[], Work], pieces: Sequence[int], *rest
) -> None:
    """Do pieces, the last first, and note which are done; break off when ``most`` are."""
    work = open_work()
    for piece in reversed(pieces):
        if len(done) == most:
            raise KeyboardInterrupt
        work(piece)
        done.append(piece)
