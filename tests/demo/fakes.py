"""A small stand-in for ``hicalm.search``: its contract, invented museums, no model.

``python -m tests.demo.fakes --port 7860`` serves the app with it.
"""

import argparse
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from hicalm.data.collection import Collection, Museum, Room
from hicalm.data.museum_columns import MuseumColumns, columns_of
from hicalm.errors import HicalmError
from hicalm.explain.explanation import (
    Explanation,
    PartContribution,
    RoomContribution,
    ViewContribution,
)
from hicalm.ragged import offsets
from hicalm.reading.query_plan import Plan
from hicalm.retrieval.evidence import Evidence, HeatMap
from hicalm.retrieval.methods import Ranking, check_method
from hicalm.retrieval.results import MuseumMatch, Provenance, RoomMatch, SearchResult
from hicalm.retrieval.stages import RANK, RERANK, STAGES
from hicalm.world.world_pictures import open_pictures
from tests.demo.fake_answers import (
    FOUND_FROM,
    invent_answers,
    invent_presence,
    invent_reading,
)
from tests.demo.fake_stages import invent_evidence, invent_heat_map, run_stages

SEED = 11
THEMES = ("harbours", "night and stars", "gardens", "modern forms")
FOCUSES = ("seascapes", "portraits", "horses", "night skies", "abstract paintings", "gardens")
WALLS = {"red": (150, 60, 50), "blue": (70, 95, 150), "green": (90, 125, 95), "grey": (150,) * 3}
FLOORS = ("wood", "marble", "carpet")
HOSTILE_TITLE = "Museum of <b>Tags</b> & ${templates}"  # titles are data too: must be escaped


def make_room(rng: np.random.Generator, index: int) -> Room:
    """Invent a room."""
    focus, wall, floor = rng.choice(FOCUSES), rng.choice(list(WALLS)), rng.choice(FLOORS)
    return Room(
        name=f"{wall} room of {focus}".capitalize(),
        paragraph=(
            f"Room {index + 1} has {wall} walls and a {floor} floor.",
            f"Most of its paintings are {focus}, hung at eye height in plain frames.",
        ),
        views=12 if rng.random() < 0.9 else 7,
        attributes={"wall_color": str(wall), "floor": str(floor)},
    )


def make_museum(index: int) -> Museum:
    """Invent a museum of five to eight rooms."""
    rng = np.random.default_rng([SEED, index])
    theme = THEMES[index % len(THEMES)]
    title = HOSTILE_TITLE if index == 3 else f"House of {theme.title()}, No. {index + 1}"
    rooms = tuple(make_room(rng, room) for room in range(int(rng.integers(5, 9))))
    introduction = (f"This museum is about {theme}.", f"It has {len(rooms)} rooms.")
    return Museum(f"museum-{index:05d}", title, "test", introduction, rooms, {"theme": theme})


@dataclass(frozen=True)
class FakeCollection:
    """Invented museums."""

    museums: tuple[Museum, ...]
    name: str = "fake"
    note: str = "procedurally generated collection"
    pictures: dict = field(default_factory=lambda: {"source": "world"})
    features: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(fingerprints={}))

    @cached_property
    def _by_id(self) -> dict[str, Museum]:
        return {museum.id: museum for museum in self.museums}

    def museum(self, museum_id: str) -> Museum:
        """Return a museum. Raises HicalmError for an unknown id."""
        if museum_id not in self._by_id:
            raise HicalmError(f"There is no museum called {museum_id}.")
        return self._by_id[museum_id]

    def row(self, museum_id: str) -> int:
        """Return a museum's place. Raises HicalmError for an unknown id."""
        return self.museums.index(self.museum(museum_id))

    @cached_property
    def columns(self) -> MuseumColumns:
        """Return the columns, as a collection in memory has them."""
        return columns_of(self.museums)

    def kept(self, name: str, make: Callable[[], list[str]]) -> list[str]:
        """Return what is made of all museums."""
        return make()

    room_counts, view_counts = Collection.room_counts, Collection.view_counts

    @property
    def room_offsets(self) -> np.ndarray:
        """Return the first room of each museum, and all rooms."""
        return offsets(self.room_counts)

    @property
    def view_offsets(self) -> np.ndarray:
        """Return the first view of each museum, and all views."""
        return offsets(self.view_counts)[self.room_offsets]


