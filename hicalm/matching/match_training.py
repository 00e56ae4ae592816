"""Teach the share networks: museums of a world whose truth is known, not those that encoders saw.

The image encoder knows the training museums too well, so the networks learn from validation
museums: of every room and attribute the share of paintings that have it, and of combinations that
hang somewhere (two or three attributes of a painting) the share that have all of them.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from hicalm.data.collection import Collection
from hicalm.encoders.attributes import PAINTING_KINDS, attribute_columns
from hicalm.errors import HicalmError
from hicalm.matching.phrase_meaning import PhraseMeaning, attribute_names, phrase_meaning
from hicalm.matching.room_matcher import RoomMatcher, activations, object_logits
from hicalm.matching.share_networks import ShareNetwork, ShareNetworks, kind_inputs
from hicalm.matching.view_table import ViewTable
from hicalm.world.predicates import Predicate, room_gain


@dataclass(frozen=True)
class MatchTrainingConfig:
    """How the share networks are trained."""

    steps: int = 1500
    batch: int = 8192
    learning_rate: float = 1e-2
    weight_decay: float = 1e-4
    combinations: int = 400  # of attributes of a painting, for the joint network
    seed: int = 0


def train_share_networks(
    collection: Collection, config: MatchTrainingConfig = MatchTrainingConfig()
) -> ShareNetworks:
    """Train on a collection with ground truth.

    Raises HicalmError for a collection without ground truth or without features, and for one with
    test museums: nothing may be learnt there.
    """
    if any(museum.split == "test" for museum in collection.museums):
        raise HicalmError("Matches are learnt on validation museums, never on the test split.")
    if "view" not in collection.features.fingerprints:
        raise HicalmError(
            f"The collection '{collection.name}' has no view features. Encode it first."
        )
    if not collection.specifications:
        raise HicalmError(f"'{collection.name}' has no ground truth to learn from.")
    views = collection.features.get("view")
    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    networks = ShareNetworks(collection.features.fingerprints["view"].label)
    rooms = [room for museum in collection.specifications for room in museum["rooms"]]
    objects = object_logits(collection)
    values = activations(views, objects)
    table = ViewTable.of(values, collection.view_counts)
    columns = np.arange(values.shape[1])
    inputs = kind_inputs(columns, table.statistics(table.of_columns(columns)))
    truth = np.stack([shares_of(rooms, _predicate((pair,))) for pair in attribute_names()], axis=1)
    _fit(networks.single, inputs, truth.reshape(-1), config)
    matcher = RoomMatcher(networks, table)
    matcher.read_all()
    drawn = [_combination(random, rooms) for _ in range(config.combinations)]
    chosen = [pairs for pairs in drawn if len(pairs) > 1]
    joint = [matcher.joint_inputs(_meaning(pairs).asked) for pairs in chosen]
    true = [shares_of(rooms, _predicate(pairs)) for pairs in chosen]
    _fit(networks.joint, np.concatenate(joint), np.concatenate(true), config)
    return networks.eval()


def shares_of(rooms: list[dict], predicate: Predicate) -> np.ndarray:
    """Return the true shares of rooms (M,) for what a phrase asks for, float32."""
    return np.array([room_gain(predicate, room) for room in rooms], np.float32)


def _fit(
    network: ShareNetwork, inputs: np.ndarray, shares: np.ndarray, config: MatchTrainingConfig
) -> None:
    """Fit a network to shares (N,), and to whether they are above 0, by cross-entropy."""
    given = torch.from_numpy(inputs.astype(np.float32))
    wanted = torch.from_numpy(np.stack([shares, shares > 0], axis=1).astype(np.float32))
    network.mean.copy_(given.mean(dim=0))
    network.deviation.copy_(given.std(dim=0) + 1e-6)
    optimiser = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, config.steps)
    for _ in range(config.steps):
        rows = torch.randint(len(given), (config.batch,))
        loss = binary_cross_entropy_with_logits(network(given[rows]), wanted[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def _combination(random: np.random.Generator, rooms: list[dict]) -> tuple[tuple[str, str], ...]:
    """Draw two or three attributes of a painting that hangs somewhere."""
    paintings = rooms[random.integers(len(rooms))]["paintings"]
    painting = paintings[random.integers(len(paintings))]
    kinds = [kind for kind in PAINTING_KINDS if painting[kind] is not None]
    count = int(random.integers(2, len(kinds) + 1))
    return tuple(
        (kind, painting[kind]) for kind in random.choice(kinds, count, replace=False).tolist()
    )


def _predicate(pairs: tuple[tuple[str, str], ...]) -> Predicate:
    objects = tuple(value for kind, value in pairs if kind == "object")
    return Predicate(**{kind: value for kind, value in pairs if kind != "object"}, objects=objects)


def _meaning(pairs: tuple[tuple[str, str], ...]) -> PhraseMeaning:
    columns = attribute_columns()
    probabilities = np.zeros(len(columns), np.float32)
    probabilities[[columns[pair] for pair in pairs]] = 1
    return phrase_meaning(probabilities)
