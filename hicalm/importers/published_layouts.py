"""Where the files of published data sets lie: Museums3k, GamingMV, and the apartments of 3D-FRONT.

Every museum NAME has a file in each of the ``folders`` of its layout: the features of its views and
of its sentences, its words or its text, and the features of an art expert where there is one.

- Museums3k: ``images``, ``descriptions/sentences`` and ``descriptions/tokens_strings`` in the
  folder of an encoder, ``preextracted_vectors_wikiart_*``, ``indices_museum_dataset.pkl``.
- GamingMV: the same with ``unpacked_images``, ``gaming_DE_features`` (also ``_PCA64`` and the like)
  and no file of splits, which are drawn.
- Apartments: ``open_clip_features`` and, from another repository, ``descriptions``,
  ``houses_data/houses_data.pkl`` and ``indices/indices.pkl``.
"""

from dataclasses import dataclass
from pathlib import Path

from hicalm.errors import HicalmError

KINDS = ("museums3k", "gamingmv", "apartments")
FRAMES = 32  # of a room of GamingMV, as published
INDICES = "indices_museum_dataset.pkl"
ART = "preextracted_vectors_wikiart_"
GAMING_ART = "gaming_DE_features"
GAMING = "dataset_gaming_VR/filtered_video_game_features"
MUSEUMS = "tmp_museums/museums3k_new_features"
APARTMENTS = "open_clip_features"
CLIP = "ViT-B-32_laion2b_s34b_b79k"  # the published name of the encoder `clip`, of open_clip
_OTHER_ENCODERS = ("blip_base", "mobile_clip", "siglip", "ViT-L-14_laion2b_s32b_b82k")
_ENCODER_FOLDERS = {
    "museums3k": {"clip": "tmp_museums/open_clip_features_museums3k"}
    | {name: f"{MUSEUMS}/{name}" for name in _OTHER_ENCODERS},
    "gamingmv": {"clip": f"{GAMING}/{CLIP}"}
    | {name: f"{GAMING}/{name}" for name in _OTHER_ENCODERS},
}
_VIEWS = {"museums3k": "images", "gamingmv": "unpacked_images"}


@dataclass(frozen=True)
class Layout:
    """Where the files of a published data set lie."""

    kind: str  # one of KINDS
    encoder: str  # whose features: clip, blip_base, mobile_clip, ...
    views: Path
    sentences: Path
    texts: Path  # words (.pkl) or, of apartments, texts (.txt)
    art: Path | None = None
    indices: Path | None = None  # of the splits; None: they are drawn
    order: Path | None = None  # where the names are that the indices count; None: sorted names
    houses: Path | None = None  # what stands in the apartments
    frames: int = FRAMES  # most frames of a room of GamingMV

    @property
    def folders(self) -> dict[str, tuple[Path, str]]:
        """The folders that hold a file for every museum, with the ending of its name."""
        texts = ("texts", ".txt") if self.kind == "apartments" else ("words", ".pkl")
        folders = {
            "view features": (self.views, ".pt"),
            "sentence features": (self.sentences, ".pt"),
            texts[0]: (self.texts, texts[1]),
        }
        return folders | ({"art features": (self.art, ".pt")} if self.art else {})


