"""How HOSA is trained: a YAML file with the sections `data`, `model` and `training`.

A file with TERAN's sections (`dataset`, `text-model`, `image-model`, `model`, `training`), which
HOSA's README follows, is read as far as its options have a counterpart.
"""

import re
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import Field
from yaml.composer import ComposerError

from hicalm.errors import HicalmError
from hicalm.hosa.model import HosaConfig
from hicalm.settings import (
    Count,
    NonNegative,
    Positive,
    Whole,
    check_names,
    one_of,
    settings,
    shown,
)

Section = TypeVar("Section")
MANY_EPOCHS = 1_000_000  # more than any run has
TERAN_OPTIONS = {  # of TERAN's sections -> section and option here
    ("dataset", "name"): ("data", "name"),
    ("dataset", "data"): ("data", "folder"),
    ("dataset", "restval"): ("data", "restval"),
    ("text-model", "word-dim"): ("model", "word_dim"),
    ("image-model", "pre-extracted-features-root"): ("data", "features"),
    ("image-model", "feat-dim"): ("model", "region_dim"),
    ("model", "embed-size"): ("model", "width"),
    ("model", "dropout"): ("model", "dropout"),
    ("training", "lr"): ("training", "learning_rate"),
    ("training", "bs"): ("training", "batch_size"),
    ("training", "margin"): ("training", "margin"),
    ("training", "gamma"): ("training", "drop_factor"),
    ("training", "step-size"): ("training", "drop_epochs"),
    ("training", "grad-clip"): ("training", "gradient_norm"),
}
DATA = "data"  # name of the JSON file, beside a model, that says where its data lie


@settings
class DataConfig:
    """Where a benchmark's files lie; see ``precomputed`` and ``teran_layout``."""

    layout: Annotated[str, one_of("precomputed", "teran")] = "precomputed"
    folder: str = "data/f30k_precomp"  # of all splits' files; TERAN's layout: of all data sets
    train: str = "train"  # names of the splits: the files begin with them
    validation: str = "dev"
    test: str = "test"
    regions: Count = 36  # regions of every image
    name: Annotated[str, one_of("f30k", "coco")] = "f30k"  # of the data set, in TERAN's layout
    restval: bool = True  # MS-COCO's restval is learnt from too, in TERAN's layout
    boxes: bool = False  # in TERAN's layout: where a region lies, 4 of its region_dim numbers
    features: str = ""  # folder of bu_att and bu_box; "": features_36 of the data set
    min_count: Count = 4  # how often a word must occur in the training captions to be known


@settings
class TrainingConfig:
    """Options of training."""

    seed: Whole = 0  # of the weights, the order of texts and dropout
    epochs: Count = 30  # passes over the training texts
    batch_size: Annotated[int, Field(ge=2)] = (
        128  # pairs a step; all its images are compared with all its texts
    )
    learning_rate: Positive = 5e-4  # of Adam, at the start
    drop_epochs: Count = 15  # epochs between two drops of the learning rate
    drop_factor: Positive = 0.1  # what it is multiplied with
    gradient_norm: Positive = 2.0  # longest gradient
    margin: NonNegative = 0.2  # how much better a matching pair must be
    warmup_epochs: Whole = 1  # first epochs, in which the loss is the mean over all negatives
    validation_images: Whole = 1000  # most images of the validation split to rank; 0: all


@dataclass(frozen=True)
class Experiment:
    """All of a configuration file."""

    data: DataConfig = field(default_factory=DataConfig)
    model: HosaConfig = field(default_factory=HosaConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def to_json(self) -> dict:
        """Return the three sections."""
        return asdict(self)


def read_experiment(path: Path) -> Experiment:
    """Read a configuration; what it does not mention keeps its default. Ours, or one of TERAN's.

    Raises HicalmError for a file that is missing or no YAML, an unknown section or option, a value
    of the wrong type or out of range.
    """
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError as error:
        raise HicalmError(f"There is no configuration '{path}'.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        raise HicalmError(f"'{path}' is not readable YAML: {reason}") from error
    sections = {"data": DataConfig, "model": HosaConfig, "training": TrainingConfig}
    content = _mapping({} if content is None else content, f"'{path}'")
    if "dataset" in content:
        content = ours_of(content, f"'{path}'")
    check_names(content, sections, f"'{path}'")
    try:
        return Experiment(**{name: read_section(sections[name], content[name]) for name in content})
    except HicalmError as error:
        raise HicalmError(f"'{path}': {error}") from error


def read_section(kind: type[Section], content: object) -> Section:
    """Return settings of a kind from the options of a section; HicalmError names a fault."""
    return kind(**_mapping(content, kind.__name__))


def ours_of(content: dict[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """Return our sections for those of TERAN's: dataset, text-model, image-model, model, training.

    What has no counterpart here is left out, and said (``UserWarning``).
    """
    found: dict[str, dict[str, Any]] = {"data": {"layout": "teran", "validation": "val"}}
    left_out = []
    for section, options in content.items():
        for name, value in _mapping(options, f"`{section}` of {where}").items():
            if (section, name) in TERAN_OPTIONS:
                ours, option = TERAN_OPTIONS[section, name]
                found.setdefault(ours, {})[option] = value
            elif (section, name) == ("training", "max-violation"):
                hardest = {"warmup_epochs": 0} if value else {"warmup_epochs": MANY_EPOCHS}
                found.setdefault("training", {}).update(hardest)
            else:
                left_out.append(f"{section}: {name}")
    if left_out:
        warnings.warn(
            f"{where} also says, without a counterpart: {', '.join(left_out)}.", stacklevel=3
        )
    return found


def _mapping(content: object, where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise HicalmError(f"{where} must name options with their values, not be {shown(content)}.")
    return {
        name if isinstance(name, str) else shown(name): value for name, value in content.items()
    }


class _Loader(yaml.SafeLoader):
    """Reads 5e-4 as a number, as YAML 1.2 does; PyYAML, which follows 1.1, takes it for a text.

    It reads no aliases: some hundred bytes with nested ones stand for billions of values.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node. Raises ComposerError, a YAMLError, for an alias."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "aliases are not read, write the value out", mark)
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)