@dataclass
class FakePictures:
    """Coloured rooms with rectangles for paintings."""

    collection: FakeCollection
    rendered: list[tuple] = field(default_factory=list)

    def picture(self, museum_id: str, room: int, view: int, width: int) -> np.ndarray:
        """Return RGB uint8 (3/4 width, width, 3)."""
        self.rendered.append((museum_id, room, view, width))
        shown_room = self.collection.museum(museum_id).rooms[room]
        height = width * 3 // 4
        rng = np.random.default_rng([SEED, room, view, *museum_id.encode()])
        light = np.linspace(0.8, 1.25, height)[:, None, None]
        wall = np.array(WALLS[shown_room.attributes["wall_color"]])
        image = np.broadcast_to(wall * light, (height, width, 3)).copy()
        image[int(height * 0.72) :] = (120, 86, 58)
        for slot in range(int(rng.integers(1, 4))):
            left, right = int(width * (0.08 + 0.3 * slot)), int(width * (0.3 + 0.3 * slot))
            top, bottom = int(height * 0.2), int(height * rng.uniform(0.45, 0.6))
            image[top - 4 : bottom + 4, left - 4 : right + 4] = (40, 28, 20)
            colours = rng.integers(20, 240, (4, 5, 3))
            rows = np.linspace(0, 3.99, bottom - top).astype(int)
            columns = np.linspace(0, 4.99, right - left).astype(int)
            image[top:bottom, left:right] = colours[rows][:, columns]
        return np.clip(image, 0, 255).astype(np.uint8)

    def cover(self, museum_id: str) -> bytes:
        """Return a JPEG thumbnail."""
        from hicalm.files import encode_jpeg

        return encode_jpeg(self.picture(museum_id, 0, 0, 320))

    def floor_plan(self, museum_id: str) -> SimpleNamespace:
        """Return two rows of rooms, with a door between neighbours."""
        count = len(self.collection.museum(museum_id).rooms)
        across = (count + 1) // 2
        rooms, doors = [], []
        for index in range(count):
            row, column = divmod(index, across)
            x = 9.0 * (column if row == 0 else across - 1 - column)
            rooms.append(SimpleNamespace(x=x, y=7.0 * row, width=9.0, depth=7.0))
            if index and row == 0:
                doors.append(((x, 2.8), (x, 4.2)))
            elif index == across:
                doors.append(((x + 3.8, 7.0), (x + 5.2, 7.0)))
            elif index:
                doors.append(((x + 9.0, 9.8), (x + 9.0, 11.2)))
        return SimpleNamespace(rooms=tuple(rooms), doors=tuple(doors))


@dataclass(frozen=True)
class FakeQuery:
    """A query that was read."""

    text: str
    paragraphs: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    plan: Plan | None = None
    phrases: SimpleNamespace | None = None
    notes: tuple[str, ...] = ()
    corrected: dict[str, str] = field(default_factory=dict)


class FakeEncoder:
    """Numbers of the right shape for pictures and texts."""

    name, hash, dim = "fake", "0" * 12, 8

    def encode_images(self, images: np.ndarray) -> np.ndarray:
        """Return float32 (N, 8)."""
        return np.ones((len(images), self.dim), np.float32)

    encode_texts = encode_images


