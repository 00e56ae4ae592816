"""What the endpoints of the API take and answer, as types: they are shown on the API page.

Rooms and views count from 0. Every ``picture`` is an address on this server, from its root path
on, of a JPEG file that anybody who can call the API can fetch.
"""

from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

MOST_FOUND = 100  # results of one call
MOST_LISTED = 500  # museums of one call
MOST_POINTS = 5_000  # of a map in one call

Level = Literal["museum", "room", "view"]
Stage = Literal["shortlist", "rank", "rerank"]
Stages = Annotated[list[Stage] | None, Field(examples=[["shortlist", "rank"]])]
Query = Annotated[str, Field(examples=["a room of seascapes"])]
MuseumId = Annotated[str, Field(examples=["museum-01651"])]
Picture = Annotated[
    str,
    Field(
        examples=[
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFUlEQVR42mN0y5vG"
            "gA0wMeAAg1MCAAYDAVr2mLnoAAAAAElFTkSuQmCC"
        ]
    ),
]
Index = Annotated[int, Field(ge=0, examples=[0])]
Top = Annotated[int, Field(ge=1, le=MOST_FOUND)]
Rooms = Annotated[int, Field(ge=0, le=999)]
Start = Annotated[int, Field(ge=0)]
Listed = Annotated[int, Field(ge=1, le=MOST_LISTED)]
Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]


class RoomScore(TypedDict):
    """How well a room matches: a cosine in -1..1."""

    index: int
    similarity: float


class PartAnswered(TypedDict):
    """Which rooms answer a part of the query, and the view of each that shows it best."""

    text: str
    op: str
    rooms: list[int]
    views: list[int]
    probability: float
    answered: bool


class FoundMuseum(TypedDict):
    """A museum found: ``levels`` are the parts of its score, ``picture`` its best view."""

    rank: int
    museum_id: str
    title: str
    score: float
    levels: dict[str, float]
    fit: float | None
    rooms: list[RoomScore]
    answers: list[PartAnswered]
    picture: str


class SearchAnswer(TypedDict):
    """A search, in the form of ``python -m hicalm search --json``, with pictures."""

    query: str
    corrected: dict[str, str]
    plan: dict[str, Any] | None
    fit: float | None
    presence: float | None
    found: bool | None
    stages: list[str]
    collection: str
    filters: dict[str, Any]
    models: dict[str, str]
    version: str
    date: str
    notes: list[str]
    results: list[FoundMuseum]


class ViewShare(TypedDict):
    """What a view contributed to the score."""

    index: int
    contribution: float
    similarity: float
    levels: dict[str, float]


class RoomShare(TypedDict):
    """What a room contributed to the score; ``picture`` shows the view that contributed most."""

    index: int
    contribution: float
    similarity: float
    levels: dict[str, float]
    similarities: list[float]
    views: list[ViewShare]
    picture: str


class PartShare(TypedDict):
    """What a sentence or phrase of the query contributed to the score."""

    text: str
    contribution: float
    paragraph: int


class Explained(TypedDict):
    """Why a museum has its score, in the form of ``python -m hicalm explain --json``."""

    query: str
    museum_id: str
    title: str
    score: float
    baseline: float
    levels: dict[str, float]
    similarity: float
    error: float
    rooms: list[RoomShare]
    query_parts: list[PartShare]


class FoundView(TypedDict):
    """A view and its similarity (a cosine, -1..1) to the one asked for."""

    rank: int
    museum_id: str
    title: str
    room: int
    view: int
    similarity: float
    picture: str


class SimilarViews(TypedDict):
    """Views of other museums, the most similar first."""

    results: list[FoundView]


class MuseumRoom(TypedDict):
    """A room: its paragraph of the description, and the picture of each of its views."""

    index: int
    name: str
    paragraph: list[str]
    attributes: dict[str, Any]
    picture: str
    views: list[str]


class MuseumAnswer(TypedDict):
    """A museum with its description and rooms."""

    museum_id: str
    title: str
    split: str
    attributes: dict[str, Any]
    introduction: list[str]
    picture: str
    rooms: list[MuseumRoom]


class ListedMuseum(TypedDict):
    """A museum of a list; ``rooms`` is their number, ``picture`` its cover."""

    museum_id: str
    title: str
    rooms: int
    attributes: dict[str, Any]
    picture: str


class MuseumList(TypedDict):
    """A part of the museums that pass the filters, of which there are ``total``."""

    total: int
    museums: list[ListedMuseum]


class Point(TypedDict):
    """A point of a map. ``similarity`` is there where there is a query."""

    museum_id: str
    room: int | None
    view: int | None
    x: float
    y: float
    similarity: float | None
    picture: str


class MapAnswer(TypedDict):
    """A part of a map's points, of which there are ``total``.

    The map shows so many ``museums`` of the collection's ``of_museums``: all, or a sample.
    ``width`` is the larger side of the map in its units; ``position`` is where the query lies,
    approximately, and ``spread`` how far apart the points are that it is placed by.
    """

    level: str
    width: float
    total: int
    museums: int
    of_museums: int
    points: list[Point]
    position: list[float] | None
    spread: float | None


class KnownWord(TypedDict):
    """A word that the collection knows, and the query that asks for it."""

    word: str
    query: str


class WordKind(TypedDict):
    """Words of one kind."""

    name: str
    words: list[KnownWord]


class Vocabulary(TypedDict):
    """What can be asked for: words by kind, and the values of what can be chosen."""

    kinds: list[WordKind]
    themes: list[str]
    stages: list[str]