def find_layout(
    kind: str, path: Path, encoder: str = "", art: str = "", frames: int = FRAMES
) -> Layout:
    """Find the files of Museums3k or GamingMV below a folder.

    ``encoder`` and ``art`` (``rn50`` and the like; of GamingMV ``de``, or ``PCA64`` and the like;
    ``none`` for no art expert) may be left out where there is only one. ``frames`` is the largest
    number of frames of a room of GamingMV. Raises HicalmError for what is not there or not clear.
    """
    path = Path(path)
    if kind not in _ENCODER_FOLDERS:
        raise HicalmError(
            f"Unknown data set '{kind}': choose one of {', '.join(_ENCODER_FOLDERS)}."
        )
    if frames < 1:
        raise HicalmError(f"--frames must be at least 1, not {frames}.")
    folders, views = _ENCODER_FOLDERS[kind], _VIEWS[kind]
    there = [name for name, folder in folders.items() if (path / folder / views).is_dir()]
    places = ", ".join(f"{folder}/{views}" for folder in folders.values())
    base = path / folders[name := _only(encoder, there, f"features in '{path}', as in {places}")]
    return Layout(
        kind,
        name,
        base / views,
        base / "descriptions" / "sentences",
        base / "descriptions" / "tokens_strings",
        _art_folder(kind, path, art),
        None if kind == "gamingmv" else path / INDICES,
        frames=frames,
    )


def find_apartments(path: Path, texts: Path | None = None) -> Layout:
    """Find the apartments of AdOCTeRA below a folder, and FArMARe's texts below another one.

    ``texts`` None: they lie in the same folder. Indices count the names as the scripts of their own
    repository do: AdOCTeRA's (``indices``) in its list of available data, FArMARe's (in
    ``train_evaluation``) in its list of houses; sorted where that is missing.
    Raises HicalmError for a folder without features.
    """
    path = Path(path)
    features = path / APARTMENTS
    if not (features / f"images_{CLIP}").is_dir():
        raise HicalmError(
            f"There are no features in '{path}', as in {APARTMENTS}/images_{CLIP}: name the folder "
            "that holds 'open_clip_features'."
        )
    bases = list(dict.fromkeys((path, Path(texts or path))))
    houses = bases[-1] / "houses_data" / "houses_data.pkl"
    listed = path / "train_evaluation" / "data" / "available_data.txt"
    orders = {
        base / inner / "indices" / "indices.pkl": order
        for inner, order in (("", listed), ("train_evaluation", houses))
        for base in bases
    }
    indices = next((file for file in orders if file.is_file()), next(iter(orders)))
    return Layout(
        "apartments",
        "clip",
        features / f"images_{CLIP}",
        features / f"descriptions_{CLIP}" / "sentences",
        bases[-1] / "descriptions",
        indices=indices,
        order=orders[indices] if orders[indices].is_file() else None,
        houses=houses if houses.is_file() else None,
    )


def _art_folder(kind: str, path: Path, asked: str) -> Path | None:
    """Return the folder of the art expert's features; of GamingMV's the whole ones by default."""
    if kind == "gamingmv":
        found = {
            folder.name.removeprefix(GAMING_ART).removeprefix("_") or "de": folder
            for folder in sorted(path.glob(f"{GAMING_ART}*"))
        }
        asked = asked or ("de" if "de" in found else "")
    else:
        found = {one.name.removeprefix(ART): one for one in sorted(path.glob(f"{ART}*"))}
    found = {name: folder for name, folder in found.items() if folder.is_dir()}
    if asked == "none" or not (asked or found):
        return None
    return found[_only(asked, list(found), "art experts")]


def _only(asked: str, there: list[str], what: str) -> str:
    if asked and asked not in there:
        raise HicalmError(f"There are no '{asked}' {what}: found {', '.join(there) or 'none'}.")
    if not asked and len(there) != 1:
        found = f"several ({', '.join(there)}): name one" if there else "none"
        raise HicalmError(f"There must be one kind of {what}, but found {found}.")
    return asked or there[0]


def museum_names(layout: Layout) -> list[str]:
    """Return the names of all museums that any folder has a file of, sorted as published.

    A file that is missing in one folder must not shift the indices of the museums behind it.
    """
    names = set()
    for folder, ending in layout.folders.values():
        if not folder.is_dir():
            raise HicalmError(f"The folder '{folder}' is missing.")
        names |= {path.name.removesuffix(ending) for path in folder.glob(f"*{ending}")}
    if not names:
        raise HicalmError(f"'{layout.views}' holds no museums.")
    return sorted(names)
