"""An untrained encoder in a folder; and a world of two museums, rendered and as coded pictures.

The coded pictures tell a fake network who they are.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from hicalm.encoders.augment import MEAN, STD
from hicalm.encoders.encoder import write_builtin
from hicalm.encoders.picture_store import NONE, PictureStore, WorldIndex
from hicalm.encoders.recipe.train_art_expert import ArtExpertConfig, train_art_expert
from hicalm.encoders.recipe.train_object_expert import ObjectExpertConfig, train_object_expert
from hicalm.encoders.thin_resnet import ThinResNet
from hicalm.world.render import VIEWS_PER_ROOM
from hicalm.world.specification import make_world

SEED = 7
ART_CONFIG = ArtExpertConfig(steps=2, batch=8)
OBJECT_CONFIG = ObjectExpertConfig(steps=2, batch=8)
LAYER = "transformer.encoder.layer.5.output.dense.bias"  # what training "changed" of the encoder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    encoder = ThinResNet(256)
    path = tmp_path_factory.mktemp("encoder") / "tiny"
    write_builtin(
        path,
        encoder.state_dict(),
        {"proj.weight": torch.randn(256, 384) * 0.05, LAYER: torch.randn(384) * 0.1},
    )
    return path


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


@pytest.fixture(scope="session")
def index() -> WorldIndex:
    return WorldIndex.of(make_world(SEED, 1, 1, 0))


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory, index: WorldIndex) -> PictureStore:
    store = PictureStore(tmp_path_factory.mktemp("pictures"), index)
    store.render(SEED)
    return store


@pytest.fixture(scope="session")
def trained(rendered: PictureStore, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("art") / "expert"
    return train_art_expert(rendered, np.array([0]), ART_CONFIG, folder), folder


@pytest.fixture(scope="session")
def trained_objects(rendered: PictureStore, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("objects") / "expert"
    return train_object_expert(rendered, np.array([0, 1]), SEED, OBJECT_CONFIG, folder), folder


@dataclass(frozen=True)
class CodedPictures:
    """A store whose pictures are one flat colour: the row in red and green, the source in blue.

    View v of a room faces its painting v and shows nothing else.
    """

    store: PictureStore

    def decode(self, batch: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Return the labels (N, 3) of paintings and (N, 3) of rooms that network input shows."""
        colours = ((batch.mean((2, 3)) * STD + MEAN) * 255).round().long().numpy()
        rows, is_view = colours[:, 0] * 256 + colours[:, 1], colours[:, 2] == 255
        index = self.store.index
        rooms = np.where(is_view, rows // VIEWS_PER_ROOM, 0)
        faced = index.painting_offsets[rooms] + self.store.seen[np.where(is_view, rows, 0), 0]
        paintings = np.where(is_view, faced, rows)
        return index.painting_labels()[paintings], index.room_labels()[rooms, :3]


@pytest.fixture
def coded(tmp_path: Path, index: WorldIndex) -> CodedPictures:
    store = PictureStore(tmp_path / "coded", index)
    for pictures, source in ((store.paintings, 0), (store.views, 255)):
        rows = np.arange(len(pictures))
        colours = np.stack([rows // 256, rows % 256, np.full_like(rows, source)], 1)
        pictures[:] = colours[:, None, None].astype(np.uint8)
    store.seen[:], store.shares[:], store.angles[:] = NONE, 0, 180
    for room, count in enumerate(np.diff(index.painting_offsets)):
        rows = room * VIEWS_PER_ROOM + np.arange(count)
        store.seen[rows, 0], store.shares[rows, 0], store.angles[rows, 0] = np.arange(count), 0.3, 0
    store.done[:] = 1
    return CodedPictures(store)
