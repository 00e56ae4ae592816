"""Pictures of a room: a box with lit textures, seen from inside by casting a ray per pixel."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from hicalm.world import camera, doors, floors, sprites, textures
from hicalm.world.camera import VIEWS_PER_ROOM
from hicalm.world.layout import (
    Door,
    Hanging,
    RoomLayout,
    facing_view,
    hang,
    picture_corners,
    room_layout,
)
from hicalm.world.lighting import LIGHTINGS
from hicalm.world.meshes import move
from hicalm.world.objects import build_object
from hicalm.world.paintings import paint
from hicalm.world.plan import WALLS, floor_plan
from hicalm.world.seeds import generator

__all__ = ["VIEWS_PER_ROOM", "RoomScene", "VisiblePainting", "build_room", "painting_seed"]

FLOOR, CEILING = WALLS, WALLS + 1  # faces after the four walls
PAD = 1  # pixels around a face, so that filtering never mixes two faces
PICTURE_METRES = 2.0  # a painting is drawn as large as this is on the wall
Painter = Callable[[dict, int, int], np.ndarray]
VisiblePainting = tuple[int, np.ndarray, float, float]


def painting_seed(seed: int, museum_id: str, room_index: int, painting: int) -> int:
    """Return the seed of a painting, 63 bits."""
    rng = generator(seed, museum_id, room_index, "painting", painting)
    return int(rng.integers(1 << 63, dtype=np.uint64))


@dataclass(frozen=True)
class _Atlas:
    """All faces of a room below each other, uint8 RGB; ``tops`` is the row each one starts at."""

    image: np.ndarray
    tops: np.ndarray
    sizes: tuple[tuple[int, int], ...]

    def face(self, index: int) -> np.ndarray:
        """Return one face, a view into the atlas, (height, width, 3)."""
        height, width = self.sizes[index]
        top = self.tops[index]
        return self.image[top : top + height, PAD : PAD + width]

    def close(self) -> None:
        """Repeat the edges of every face into its padding."""
        for index, (height, width) in enumerate(self.sizes):
            top = self.tops[index]
            rows = self.image[top : top + height]
            rows[:, :PAD], rows[:, PAD + width :] = (
                rows[:, PAD : PAD + 1],
                rows[:, [PAD + width - 1]],
            )
            self.image[top - PAD : top] = self.image[top]
            self.image[top + height : top + height + PAD] = self.image[top + height - 1]


class RoomScene:
    """A room ready to be seen; make it with ``build_room``."""

    def __init__(
        self,
        layout: RoomLayout,
        hangings: list[Hanging],
        atlas: _Atlas,
        objects: list[sprites.Sprite],
        gloss: float,
        scale: int,
    ) -> None:
        self.layout = layout
        self.hangings = hangings
        self._atlas = atlas
        self._objects = sorted(objects, key=lambda sprite: -sprite.distance)
        self._gloss = gloss
        self._scale = np.float32(scale)
        self._pictures = [picture_corners(layout, hanging) for hanging in hangings]

    def render(self, view: int, width: int = 480, supersample: int = 1) -> np.ndarray:
        """Return the picture of a view, uint8 RGB (3 width / 4, width, 3)."""
        picture = self._cast(view, width * supersample)
        for sprite in self._objects:
            sprites.draw_sprite(picture, sprite, self.layout.camera, view)
        if supersample == 1:
            return picture
        size = (width, camera.picture_height(width))
        return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)

    def facing_view(self, painting: int) -> int:
        """Return the view whose axis is closest to the centre of a painting."""
        return facing_view(self.layout, self.hangings[painting].slot)

    def visible_paintings(self, view: int, width: int = 480) -> list[VisiblePainting]:
        """Return what is seen of the paintings, the largest first.

        Each is (index of the painting, corners in pixels float32 (4, 2) clockwise from top left
        and not clipped, the share 0..1 of the frame it covers, degrees off the view's axis).
        """
        height = camera.picture_height(width)
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        found = []
        for index, corners in enumerate(self._pictures):
            pixels, depth = camera.project(corners, self.layout.camera, view, width)
            if depth.min() < camera.NEAR:
                continue
            quad = pixels.astype(np.float32)
            area, _ = cv2.intersectConvexConvex(quad, frame)
            if area > 0:
                angle = self._angle(corners.mean(axis=0), view)
                found.append((index, quad, float(area) / (width * height), angle))
        return sorted(found, key=lambda seen: -seen[2])

    def _angle(self, point: np.ndarray, view: int) -> float:
        offset = point - self.layout.camera
        yaw = np.degrees(np.arctan2(offset[0], offset[2])) - 360 / VIEWS_PER_ROOM * view
        return float(abs((yaw + 180) % 360 - 180))

    def _cast(self, view: int, width: int) -> np.ndarray:
        """Return the picture of the bare room with its paintings."""
        layout, scale, tops = self.layout, self._scale, self._atlas.tops
        eye = layout.camera.astype(np.float32)
        x, y, z = camera.rays(view, width)
        with np.errstate(divide="ignore"):  # a ray along a wall meets it at infinity
            inverse_x, inverse_z = 1 / x, 1 / z
        to_x = np.maximum(np.float32(layout.width - eye[0]) * inverse_x, -eye[0] * inverse_x)
        to_z = np.maximum(np.float32(layout.depth - eye[2]) * inverse_z, -eye[2] * inverse_z)
        side = to_x < to_z
        reach = np.minimum(to_x, to_z)
        wall = np.where(side, np.where(x > 0, 1, 3), np.where(z > 0, 0, 2))
        along = np.where(side, eye[2] + z * reach, eye[0] + x * reach)
        # u is measured from the wall's left end: it runs against z on wall 1 and against x on 2.
        origin = np.array([0, layout.depth, layout.width, 0], np.float32) * scale + PAD - 0.5
        slope = np.array([1, -1, -1, 1], np.float32) * scale
        map_x = origin.astype(np.float32)[wall] + slope[wall] * along
        wall_tops = (tops[:WALLS] + layout.height * scale - 0.5).astype(np.float32)[wall]
        level = eye[1] + y * reach
        map_y = wall_tops - level * scale
        ground, sky = level < 0, level > np.float32(layout.height)
        first, last = _first_row(ground), len(sky) - _first_row(sky[::-1])
        mirror = None
        if first < len(ground) and self._gloss > 0:
            depth = np.maximum(level[first:], -layout.height) * scale
            mirror = (map_x[first:].copy(), wall_tops[first:] + depth)
        for face, rows, height, mask in (
            (FLOOR, slice(first, None), -eye[1], ground),
            (CEILING, slice(0, last), layout.height - eye[1], sky),
        ):
            away = np.float32(height) / y[rows]
            np.copyto(map_x[rows], (eye[0] + x[rows] * away) * scale + PAD - 0.5, where=mask[rows])
            shift = np.float32(tops[face] - 0.5)
            np.copyto(map_y[rows], (eye[2] + z[rows] * away) * scale + shift, where=mask[rows])
        picture = cv2.remap(self._atlas.image, map_x, map_y, cv2.INTER_LINEAR)
        if mirror is not None:
            self._reflect(picture[first:], mirror, ground[first:], y[first:])
        return picture

    def _reflect(
        self,
        picture: np.ndarray,
        mirror: tuple[np.ndarray, np.ndarray],
        ground: np.ndarray,
        slope: np.ndarray,
    ) -> None:
        """Add the blurred mirror image of the walls to the floor, in place."""
        image = cv2.remap(self._atlas.image, *mirror, cv2.INTER_LINEAR)
        blur = picture.shape[1] / 480
        image = cv2.GaussianBlur(image, (0, 0), sigmaX=1.6 * blur, sigmaY=4.0 * blur)
        # A floor mirrors more the flatter it is looked at (Fresnel).
        strength = self._gloss * (0.3 + 0.7 * (1 - np.abs(slope).clip(0, 1)) ** 2)
        share = (ground * strength.astype(np.float32))[..., None]
        picture[:] = picture + (image.astype(np.float32) - picture) * share


def build_room(
    seed: int, museum: dict, room_index: int, pixels_per_metre: int = 140, painter: Painter = paint
) -> RoomScene:
    """Build a room of a museum's specification; a pure function of its arguments.

    ``painter`` maps a painting, its seed and the length of its longest side in pixels to uint8
    RGB. Raises IndexError for a room the museum lacks.
    """
    scale, room = pixels_per_metre, museum["rooms"][room_index]
    layout = room_layout(seed, museum, room_index)
    lighting = LIGHTINGS[room["lighting"]]
    rng = generator(seed, museum["id"], room_index, "room", "look")
    pictures = [
        painter(
            painting,
            painting_seed(seed, museum["id"], room_index, k),
            round(PICTURE_METRES * scale),
        )
        for k, painting in enumerate(room["paintings"])
    ]
    hangings = [
        hang(layout, slot, picture.shape[1] / picture.shape[0])
        for slot, picture in zip(layout.slots, pictures, strict=True)
    ]
    atlas = _empty_atlas(layout, scale)
    colour = textures.wall_colour(room["wall_color"], rng)
    for wall in range(WALLS):
        chosen = [k for k, hanging in enumerate(hangings) if hanging.slot.wall == wall]
        face, here = atlas.face(wall), [hangings[k] for k in chosen]
        textures.paint_wall(face, layout, wall, colour, lighting, here, scale)
        textures.paint_pictures(face, here, [pictures[k] for k in chosen], lighting, scale)
    for door in layout.doors:
        beyond = _beyond(seed, museum, room_index, door)
        textures.paint_door(atlas.face(door.wall), layout, door, beyond, lighting, scale)
    textures.paint_ground(atlas.face(FLOOR), layout, room["floor"], lighting, rng, scale)
    textures.paint_ceiling(atlas.face(CEILING), layout, lighting, scale)
    atlas.close()
    objects = []
    for number, placement in enumerate(layout.objects):
        own = generator(seed, museum["id"], room_index, "object", number)
        body = build_object(placement.kind, own, layout.height)
        body = move(body, (placement.x, 0, placement.z), placement.turn)
        place = (placement.x, placement.z)
        objects.append(sprites.make_sprite(body, layout.camera, place, lighting, scale))
    return RoomScene(layout, hangings, atlas, objects, floors.GLOSS[room["floor"]], scale)


def _empty_atlas(layout: RoomLayout, scale: int) -> _Atlas:
    across, along = round(layout.width * scale), round(layout.depth * scale)
    lengths = [round(layout.wall_length(wall) * scale) for wall in range(WALLS)]
    sizes = [(round(layout.height * scale), length) for length in lengths] + [(along, across)] * 2
    tops = np.cumsum([PAD] + [height + 2 * PAD for height, _ in sizes])
    width = max(width for _, width in sizes) + 2 * PAD
    image = np.zeros((int(tops[-1]), width, 3), np.uint8)
    return _Atlas(image, tops[:-1], tuple(sizes))


def _first_row(mask: np.ndarray) -> int:
    """Return the first row with a true pixel, or the number of rows."""
    rows = mask.any(axis=1)
    return int(np.argmax(rows)) if rows.any() else len(mask)


def _beyond(seed: int, museum: dict, room_index: int, door: Door) -> doors.Beyond:
    """Return what a door shows of the room it leads to."""
    plan = floor_plan(seed, museum)
    here, there = plan.rooms[room_index], plan.rooms[door.leads_to]
    room = museum["rooms"][door.leads_to]
    light = LIGHTINGS[room["lighting"]]
    level = (light.ambient + 0.3 * light.spot) * light.tint
    # The next room's side walls along this wall's u, whichever way the wall runs on the plan.
    start, end = {
        0: (there.x - here.x, there.x + there.width - here.x),
        1: (there.y - here.y, there.y + there.depth - here.y),
        2: (here.x + here.width - there.x - there.width, here.x + here.width - there.x),
        3: (here.y + here.depth - there.y - there.depth, here.y + here.depth - there.y),
    }[door.wall]
    rng = generator(seed, museum["id"], door.leads_to, "seen through a door")
    return doors.Beyond(
        left=start - door.left,
        right=end - door.left,
        depth=there.depth if door.wall % 2 == 0 else there.width,
        height=room_layout(seed, museum, door.leads_to).height,
        wall=textures.rgb(textures.WALL_RGB[room["wall_color"]]) * level * 0.92,
        floor=floors.mean_colour(room["floor"]) * level * 0.9,
        picture=rng.uniform(40, 220, 3).astype(np.float32) * level,
    )
