"""Small data sets in the published layouts."""

import pickle
from pathlib import Path

import torch

WIDTH, ART_WIDTH = 6, 5
ORDINALS = ("first", "second", "third")
FEATURES = "tmp_museums/museums3k_new_features/mobile_clip"
GAMING = "dataset_gaming_VR/filtered_video_game_features/clip"


def words_of(rooms: int, noun: str = "room") -> list[str]:
    """Return the words of an introduction and of two sentences a room."""
    words = ["In", "the", "museum", "there", "are", "rooms", "."]
    for room in range(rooms):
        words += ["In", "the", ORDINALS[room], noun, ",", "there", "are", "12", "paintings", "."]
        words += ["A", "Rembrandt", "'s", f"work{room}", "."]
    return words


def save_museum(
    base: Path, name: str, rooms: int, ragged: bool = False, noun: str = "room"
) -> None:
    """Write a museum's three files; view v has v in all its features, sentence s has -s."""
    texts = base / "descriptions"
    for folder in (base / "images", texts / "sentences", texts / "tokens_strings"):
        folder.mkdir(parents=True, exist_ok=True)
    frames = [torch.arange(2 + room).float()[:, None].expand(-1, WIDTH) for room in range(rooms)]
    views = torch.arange(12 * rooms)[:, None].expand(-1, WIDTH).half()
    torch.save([one.clone() for one in frames] if ragged else views.clone(),
               base / "images" / f"{name}.pt")  # fmt: skip
    sentences = -torch.arange(1 + 2 * rooms)[:, None].expand(-1, WIDTH).half()
    torch.save(sentences.clone(), texts / "sentences" / f"{name}.pt")
    (texts / "tokens_strings" / f"{name}.pkl").write_bytes(pickle.dumps(words_of(rooms, noun)))


def make_museums3k(path: Path, museums: int = 4, art: str = "rn50") -> Path:
    """Write museums of 1, 2, 3, 1, ... rooms; the first two are for training."""
    names = [f"Museum{number}-{number % 3 + 1}.unity" for number in range(museums)]
    for number, name in enumerate(names):
        save_museum(path / FEATURES, name, number % 3 + 1)
        if art:
            folder = path / f"preextracted_vectors_wikiart_{art}"
            folder.mkdir(exist_ok=True)
            torch.save(torch.rand(12 * (number % 3 + 1), ART_WIDTH), folder / f"{name}.pt")
    save_indices(path, museums)
    return path


def make_gamingmv(path: Path) -> Path:
    """Write four worlds whose rooms are videos of 2, 3, ... frames."""
    for number in range(4):
        save_museum(path / GAMING, f"World{number}", number % 3 + 1, ragged=True, noun="video")
    save_indices(path, 4)
    return path


def save_indices(path: Path, museums: int) -> None:
    """Write the splits: the last museum is the test, the one before it the validation."""
    order = torch.arange(museums)
    splits = {"train": order[:-2], "val": order[-2:-1], "test": order[-1:]}
    (path / "indices_museum_dataset.pkl").write_bytes(pickle.dumps(splits))