class FakeSearcher:
    """Ranks by shared words and a little noise; the same query always gives the same result."""

    methods = ("hicalm", "flat", "clip-mean")
    stages, default_stages, has_evidence, rerank_note = STAGES, (RANK,), True, ""
    words_note = pictures_note = ""
    encoder, art_expert, known_pictures = FakeEncoder(), None, None

    def __init__(self, museums: int = 40, checkpoint: Path | None = None):
        self.checkpoint = checkpoint
        self.collection = FakeCollection(tuple(make_museum(index) for index in range(museums)))
        self.pictures = FakePictures(self.collection)
        self.named: np.ndarray | None = None  # museums (rows) that an index names
        self.searches: list[tuple] = []  # every search that was really run

    def prepare(self) -> None:
        """Nothing is left to be made."""

    def over(self, collection: Collection) -> "FakeSearcher":
        """Return a searcher of another collection."""
        other = FakeSearcher(0, self.checkpoint)
        other.collection, other.pictures = collection, open_pictures(collection)
        return other

    def read(self, query: str, as_typed: bool = False) -> "FakeQuery":
        """Read a query. Raises HicalmError as the real one."""
        if not query.strip():
            raise HicalmError("The query is empty. Please describe a museum, a room or a painting.")
        if len(query) > 20_000:
            raise HicalmError(f"The query has {len(query):,} characters, and the limit is 20,000.")
        if not any(char.isalpha() for char in query):
            raise HicalmError("The query has no words. Type what the museum should show.")
        return FakeQuery(query, **invent_reading(query, as_typed))

    def read_picture(self, image: np.ndarray) -> "FakeQuery":
        """Read a picture."""
        return FakeQuery("", (), (str(int(image.mean())),))

    def read_view(self, museum_id: str, room: int, view: int) -> "FakeQuery":
        """Read a view of the collection."""
        name = self.collection.museum(museum_id).rooms[room].name
        return FakeQuery("", (), (*name.lower().split(), str(view)))

    def search(
        self,
        query: str,
        top: int = 10,
        filters: dict | None = None,
        stages: tuple[str, ...] | None = None,
    ) -> SearchResult:
        """Read a query and rank museums by it."""
        return self.rank(self.read(query), top, filters, stages)

    def rank(
        self,
        query: "FakeQuery",
        top: int = 10,
        filters: dict | None = None,
        stages: tuple[str, ...] | None = None,
    ) -> SearchResult:
        """Rank museums by a query that was read. Raises HicalmError for an unknown stage."""
        start = time.perf_counter()
        self.searches.append((query.text, top, filters))
        kept = [museum for museum in self.collection.museums if self._passes(museum, filters or {})]
        if not kept:
            raise HicalmError("No museum passes these filters. Please loosen them.")
        matches = sorted((self._found(m, query) for m in kept), key=lambda m: -m.score)
        for stage in set(stages or ()) - set(self.stages):
            raise HicalmError(f"There is no stage {stage}.")
        matches, reports = run_stages(matches, stages or self.default_stages)
        seconds = time.perf_counter() - start
        found = tuple(matches[:top])
        models = {"encoder": f"{self.encoder.name} {self.encoder.hash}"}
        notes = (self.rerank_note,) if self.rerank_note else ()
        provenance = Provenance(
            self.collection.name, filters or {}, models, "0.0.0", "2026-01-01T00:00:00+00:00", notes
        )
        fits = [match.fit for match in matches if match.fit is not None]
        return SearchResult(
            query.text,
            query.paragraphs,
            found,
            seconds,
            reports,
            provenance,
            query.plan,
            query.notes,
            query.corrected,
            max(fits, default=None),
            max(fits) >= FOUND_FROM if fits else None,
        )

    def presence(self, query: "FakeQuery", museum_id: str, room: int) -> dict[str, float]:
        """Return by phrase whether the room's text has its words."""
        return invent_presence(self.collection.museum(museum_id).rooms[room], query.plan)

    def evidence(self, query: "FakeQuery", museum_id: str, room: int) -> Evidence:
        """Say which views of a room answer which words."""
        return invent_evidence(query.text, self.collection.museum(museum_id).rooms[room].views)

    def heat_map(self, query: "FakeQuery", museum_id: str, room: int, view: int) -> HeatMap:
        """Say where in a view each word is answered."""
        if not 0 <= view < self.collection.museum(museum_id).rooms[max(room, 0)].views:
            raise HicalmError("no such view")
        return invent_heat_map(query.text, view)

    def explain(self, query: "FakeQuery", museum_id: str, words: bool | None = None) -> Explanation:
        """Share each part of the score among rooms by their similarity, and evenly among views.

        The words are those of a search of the whole collection without a shortlist.
        """
        match = self._found(self.collection.museum(museum_id), query)
        if words:
            everyone = [self._found(museum, query) for museum in self.collection.museums]
            everyone.sort(key=lambda one: -one.score)
            ranked, _ = run_stages(everyone, (RANK, RERANK))
            match = next(one for one in ranked if one.museum_id == museum_id)
        paragraphs = max(1, len(query.paragraphs))
        shares = np.array([room.similarity for room in match.rooms])
        rooms = tuple(
            self._share(room, match.levels, float(share), paragraphs)
            for room, share in zip(match.rooms, shares / shares.sum(), strict=True)
        )
        texts = [" ".join(paragraph) for paragraph in query.paragraphs] or ["your picture"]
        each = match.score / paragraphs
        return Explanation(
            query=query.text,
            museum_id=museum_id,
            title=match.title,
            score=match.score,
            baseline=0.0,
            levels=match.levels,
            similarity=0.5,
            rooms=rooms,
            query_parts=tuple(PartContribution(text, each, p) for p, text in enumerate(texts)),
            error=0.0,
        )

    @staticmethod
    def _share(
        room: RoomMatch, levels: dict[str, float], share: float, paragraphs: int
    ) -> RoomContribution:
        own = {level: part * share for level, part in levels.items()}
        each = {level: part / len(room.views) for level, part in own.items()}
        views = tuple(
            ViewContribution(view, sum(each.values()), similarity, each)
            for view, similarity in enumerate(room.views)
        )
        similarities = (room.similarity,) * paragraphs
        return RoomContribution(
            room.index, sum(own.values()), room.similarity, own, similarities, views
        )

    def ranking(self, query: "FakeQuery", method: str) -> Ranking:
        """Rank all museums by a method: the score, with noise for every other one."""
        check_method(method, self.methods)
        if not query.paragraphs:
            raise HicalmError("Methods are compared on words.")
        matches = [self._found(museum, query) for museum in self.collection.museums]
        scores = np.array([match.score for match in matches], np.float32)
        noise = np.random.default_rng([SEED, *method.encode()]).normal(0, 0.1, len(scores))
        scores += (method != self.methods[0]) * noise.astype(np.float32)
        return Ranking.of(method, [match.museum_id for match in matches], scores)

    def align_rooms(self, first: str, second: str) -> tuple[tuple[int | None, int | None], ...]:
        """Pair rooms in order; those that the shorter museum lacks stay alone."""
        counts = [len(self.collection.museum(museum).rooms) for museum in (first, second)]
        return tuple(
            (room if room < counts[0] else None, room if room < counts[1] else None)
            for room in range(max(counts))
        )

    def similarities(
        self, query: "FakeQuery", level: str, museums: np.ndarray | None = None
    ) -> np.ndarray:
        """Return a similarity of every museum, room or view, float32 (N,), or of some museums'."""
        everyone = range(len(self.collection.museums))
        rows = everyone if museums is None else museums.tolist()
        matches = [self._found(self.collection.museums[row], query) for row in rows]
        rooms = [room for match in matches for room in match.rooms]
        values = {
            "museum": [match.score for match in matches],
            "room": [room.similarity for room in rooms],
            "view": [view for room in rooms for view in room.views],
        }
        return np.array(values[level], np.float32)

    def candidates(self, query: "FakeQuery", filters: dict | None = None) -> np.ndarray | None:
        """Return the museums (rows) that an index names, where there is one."""
        return self.named

    def room_values(
        self, query: "FakeQuery", museums: np.ndarray | None = None
    ) -> np.ndarray | None:
        """Return how well every room answers a text: its best phrase's probability."""
        if query.plan is None:
            return None
        chosen = range(len(self.collection.museums)) if museums is None else museums.tolist()
        rooms = [room for row in chosen for room in self.collection.museums[row].rooms]
        return np.array([max(invent_presence(room, query.plan).values()) for room in rooms])

    @staticmethod
    def _passes(museum: Museum, filters: dict) -> bool:
        minimum, maximum = filters.get("rooms", (0, 99))
        others = {name: values for name, values in filters.items() if name != "rooms"}
        return minimum <= len(museum.rooms) <= maximum and all(
            museum.attributes.get(name) in values for name, values in others.items()
        )

    def _found(self, museum: Museum, query: "FakeQuery") -> MuseumMatch:
        return invent_answers(self._match(museum, query.words), museum, query.plan)

    @staticmethod
    def _match(museum: Museum, words: tuple[str, ...]) -> MuseumMatch:
        rng = np.random.default_rng([SEED, *"".join(words).encode()[:50], *museum.id.encode()])
        rooms = []
        for index, room in enumerate(museum.rooms):
            text = " ".join(room.paragraph).lower()
            similarity = 0.12 * sum(word in text for word in words) + rng.normal(0, 0.03)
            views = tuple((similarity + rng.normal(0, 0.08, room.views)).tolist())
            rooms.append(RoomMatch(index, float(similarity), int(np.argmax(views)), views))
        best = max(rooms, key=lambda room: room.similarity)
        levels = {
            "museum": 0.3 * float(np.mean([room.similarity for room in rooms])),
            "room": 0.5 * best.similarity,
            "view": 0.2 * max(best.views),
        }
        return MuseumMatch(
            museum.id,
            museum.title,
            sum(levels.values()),
            levels,
            tuple(rooms),
            best.index,
            best.best_view,
        )


class GatedSearcher(FakeSearcher):
    """Ranks nothing before its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def rank(self, *asked: Any) -> Any:
        """Rank museums."""
        self.gate.wait(60)
        return super().rank(*asked)


def main() -> None:
    """Serve the app with the stand-in."""
    from demo.layout import build_layout, launch_options
    from demo.user_collections import ServedWorkspace
    from demo.warmup import Warmup
    from tests.demo.fake_maps import fake_maps

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long the warm-up takes")
    options = parser.parse_args()

    def open_slowly() -> FakeSearcher:
        time.sleep(options.seconds)
        return FakeSearcher()

    quick = FakeSearcher()
    warmup = Warmup(open_slowly, lambda: (quick.collection, quick.pictures), fake_maps)
    workspace = ServedWorkspace(warmup.start())
    build_layout(workspace).launch(server_port=options.port, **launch_options(workspace))


if __name__ == "__main__":
    main()
