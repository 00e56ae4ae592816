"""The splits of Flickr30k and MS-COCO, in the layout that a configuration names."""

from pathlib import Path

from hicalm.hosa import teran_layout
from hicalm.hosa.hosa_config import DataConfig
from hicalm.hosa.hosa_vocabulary import Vocabulary
from hicalm.hosa.precomputed import CaptionedImages, load_captions, load_images


def read_captions(data: DataConfig, split: str) -> list[str]:
    """Return the captions of a split, five for each image. Raises HicalmError as the layouts do."""
    if data.layout == "teran":
        return teran_layout.load_annotated(data, split).captions
    return load_captions(Path(data.folder), split)


def read_images(data: DataConfig, split: str, words: Vocabulary, dim: int) -> CaptionedImages:
    """Return a split's images of ``dim`` numbers a region. Raises HicalmError as the layouts do."""
    if data.layout == "teran":
        return teran_layout.load_regions(data, split, words, dim)
    return load_images(Path(data.folder), split, words, data.regions, dim)
