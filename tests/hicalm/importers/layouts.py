"""Small data sets in the published layouts."""

import pickle
from pathlib import Path

import torch

WIDTH, ART_WIDTH = 6, 5
ORDINALS = ("first", "second", "third")
FEATURES = "tmp_museums/museums3k_new_features/mobile_clip"
GAMING = "dataset_gaming_VR/filtered_video_game_features/ViT-B-32_laion2b_s34b_b79k"
APARTMENT_TEXT = (
    "This house contains two rooms. More specifically, it has one bedroom, and one kitchen. "
    "Regarding the bedroom, it includes one bed with Modern style , with Floral theme. "
    "Also, it contains two lamp with Modern style . "
)


def words_of(rooms: int, noun: str = "room") -> list[str]:
    """Return the words of an introduction and of two sentences a room."""
    words = ["In", "the", "museum", "there", "are", "rooms", "."]
    for room in range(rooms):
        words += ["In", "the", ORDINALS[room], noun, ",", "there", "are", "12", "paintings", "."]
        words += ["A", "Rembrandt", "'s", f"work{room}", "."]
    return words


def save_museum(base: Path, name: str, rooms: int) -> None:
    """Write a museum's three files; view v has v in all its features, sentence s has -s."""
    views = torch.arange(12 * rooms)[:, None].expand(-1, WIDTH).half()
    save_tensor(views, base / "images" / f"{name}.pt")
    save_descriptions(base / "descriptions", name, rooms, "room")


def save_descriptions(texts: Path, name: str, rooms: int, noun: str) -> None:
    """Write the features of a museum's sentences, -s for sentence s, and its words."""
    sentences = -torch.arange(1 + 2 * rooms)[:, None].expand(-1, WIDTH).half()
    save_tensor(sentences, texts / "sentences" / f"{name}.pt")
    (texts / "tokens_strings").mkdir(parents=True, exist_ok=True)
    (texts / "tokens_strings" / f"{name}.pkl").write_bytes(pickle.dumps(words_of(rooms, noun)))


def save_tensor(value: torch.Tensor | list[torch.Tensor], path: Path) -> None:
    """Write a tensor, or a list of them, each of its own memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save([one.clone() for one in value] if isinstance(value, list) else value.clone(), path)


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


def make_gamingmv(path: Path, frames: int = 2, art: str = "gaming_DE_features") -> Path:
    """Write four worlds of 1, 2, 3 and 1 rooms, videos of ``frames``, ``frames`` + 1, ... frames;
    frame f has f in all its features."""
    for number in range(4):
        rooms, name = number % 3 + 1, f"{number}t_PvlmUp-Y"
        videos = [torch.arange(frames + n).float()[:, None] for n in range(rooms)]
        views = [video.expand(-1, WIDTH).half() for video in videos]
        save_tensor(views, path / GAMING / "unpacked_images" / f"{name}.pt")
        save_tensor([video.expand(-1, ART_WIDTH) for video in videos], path / art / f"{name}.pt")
        save_descriptions(path / GAMING / "descriptions", name, rooms, "video")
    return path


def make_apartments(path: Path, texts: Path) -> list[str]:
    """Write four apartments of 1, 2, 3 and 4 views, with texts in another folder; their names."""
    clip = "ViT-B-32_laion2b_s34b_b79k"
    names = ["0a-1f", "3b-2e", "9c-3d", "e4-4c"]
    for number, name in enumerate(names, start=1):
        features = path / "open_clip_features"
        save_tensor(torch.ones(number, WIDTH).half(), features / f"images_{clip}" / f"{name}.pt")
        sentences = features / f"descriptions_{clip}" / "sentences" / f"{name}.pt"
        save_tensor(torch.ones(4, WIDTH).half(), sentences)
        (texts / "descriptions").mkdir(parents=True, exist_ok=True)
        (texts / "descriptions" / f"{name}.txt").write_text(APARTMENT_TEXT)
    indices = {"train": torch.tensor([3, 0]), "val": torch.tensor([2]), "test": torch.tensor([1])}
    save_pickle(indices, path / "indices" / "indices.pkl")
    bed = {"category": "Bed", "super-category": "Bed", "style": "Modern", "theme": None,
           "material": "Wood"}  # fmt: skip
    lamp = bed | {"category": "Lamp", "super-category": "Lighting", "material": "Others"}
    rooms = [{"type": "Bedroom", "objects": [bed, lamp]}]
    houses = [{"json_file": n, "rooms": rooms, "entire_rooms": ["Bedroom"]} for n in names[::-1]]
    save_pickle(houses, texts / "houses_data" / "houses_data.pkl")
    return names


def save_pickle(value: object, path: Path) -> None:
    """Write a pickle, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value))


def save_indices(path: Path, museums: int) -> None:
    """Write the splits: the last museum is the test, the one before it the validation."""
    order = torch.arange(museums)
    splits = {"train": order[:-2], "val": order[-2:-1], "test": order[-1:]}
    save_pickle(splits, path / "indices_museum_dataset.pkl")
