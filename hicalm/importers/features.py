"""Turn published feature folders into a collection, one museum at a time.

Only the texts of all museums are in memory; features go to their files as they come. The whole is
written beside the new folder and renamed in the end, so that a failure leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tqdm import tqdm

from hicalm.data.collection import Collection, Features, Fingerprint, Museum, save_texts
from hicalm.data.pictures import NO_PICTURES
from hicalm.data.shards import ShardWriter
from hicalm.encoders.published import UNKNOWN_HASH
from hicalm.errors import HicalmError
from hicalm.files import check_new_folder, making, to_json, write_text
from hicalm.importers.apartments import read_apartment, read_houses
from hicalm.importers.published_layouts import Layout, museum_names
from hicalm.importers.published_museums import Published, read_museum
from hicalm.importers.published_splits import DRAWN, SPLITS, find_splits

REPORT = "import.json"
MAX_NAMED = 10  # broken museums that an error names; the rest is counted
NAMES = {"museums3k": "Museums3k", "gamingmv": "GamingMV", "apartments": "Apartments"}


@dataclass
class ImportReport:
    """What was imported, what was left out with the reason, and what was strange."""

    museums: int = 0
    rooms: int = 0
    views: int = 0
    sentences: int = 0
    splits: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the report as lines to read."""
        splits = ", ".join(f"{count:,} {split}" for split, count in self.splits.items())
        found = (
            f"{self.museums:,} museums ({splits}), {self.rooms:,} rooms, {self.views:,} views, "
            f"{self.sentences:,} sentences"
        )
        left_out = [f"left out: {name}: {reason}" for name, reason in self.left_out.items()]
        return [found, *(f"warning: {sentence}" for sentence in self.warnings), *left_out]


class _Writer:
    """Feature files of a new collection, all rows of a kind as wide as the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "features"
        self._folder.mkdir(parents=True)
        self._writers: dict[str, ShardWriter] = {}
        self.widths: dict[str, int] = {}

    def add(self, found: Published) -> None:
        """Write a museum's features, or none of them. Raises HicalmError for another width."""
        given = {"view": found.view, "art": found.art, "sentence": found.sentence}
        arrays = {kind: rows for kind, rows in given.items() if rows is not None}
        for kind, rows in arrays.items():
            width = self.widths.get(kind, rows.shape[1])
            if rows.shape[1] != width:
                raise HicalmError(
                    f"{found.museum.id} has {kind} features of width {rows.shape[1]}, but the "
                    f"museums before it of {width}."
                )
        for kind, rows in arrays.items():
            self.widths[kind] = rows.shape[1]
            if kind not in self._writers:
                self._writers[kind] = ShardWriter(self._folder, kind)
            self._writers[kind].append(rows)

    def close(self) -> None:
        """Write what is left."""
        for writer in self._writers.values():
            writer.close()


def import_published(
    layout: Layout, out: Path, skip_broken: bool = False, progress: bool = True
) -> ImportReport:
    """Import a published data set into a new collection folder.

    Raises HicalmError for a folder that holds something already, and for museums that cannot be
    read, which ``skip_broken`` leaves out instead.
    """
    out = Path(out)
    check_new_folder(out)
    with making(out) as made:
        report = _import(layout, made, skip_broken, progress)
        write_text(made / REPORT, to_json(asdict(report), indent=1) + "\n")
    return report


def _import(layout: Layout, folder: Path, skip_broken: bool, progress: bool) -> ImportReport:
    names = museum_names(layout)
    splits = find_splits(layout, names)
    report, writer = ImportReport(), _Writer(folder)
    if layout.indices is None and len(names) != DRAWN:
        report.warnings.append(
            f"There are {len(names)} worlds, not the published {DRAWN}: the splits are drawn in "
            "the published proportions, but are not the published ones."
        )
    report.warnings += [
        f"{name} is in no split and was left out." for name in names if name not in splits
    ]
    if layout.order is not None:
        report.warnings.append(
            f"The splits count the museums in the order of '{layout.order}', as the published "
            "scripts do, and not in that of their names."
        )
    houses = read_houses(layout.houses) if layout.houses else {}

    def read(name: str) -> Published:
        if layout.kind == "apartments":
            return read_apartment(layout, name, splits[name], houses.get(name, []))
        return read_museum(layout, name, splits[name])

    museums: list[Museum] = []
    chosen = tqdm([n for n in names if n in splits], desc="museums", disable=not progress)
    for found in _readable(read, chosen, writer, report):
        museums.append(found.museum)
        report.warnings += found.warnings
        report.views += len(found.view)
        report.sentences += len(found.sentence)
    if report.left_out and not skip_broken:
        raise HicalmError(_broken(report.left_out))
    if not museums:
        raise HicalmError(f"No museum of '{layout.views}' could be read.")
    writer.close()
    report.museums, report.rooms = len(museums), sum(len(museum.rooms) for museum in museums)
    kept, there = [museum.split for museum in museums], set(splits.values())
    report.splits = {split: kept.count(split) for split in SPLITS.values() if split in there}
    _save_texts(layout, folder, museums, writer.widths)
    return report


def _readable(
    read: Callable[[str], Published],
    names: Iterable[str],
    writer: _Writer,
    report: ImportReport,
) -> Iterator[Published]:
    """Read and write every museum that can be; the report lists the others."""
    for name in names:
        try:
            found = read(name)
            writer.add(found)
        except HicalmError as error:
            report.left_out[name] = str(error)
            continue
        yield found


def _broken(left_out: dict[str, str]) -> str:
    shown = list(left_out.values())[:MAX_NAMED]
    rest = len(left_out) - len(shown)
    more = f" And {rest:,} more." if rest else ""
    return (
        f"{len(left_out):,} museums cannot be read: {' '.join(shown)}{more} Mend them, or leave "
        "them out with --skip-broken."
    )


def _save_texts(
    layout: Layout, folder: Path, museums: list[Museum], widths: dict[str, int]
) -> None:
    """Write all but the features, beside which the collection then finds its fingerprints."""
    names = {"view": layout.encoder, "sentence": layout.encoder}
    if layout.art:
        names["art"] = layout.art.name
    fingerprints = {
        kind: Fingerprint(name, UNKNOWN_HASH, widths[kind]) for kind, name in names.items()
    }
    collection = Collection(
        name=NAMES[layout.kind],
        note=f"Imported from the published features ({layout.encoder}).",
        museums=tuple(museums),
        pictures={"source": NO_PICTURES},
        features=Features({}, fingerprints),
    )
    save_texts(collection, folder)
