"""The rank of the right museum for every text of the descriptions, by every method, as a file.

Apart from the computation where it can be, so that the file is read without loading torch. Texts
are known by their place in the collection; the file holds numbers only, and says for which
museums, encoder and weights they are right.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from hicalm.errors import HicalmError
from hicalm.files import write_text
from hicalm.methods import TYPED

LENGTHS = ("full", "room", "sentence")
COMMAND = "python -m hicalm evaluate --json checkpoints/figures.json --ranks checkpoints/ranks.json"


@dataclass(frozen=True)
class DescriptionRanks:
    """Ranks from 1, by length of the text; Q texts of a length, their places count from 0.

    ``places``: length -> museum row, and room and sentence where they apply, (Q,) each. ``ranks``:
    method -> length -> (Q,). ``first``: length -> the row of the museum that the app ranks first
    for the text as it would be typed (Q,).
    """

    collection: str
    museums: tuple[str, ...]
    encoder: str
    weights: str
    places: dict[str, dict[str, list[int]]]
    ranks: dict[str, dict[str, list[int]]]
    first: dict[str, list[int]]

    def save(self, path: Path) -> None:
        """Write the file, compactly. Raises OSError."""
        write_text(Path(path), json.dumps(asdict(self), separators=(",", ":")) + "\n")

    @classmethod
    def load(cls, path: Path) -> "DescriptionRanks":
        """Read the file. Raises HicalmError for one that is missing or holds something else."""
        try:
            values = json.loads(Path(path).read_text(encoding="utf-8"))
            ranks = cls(**{field.name: values[field.name] for field in fields(cls)})
            ranks._check_sizes()
        except OSError as error:
            raise HicalmError(
                f"The ranks are not there yet ({path}). Make them with '{COMMAND}'."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HicalmError(
                f"'{path}' does not hold ranks of descriptions. Make it again with '{COMMAND}'."
            ) from error
        return ranks

    def check(self, collection: Any, weights: str) -> None:
        """Raise HicalmError unless the ranks are those of a collection and a checkpoint's hash."""
        mark = collection.features.marks.get("sentence")
        own = (
            collection.name,
            tuple(museum.id for museum in collection.museums),
            mark.hash if mark else "",
            weights,
        )
        if own != (self.collection, tuple(self.museums), self.encoder, self.weights):
            raise HicalmError(
                f"The figures beside the checkpoint are those of {len(self.museums)} museums of "
                f"'{self.collection}' and of one model; this app shows {len(own[1])} museums of "
                f"'{collection.name}', or uses another model. Make them for it with '{COMMAND}', "
                "with its folders as --collection and --checkpoints."
            )

    def _check_sizes(self) -> None:
        for length in LENGTHS:
            sizes = {len(values) for values in self.places[length].values()}
            sizes |= {len(ranks[length]) for ranks in self.ranks.values()}
            if sizes != {len(self.first[length])}:
                raise ValueError(f"the lists of '{length}' differ in length")


def description_text(museum: Any, room: int | None = None, sentence: int | None = None) -> str:
    """Return the text of a Museum's description, of one of its rooms, or of one sentence there."""
    if room is None:
        return " ".join(text for paragraph in museum.paragraphs for text in paragraph)
    paragraph = museum.rooms[room].paragraph
    return " ".join(paragraph) if sentence is None else paragraph[sentence]


def rank_descriptions(
    collection: Any, checkpoint: Path, scores: dict[str, dict[str, np.ndarray]], rankers: Any,
    encoder: Any,
) -> DescriptionRanks:  # fmt: skip
    """Rank the right museum of every text by the scores (Q, B) of each method and length.

    Rooms of the descriptions are known to the methods. ``hicalm-typed`` is this app's own reading:
    the same text as it would be typed, with the rooms read out of it.
    """
    from hicalm.checkpoints import content_hash
    from hicalm.evaluate import description_places
    from hicalm.metrics import ranks_of_targets

    places = description_places(collection)
    typed = {
        length: rankers.scores("hicalm", _typed(collection, places[length], encoder))
        for length in LENGTHS
    }
    return DescriptionRanks(
        collection=collection.name,
        museums=tuple(museum.id for museum in collection.museums),
        encoder=collection.features.marks["sentence"].hash,
        weights=content_hash(checkpoint),
        places={
            length: {name: rows.tolist() for name, rows in vars(place).items() if rows is not None}
            for length, place in places.items()
        },
        ranks={
            method: {
                length: ranks_of_targets(by_length[length], places[length].museum).tolist()
                for length in LENGTHS
            }
            for method, by_length in (scores | {TYPED: typed}).items()
        },
        first={length: typed[length].argmax(axis=1).tolist() for length in LENGTHS},
    )


def _typed(collection: Any, places: Any, encoder: Any) -> Any:
    """Return the texts of one length as the app would read them (Queries)."""
    from hicalm.evaluate import typed_queries

    rows = [rows.tolist() for rows in vars(places).values() if rows is not None]
    texts = [
        description_text(collection.museums[museum], *rest)
        for museum, *rest in zip(*rows, strict=True)
    ]
    return typed_queries(texts, _remembering(collection, encoder), places.museum)


def _remembering(collection: Any, encoder: Any) -> Any:
    """Return an encoder of sentences that looks up those whose features the collection holds."""
    features = collection.features.get("sentence")
    known = dict(zip(collection.sentences, features, strict=True))

    def encode(sentences: list[str]) -> np.ndarray:
        new = sorted(set(sentences) - known.keys())
        known.update(zip(new, encoder.encode_texts(new) if new else [], strict=True))
        return np.array([known[sentence] for sentence in sentences], np.float32)

    return encode
