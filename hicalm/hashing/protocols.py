"""Two protocols of VTM-UCH: ours, and that of its published code, each as named pieces.

Figures of different protocols are not comparable. What codes are learnt by is in ``HashSettings``,
what they are judged by in ``Judging``; the names of both stand beside every figure.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import numpy as np

from hicalm.errors import HicalmError
from hicalm.hashing.hash_settings import PUBLISHED, HashSettings
from hicalm.settings import one_of, settings

OWN, THEIRS, MIXED, UNKNOWN = "own", "published", "mixed", "not said"
PROTOCOLS = (OWN, THEIRS)
SHORT_CURVE = (*(step * 10**power for power in range(5) for step in (1, 2, 5)), 100_000)
PUBLISHED_CURVE = tuple(np.linspace(1, 18_015, 181, dtype=int).tolist())


@settings
class Judging:
    """How codes are judged. Raises HicalmError for values that cannot be."""

    map_at: Annotated[str, one_of("retrieved", "relevant")] = (
        "retrieved"  # mAP@50 over hits among the first 50, or over the first 50 hits of the ranking
    )
    unanswered: Annotated[str, one_of("left-out", "zero")] = (
        "left-out"  # a query that no item is relevant to
    )
    curve: Annotated[str, one_of("short", "published")] = "short"  # lengths of the curve

    @property
    def lengths(self) -> tuple[int, ...]:
        """Return the numbers of retrieved items at which the curve has points."""
        return PUBLISHED_CURVE if self.curve == "published" else SHORT_CURVE

    @property
    def protocol(self) -> str:
        """Return the name of the protocol that these pieces make."""
        return name_of(asdict(self), asdict(Judging()), asdict(PUBLISHED_JUDGING))


PUBLISHED_JUDGING = Judging(map_at="relevant", unanswered="zero", curve="published")


def learning_settings(protocol: str, **given: object) -> HashSettings:
    """Return the settings of a protocol; what is given and not None stands in place of its own.

    Raises HicalmError for an unknown protocol and for values that cannot be.
    """
    pieces = dict(PUBLISHED) if _checked(protocol) == THEIRS else {}
    return HashSettings(**(pieces | _said(given)))


def judging_settings(protocol: str, **given: str | None) -> Judging:
    """Return how a protocol judges; what is given and not None stands in place of its own."""
    pieces = asdict(PUBLISHED_JUDGING) if _checked(protocol) == THEIRS else {}
    return Judging(**(pieces | _said(given)))


def learnt_by(pieces: Mapping[str, object] | None) -> str:
    """Return the name of the protocol of learning that made codes; None: they do not say it."""
    return UNKNOWN if pieces is None else name_of(pieces, HashSettings().pieces, PUBLISHED)


def name_of(
    pieces: Mapping[str, object], own: Mapping[str, object], published: Mapping[str, object]
) -> str:
    """Return "own" or "published" where all pieces are one protocol's, else "mixed"."""
    for name, whole in ((OWN, own), (THEIRS, published)):
        if dict(pieces) == dict(whole):
            return name
    return MIXED


def _checked(protocol: str) -> str:
    if protocol not in PROTOCOLS:
        raise HicalmError(f"The protocol is {' or '.join(PROTOCOLS)}, not '{protocol}'.")
    return protocol


def _said(given: Mapping[str, object]) -> dict:
    return {name: value for name, value in given.items() if value is not None}
