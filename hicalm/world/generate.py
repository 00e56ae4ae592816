"""The built-in world as a collection: specifications, descriptions and where pictures come from."""

from pathlib import Path

from tqdm import tqdm

from hicalm.data.collection import Collection, Features, Museum, Room
from hicalm.data.pictures import COVER_WIDTH, WORLD
from hicalm.files import encode_jpeg, replacing
from hicalm.world.describe import describe
from hicalm.world.render import VIEWS_PER_ROOM
from hicalm.world.specification import make_world
from hicalm.world.world_pictures import WorldPictures

WORLD_SEED = 2026
WORLD_SIZES = {"train": 1500, "validation": 150, "test": 450}
COVER_QUALITY = 72  # JPEG; a cover is about 8 kB
NOTE = (
    "A procedurally generated collection: every museum, room, painting and description was made "
    "by a program. The artists are invented; real painters are named only to describe a manner."
)


def world_collection(seed: int = WORLD_SEED, sizes: dict[str, int] | None = None) -> Collection:
    """Return the world of a seed without features; a pure function of its arguments.

    ``sizes`` maps train, validation and test to numbers of museums (default: WORLD_SIZES).
    """
    sizes = WORLD_SIZES | (sizes or {})
    specifications = make_world(seed, sizes["train"], sizes["validation"], sizes["test"])
    return Collection(
        name="Built-in world",
        note=NOTE,
        museums=tuple(_museum(seed, specification) for specification in specifications),
        pictures={"source": WORLD, "seed": seed},
        features=Features({}, {}),
        specifications=tuple(specifications),
    )


def _museum(seed: int, specification: dict) -> Museum:
    texts = describe(specification, seed)
    rooms = tuple(
        Room(
            name=room["name"],
            paragraph=tuple(paragraph),
            views=VIEWS_PER_ROOM,
            attributes={key: room[key] for key in ("wall_color", "floor", "lighting", "objects")},
        )
        for room, paragraph in zip(specification["rooms"], texts.rooms, strict=True)
    )
    return Museum(
        id=specification["id"],
        title=specification["title"],
        split=specification["split"],
        introduction=tuple(texts.introduction),
        rooms=rooms,
        attributes={"theme": specification["theme"]},
    )


def write_covers(collection: Collection, folder: Path) -> None:
    """Render a small picture of every museum (a view that faces a painting) into ``covers/``."""
    folder = Path(folder) / "covers"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = WorldPictures(collection)
    for museum in tqdm(collection.museums, desc="covers", mininterval=5):
        scene = pictures.scene(museum.id, 0)
        picture = scene.render(scene.facing_view(0), COVER_WIDTH, supersample=2)
        with replacing(folder / f"{museum.id}.jpg") as temporary:
            temporary.write_bytes(encode_jpeg(picture, COVER_QUALITY))
