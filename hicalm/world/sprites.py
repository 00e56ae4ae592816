"""Objects as sprites: drawn once per room, then only turned into each view.

The camera stands still, so what it sees of an object is a fixed picture on the vertical plane
through the object that faces the camera. A view warps this picture by a homography, which is exact.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from hicalm.world import camera
from hicalm.world.lighting import Lighting
from hicalm.world.meshes import Mesh

SUPERSAMPLE = 2
_LIGHT = np.array([0.42, 0.8, 0.43]) / np.linalg.norm([0.42, 0.8, 0.43])  # aside, up, to the viewer


@dataclass(frozen=True)
class Sprite:
    """A picture with premultiplied alpha, uint8 RGBA (h, w, 4), and its corners (4, 3) in metres,
    clockwise from top left; ``distance`` from the camera, metres."""

    image: np.ndarray
    corners: np.ndarray
    distance: float


def make_sprite(
    body: Mesh, eye: np.ndarray, place: tuple[float, float], lighting: Lighting, scale: int
) -> Sprite:
    """Draw a mesh (room coordinates, standing at ``place``) as the camera at ``eye`` sees it."""
    ahead = np.array([place[0] - eye[0], 0.0, place[1] - eye[2]])
    distance = float(np.linalg.norm(ahead))
    ahead /= distance
    right, up = np.array([ahead[2], 0.0, -ahead[0]]), np.array([0.0, 1.0, 0.0])
    basis = np.stack([right, up, ahead], axis=1)
    seen = (body.faces - eye) @ basis  # aside, up, depth
    flat = seen[..., :2] * (distance / np.maximum(seen[..., 2:], camera.NEAR))
    pad = 2 / scale
    low, high = flat.min(axis=(0, 1)) - pad, flat.max(axis=(0, 1)) + pad
    size = np.ceil((high - low) * scale).astype(int)
    high = low + size / scale
    pixels = (flat - [low[0], high[1]]) * [scale * SUPERSAMPLE, -scale * SUPERSAMPLE]
    colours = _shaded(body, seen, lighting)
    image = np.zeros((size[1] * SUPERSAMPLE, size[0] * SUPERSAMPLE, 4), np.uint8)
    for index in np.argsort(-np.linalg.norm(seen.mean(axis=1), axis=1), kind="stable"):
        _fill(image, pixels[index], colours[index], body.opacity[index])
    image = cv2.resize(image, size.tolist(), interpolation=cv2.INTER_AREA)
    outline = np.array([[low[0], high[1]], [high[0], high[1]], [high[0], low[1]], low])
    corners = eye + distance * ahead + outline[:, :1] * right + outline[:, 1:] * up
    return Sprite(image, corners, distance)


def draw_sprite(picture: np.ndarray, sprite: Sprite, eye: np.ndarray, view: int) -> None:
    """Lay a sprite over a picture of the view, in place, where it is in front of the camera."""
    height, width = picture.shape[:2]
    corners, depth = camera.project(sprite.corners, eye, view, width)
    if depth.min() < 0.3:
        return
    low = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(corners.max(axis=0)), [width, height]).astype(int)
    if (high <= low).any():
        return
    rows, columns = sprite.image.shape[:2]
    own = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    homography = cv2.getPerspectiveTransform(own, (corners - low).astype(np.float32))
    warped = cv2.warpPerspective(sprite.image, homography, (high - low).tolist())
    region = picture[low[1] : high[1], low[0] : high[0]]
    hidden = cv2.merge([255 - warped[..., 3]] * 3)
    region[:] = cv2.add(cv2.multiply(region, hidden, scale=1 / 255), warped[..., :3])


def _shaded(body: Mesh, seen: np.ndarray, lighting: Lighting) -> np.ndarray:
    """Return the lit colour of every face, (n, 3)."""
    normals = np.cross(seen[:, 2] - seen[:, 0], seen[:, 3] - seen[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    away = (normals * seen.mean(axis=1)).sum(axis=1) > 0
    normals[away] *= -1  # leaves and bowls have two sides: light the one that is seen
    towards = normals * [1, 1, -1]
    shade = 0.46 + 0.6 * np.clip(towards @ _LIGHT, 0, None)
    level = lighting.ambient * 0.85 + lighting.spot * 0.4
    return np.clip(body.colours * shade[:, None] * level * lighting.tint, 0, 255)


def _fill(image: np.ndarray, points: np.ndarray, colour: np.ndarray, opacity: float) -> None:
    polygon = np.round(points).astype(np.int32)
    if opacity >= 1:
        cv2.fillConvexPoly(image, polygon, (*colour.tolist(), 255))
        return
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, polygon, 1)
    inside = mask.astype(bool)
    image[inside] = image[inside] * (1 - opacity) + np.array([*colour, 255]) * opacity
