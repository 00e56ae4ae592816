"""The stages of a search, and what each did: codes shortlist, the hierarchy ranks, HOSA re-ranks.

Apart from ``search``, so that these types can be used without loading torch.
"""

from dataclasses import dataclass

SHORTLIST, RANK, RERANK = "shortlist", "rank", "rerank"
STAGES = (SHORTLIST, RANK, RERANK)
MAX_RERANKED = 50  # museums that a report lists, and that the last stage re-ranks


@dataclass(frozen=True, slots=True)
class StageReport:
    """What one stage did: of ``museums`` it let ``kept`` through, in ``seconds``.

    ``order`` has the ids of the first 50 museums after it, the best first. ``missed``, of a
    shortlist alone: those of the ten best of an exact search that it did not let through; None
    where none was made, because there are too many museums. ``reranked``, of re-ranking alone: of
    how many museums, the first before it, the words were read; only their scores have that part.
    """

    name: str
    seconds: float
    museums: int
    kept: int
    order: tuple[str, ...]
    missed: tuple[str, ...] | None = None
    reranked: int = 0
