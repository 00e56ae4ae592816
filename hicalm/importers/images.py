"""Somebody's own pictures and videos become a collection with features, museum by museum.

Whatever is done lies in a work folder beside the new collection, so that an interrupted import
goes on where it was; it becomes the collection in the end. Only files that could be decoded are
copied, and of a panorama or a video its views alone. At most a batch of small pictures and a
museum's features are in memory.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file, save_file

from hicalm.data.collection import Collection, Features, Fingerprint, Museum, Room, save_texts
from hicalm.data.ray_work import Pieces, do_pieces
from hicalm.data.shards import ShardWriter
from hicalm.errors import HicalmError
from hicalm.files import (
    check_new_folder,
    read_json,
    replacing,
    scratch,
    to_json,
    write_text,
)
from hicalm.importers.archive import unpack
from hicalm.importers.features import MAX_NAMED, REPORT, ImportReport
from hicalm.importers.folders import FoundMuseum, as_title, find_museums, relative_name
from hicalm.importers.view_files import views_in, views_of

if TYPE_CHECKING:  # they take torch along
    from hicalm.encoders.art_expert import ArtExpert
    from hicalm.encoders.encode_pieces import LoadEncoders
    from hicalm.encoders.encoder import Encoder
    from hicalm.encoders.object_expert import ObjectExpert

IMAGES_AT_ONCE = 64
PICTURES = "pictures"
SPLIT_SEED = 2026
_COLLECTION, _DONE = "collection", "done"  # of the work folder

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Shares:
    """Which shares of the museums, drawn by chance, are for training; the rest is for the test."""

    train: float = 0.0
    validation: float = 0.0

    def splits(self, count: int) -> list[str]:
        """Return a split for each museum. Raises HicalmError for impossible shares."""
        if min(self.train, self.validation) < 0 or self.train + self.validation > 1:
            raise HicalmError(
                f"The shares for training ({self.train}) and validation ({self.validation}) must "
                "be at least 0 and at most 1 together."
            )
        train, validation = round(self.train * count), round(self.validation * count)
        splits = ["train"] * train + ["validation"] * validation + ["test"] * count
        order = np.random.default_rng(SPLIT_SEED).permutation(count)
        return [splits[row] for row in order]


@dataclass(frozen=True)
class _Record:
    """A finished museum: the views that each found room kept, and what could not be read."""

    source_hash: str
    views: list[int]
    left_out: dict[str, str]


def import_images(
    path: Path,
    out: Path,
    encoder: "Encoder",
    art_expert: "ArtExpert | None",
    *,
    object_expert: "ObjectExpert | None" = None,
    skip_broken: bool = False,
    name: str | None = None,
    shares: Shares | None = None,
    progress: Progress | None = None,
    ray: str | None = None,
    load: "LoadEncoders | None" = None,
    threads: int = 1,
) -> ImportReport:
    """Import museums' pictures and texts, a folder or a zip file, into a new collection folder.

    Args:
        skip_broken: leave out pictures that cannot be read, instead of raising HicalmError.
        name: of the collection; None takes that of the folder or file.
        shares: of the splits; None makes every museum one of the test.
        progress: called with the views that are done and with all of them, as far as is known.
        ray: the address of a Ray cluster that encodes the museums, see ``data.ray_work``; then
            ``load`` gives the encoder and the experts there, for so many CPU ``threads``.
    An import that is interrupted or fails leaves ``OUT.part``; the same call goes on from there,
    with every museum again whose files, texts or encoders have changed.
    Raises HicalmError for a folder without museums, and for one that holds something already.
    """
    source, out = Path(path).resolve(), Path(out).resolve()
    _check_folders(source, out)
    report, shares = ImportReport(), shares or Shares()
    name = name or as_title(source.stem if source.is_file() else source.name) or "My museums"
    with _unpacked(source, out, report.left_out) as root:
        museums = find_museums(root, report.left_out, name)
        shares.splits(len(museums))  # bad ones are refused before anything is encoded
        experts = {"art": art_expert, "object": object_expert}
        work = _Work(_work_folder(out), root, encoder, experts)
        work.forget_all_but(museums)
        if ray is not None and load is not None:
            todo = [n for n, museum in enumerate(museums) if not work.is_finished(museum)]
            open_work = partial(_Importing, work.folder, root, load, museums)
            asked = Pieces(todo, work.folder / _DONE, lambda n: f"'{museums[n].title}'", "museums")
            do_pieces(ray, open_work, asked, threads)
        records = work.encode_all(museums, progress or (lambda done, total: None))
    broken = {name: reason for record in records for name, reason in record.left_out.items()}
    if broken and not skip_broken:
        raise HicalmError(_broken(broken))
    report.left_out |= broken
    work.assemble(museums, records, name, shares, report)
    if out.exists():
        out.rmdir()
    (work.folder / _COLLECTION).rename(out)
    shutil.rmtree(work.folder)
    return report


@contextmanager
def _unpacked(source: Path, out: Path, left_out: dict[str, str]) -> Iterator[Path]:
    """Give the folder of the pictures: that of a zip file lies beside the collection meanwhile."""
    if not source.is_file():
        yield source
        return
    with scratch(out.parent) as temporary:
        left_out |= unpack(source, temporary / "files")
        yield temporary / "files"


class _Work:
    """The work folder: pictures of the collection to be, and a record of each finished museum."""

    def __init__(
        self,
        folder: Path,
        root: Path,
        encoder: "Encoder",
        experts: "Mapping[str, ArtExpert | ObjectExpert | None]",
    ) -> None:
        self.folder, self._root = folder, root
        self._encoder = encoder
        self._experts = {kind: expert for kind, expert in experts.items() if expert is not None}
        self._pictures = folder / _COLLECTION / PICTURES
        self._pictures.mkdir(parents=True, exist_ok=True)
        (folder / _DONE).mkdir(exist_ok=True)

    @property
    def _fingerprints(self) -> dict[str, Fingerprint]:
        fingerprint = Fingerprint.of(self._encoder)
        fingerprints = {"view": fingerprint, "sentence": fingerprint}
        return fingerprints | {kind: Fingerprint.of(one) for kind, one in self._experts.items()}

    def forget_all_but(self, museums: Sequence[FoundMuseum]) -> None:
        """Remove what is left of museums that are no longer there."""
        ids = {museum.id for museum in museums}
        for path in self._pictures.iterdir():
            if path.name not in ids:
                self._forget(path.name)

    def encode_all(self, museums: Sequence[FoundMuseum], progress: Progress) -> list[_Record]:
        """Return the record of every museum; those not finished yet are encoded."""
        sizes = [sum(views_in(p) for room in one.rooms for p in room.pictures) for one in museums]
        done, records = 0, []
        progress(done, sum(sizes))
        for museum, size in zip(museums, sizes, strict=True):
            source_hash = self._source_hash(museum)
            record = self._finished(museum, source_hash)
            if record is None:
                record = self._encode(museum, source_hash, _behind(done, sum(sizes), progress))
            records.append(record)
            done += size
            progress(done, sum(sizes))
        return records

    def is_finished(self, museum: FoundMuseum) -> bool:
        """Tell whether a museum has a record, of what its files, texts and encoders are now."""
        return self._finished(museum, self._source_hash(museum)) is not None

    def encode(self, museum: FoundMuseum) -> None:
        """Encode a museum and leave its record."""
        self._encode(museum, self._source_hash(museum), lambda seen: None)

    def _source_hash(self, museum: FoundMuseum) -> str:
        """Return a hash of all that decides the museum's features."""
        files = []
        for room in museum.rooms:
            stats = [(relative_name(p, self._root), p.stat()) for p in room.pictures]
            files.append([(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats])
        texts = [museum.introduction, [room.paragraph for room in museum.rooms]]
        fingerprints = {kind: asdict(one) for kind, one in self._fingerprints.items()}
        return hashlib.sha256(to_json([files, texts, fingerprints]).encode()).hexdigest()

    def _finished(self, museum: FoundMuseum, source_hash: str) -> _Record | None:
        path = self.folder / _DONE / f"{museum.id}.json"
        if not path.is_file():
            return None
        record = _Record(**read_json(path))
        return record if record.source_hash == source_hash else None

    def _encode(
        self, museum: FoundMuseum, source_hash: str, progress: Callable[[int], None]
    ) -> _Record:
        self._forget(museum.id)
        record = _Record(source_hash, [0] * len(museum.rooms), {})
        parts: dict[str, list[np.ndarray]] = {"view": [], **{k: [] for k in self._experts}}
        waiting: list[np.ndarray] = []
        (self._pictures / museum.id).mkdir()
        for picture in self._pictures_of(museum, record, progress):
            waiting.append(picture)
            if len(waiting) == IMAGES_AT_ONCE:
                self._encode_views(waiting, parts)
                waiting = []
        if waiting:
            self._encode_views(waiting, parts)
        features = {kind: np.concatenate(rows) for kind, rows in parts.items() if rows}
        paragraphs = _museum(museum, record.views, "test").paragraphs
        texts = [sentence for paragraph in paragraphs for sentence in paragraph]
        features["sentence"] = self._encoder.encode_texts(texts).astype(np.float16)
        self._finish(museum, record, features)
        return record

    def _encode_views(self, views: list[np.ndarray], parts: dict[str, list[np.ndarray]]) -> None:
        batch = np.stack(views)
        parts["view"].append(self._encoder.encode_images(batch).astype(np.float16))
        for kind, expert in self._experts.items():
            parts[kind].append(expert.encode_images(batch).astype(np.float16))

    def _pictures_of(
        self, museum: FoundMuseum, record: _Record, progress: Callable[[int], None]
    ) -> Iterator[np.ndarray]:
        """Copy and read the views, uint8 (h, w, 3); what cannot be read is put on record."""
        number = seen = 0
        for row, room in enumerate(museum.rooms):
            target = self._pictures / museum.id / str(number + 1)
            for path in room.pictures:
                size = views_in(path)
                try:
                    for view in views_of(path, _within(seen, size, progress)):
                        target.mkdir(exist_ok=True)
                        record.views[row] += 1
                        name = f"{record.views[row]:05d}{view.ending}"
                        (target / name).write_bytes(view.content)
                        yield view.picture
                except HicalmError as error:
                    record.left_out[relative_name(path, self._root)] = str(error)
                seen += size
                progress(seen)
            number += record.views[row] > 0

    def _finish(
        self, museum: FoundMuseum, record: _Record, features: dict[str, np.ndarray]
    ) -> None:
        path = self.folder / _DONE / museum.id
        with replacing(path.with_name(f"{museum.id}.safetensors")) as temporary:
            save_file(features, temporary)
        # What has a record is finished: it comes last, and by its final name only when whole.
        write_text(path.with_name(f"{museum.id}.json"), to_json(asdict(record)))

    def _forget(self, museum_id: str) -> None:
        (self.folder / _DONE / f"{museum_id}.json").unlink(missing_ok=True)
        shutil.rmtree(self._pictures / museum_id, ignore_errors=True)

    def assemble(
        self,
        found: Sequence[FoundMuseum],
        records: Sequence[_Record],
        name: str,
        shares: Shares,
        report: ImportReport,
    ) -> None:
        """Write the collection's files beside its pictures, and fill in the report.

        Raises HicalmError where no museum has a picture that could be read.
        """
        pairs = [pair for pair in zip(found, records, strict=True) if any(pair[1].views)]
        if not pairs:
            raise HicalmError("No picture could be read: " + _reasons(report.left_out))
        splits = shares.splits(len(pairs))
        museums = [_museum(one, r.views, s) for (one, r), s in zip(pairs, splits, strict=True)]
        for one, record in zip(found, records, strict=True):
            report.warnings += _emptied(one, record)
            if not any(record.views):
                self._forget(one.id)
        self._write_features(museums)
        pictures = {"source": "files", "root": PICTURES}
        note = f"Imported from picture files, encoded with {self._encoder.name}."
        features = Features({}, self._fingerprints)
        whole = Collection(name, note, tuple(museums), pictures, features)
        save_texts(whole, self.folder / _COLLECTION)
        report.museums, report.rooms = len(museums), int(whole.room_counts.sum())
        report.views, report.sentences = int(whole.view_counts.sum()), len(whole.sentences)
        report.splits = {split: splits.count(split) for split in sorted(set(splits))}
        text = to_json(asdict(report), indent=1) + "\n"
        write_text(self.folder / _COLLECTION / REPORT, text)

    def _write_features(self, museums: Sequence[Museum]) -> None:
        folder = self.folder / _COLLECTION / "features"
        folder.mkdir(exist_ok=True)
        writers = {kind: ShardWriter(folder, kind) for kind in self._fingerprints}
        for museum in museums:
            features = load_file(self.folder / _DONE / f"{museum.id}.safetensors")
            for kind, writer in writers.items():
                writer.append(features[kind])
        for writer in writers.values():
            writer.close()


class _Importing:
    """Encodes museums of an import, by their numbers."""

    def __init__(
        self, folder: Path, root: Path, load: "LoadEncoders", museums: Sequence[FoundMuseum]
    ) -> None:
        encoder, art_expert, object_expert = load()
        experts = {"art": art_expert, "object": object_expert}
        self._work, self._museums = _Work(folder, root, encoder, experts), museums

    def __call__(self, number: int) -> None:
        self._work.encode(self._museums[number])


def _behind(done: int, total: int, progress: Progress) -> Callable[[int], None]:
    """Return the progress of one museum, which is called with its own views that are done."""
    return lambda seen: progress(done + seen, total)


def _within(seen: int, size: int, progress: Callable[[int], None]) -> Callable[[float], None]:
    """Return the progress of one file of ``size`` views, which is called with a share of it."""
    return lambda share: progress(seen + int(share * size))


def _museum(found: FoundMuseum, views: Sequence[int], split: str) -> Museum:
    rooms = tuple(
        Room(room.name, room.paragraph, count)
        for room, count in zip(found.rooms, views, strict=True)
        if count
    )
    return Museum(found.id, found.title, split, found.introduction, rooms)


def _emptied(found: FoundMuseum, record: _Record) -> list[str]:
    if not any(record.views):
        return [f"No picture of '{found.title}' could be read: the museum was left out."]
    return [
        f"No picture of '{room.name}' in '{found.title}' could be read: the room was left out."
        for room, views in zip(found.rooms, record.views, strict=True)
        if not views
    ]


def _check_folders(folder: Path, out: Path) -> None:
    check_new_folder(out)
    if out.is_relative_to(folder):
        raise HicalmError(f"The new collection '{out}' must not lie inside the pictures' folder.")


def _work_folder(out: Path) -> Path:
    """Return the work folder of a collection. Raises HicalmError where it is somebody else's."""
    folder = out.with_name(f"{out.name}.part")
    if folder.exists() and (
        not folder.is_dir() or {path.name for path in folder.iterdir()} - {_COLLECTION, _DONE}
    ):
        raise HicalmError(f"'{folder}' is needed for unfinished work, but holds something else.")
    return folder


def _broken(left_out: dict[str, str]) -> str:
    count = "1 file" if len(left_out) == 1 else f"{len(left_out):,} files"
    return (
        f"{count} cannot be read: {_reasons(left_out)} Mend or remove what is named, or leave it "
        "out with --skip-broken; finished museums are kept until then."
    )


def _reasons(left_out: dict[str, str]) -> str:
    named = [f"'{name}': {reason}" for name, reason in list(left_out.items())[:MAX_NAMED]]
    rest = len(left_out) - len(named)
    return " ".join(named) + (f" And {rest:,} more." if rest else "")
