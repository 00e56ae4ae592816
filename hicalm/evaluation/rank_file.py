"""The rank of the right museum for every text of the descriptions, by every method, as a file.

Apart from the computation (see ``comparison``), so that the file is read without loading torch.
Texts are known by their origin in the collection; the file holds numbers only, and says for which
museums, encoder and weights they are right.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from hicalm.data.collection import Collection, Museum
from hicalm.errors import HicalmError
from hicalm.files import read_json, to_json, write_text
from hicalm.levels import LENGTHS

COMMAND = "python -m hicalm evaluate --json checkpoints/figures.json --ranks checkpoints/ranks.json"


@dataclass(frozen=True)
class DescriptionRanks:
    """Ranks from 1, by length of the text; Q texts of a length, whose origins count from 0.

    ``origins``: length -> museum row, and room and sentence where they apply, (Q,) each. ``ranks``:
    method -> length -> (Q,). ``first``: length -> the row of the museum that the app's model
    ranks first (Q,).
    """

    collection: str
    museums: tuple[str, ...]
    encoder: str
    weights: str
    origins: dict[str, dict[str, list[int]]]
    ranks: dict[str, dict[str, list[int]]]
    first: dict[str, list[int]]

    def save(self, path: Path) -> None:
        """Write the file, compactly. Raises OSError."""
        write_text(Path(path), to_json(asdict(self), separators=(",", ":")) + "\n")

    @classmethod
    def load(cls, path: Path) -> "DescriptionRanks":
        """Read the file. Raises HicalmError for one that is missing or holds something else."""
        try:
            values = read_json(Path(path))
            ranks = TypeAdapter(cls).validate_python(values)
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

    def check(self, collection: Collection, weights: str) -> None:
        """Raise HicalmError unless the ranks are those of a collection and a checkpoint's hash."""
        fingerprint = collection.features.fingerprints.get("sentence")
        own = (
            collection.name,
            tuple(museum.id for museum in collection.museums),
            fingerprint.hash if fingerprint else "",
            weights,
        )
        if own != (self.collection, tuple(self.museums), self.encoder, self.weights):
            raise HicalmError(
                f"The metrics beside the checkpoint are those of {len(self.museums)} museums of "
                f"'{self.collection}' and of one model; this app shows {len(own[1])} museums of "
                f"'{collection.name}', or uses another model. Make them for it with '{COMMAND}', "
                "with its folders as --collection and --checkpoints."
            )

    def _check_sizes(self) -> None:
        for length in LENGTHS:
            sizes = {len(values) for values in self.origins[length].values()}
            sizes |= {len(ranks[length]) for ranks in self.ranks.values()}
            if sizes != {len(self.first[length])}:
                raise ValueError(f"the lists of '{length}' differ in length")


def description_text(museum: Museum, room: int | None = None, sentence: int | None = None) -> str:
    """Return the text of a Museum's description, of one of its rooms, or of one sentence there."""
    if room is None:
        return " ".join(text for paragraph in museum.paragraphs for text in paragraph)
    paragraph = museum.rooms[room].paragraph
    return " ".join(paragraph) if sentence is None else paragraph[sentence]
