"""How HOSA is trained: a YAML file with the sections `data`, `model` and `training`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hicalm.errors import HicalmError
from hicalm.hosa.model import HosaConfig

Section = TypeVar("Section")
DATA = "data"  # name of the JSON file, beside a model, that says where its data lie


@dataclass(frozen=True)
class DataConfig:
    """Where a benchmark's files lie and what they hold; see ``data``."""

    folder: str = "data/f30k_precomp"  # of all splits' files
    train: str = "train"  # names of the splits: the files begin with them
    validation: str = "dev"
    test: str = "test"
    regions: int = 36  # regions of every image
    least_count: int = 4  # how often a word must occur in the training captions to be known

    def __post_init__(self) -> None:
        for name in ("regions", "least_count"):
            if getattr(self, name) < 1:
                raise HicalmError(f"{name} must be at least 1, not {getattr(self, name)}.")


@dataclass(frozen=True)
class TrainingConfig:
    """Options of training."""

    seed: int = 0  # of the weights, the order of texts and dropout
    epochs: int = 30  # passes over the training texts
    batch_size: int = 128  # pairs a step; all its images are compared with all its texts
    learning_rate: float = 5e-4  # of Adam, at the start
    drop_epochs: int = 15  # epochs between two drops of the learning rate
    drop_factor: float = 0.1  # what it is multiplied with
    gradient_norm: float = 2.0  # longest gradient
    margin: float = 0.2  # how much better a matching pair must be
    warmup_epochs: int = 1  # first epochs, in which the loss is the mean over all negatives
    validation_images: int = 1000  # most images of the validation split to rank; 0: all

    def __post_init__(self) -> None:
        for name in ("epochs", "drop_epochs"):
            if getattr(self, name) < 1:
                raise HicalmError(f"{name} must be at least 1, not {getattr(self, name)}.")
        if self.batch_size < 2:
            raise HicalmError(f"batch_size must be at least 2, not {self.batch_size}.")
        for name in ("learning_rate", "drop_factor", "gradient_norm"):
            if not getattr(self, name) > 0:
                raise HicalmError(f"{name} must be above 0, not {getattr(self, name)}.")
        for name in ("margin", "warmup_epochs", "validation_images", "seed"):
            if not getattr(self, name) >= 0:
                raise HicalmError(f"{name} must not be below 0, not {getattr(self, name)}.")


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
    """Read a configuration; what it does not mention keeps its default.

    Raises HicalmError for a file that is missing or no YAML, an unknown section or option, a value
    of the wrong type or out of range.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HicalmError(f"There is no configuration '{path}'.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        raise HicalmError(f"'{path}' is not readable YAML: {reason}") from error
    sections = {"data": DataConfig, "model": HosaConfig, "training": TrainingConfig}
    content = _mapping({} if content is None else content, sections, f"'{path}'")
    try:
        return Experiment(**{name: read_section(sections[name], content[name]) for name in content})
    except HicalmError as error:
        raise HicalmError(f"'{path}': {error}") from error


def read_section(kind: type[Section], content: object) -> Section:
    """Return a dataclass of plain fields from the options of a section; HicalmError names a fault.

    Numbers in writings that YAML takes for text, such as 5e-4, are read as numbers.
    """
    known = {field.name: type(field.default) for field in fields(kind)}
    options = _mapping(content, known, kind.__name__)
    return kind(**{name: _value(name, options[name], known[name]) for name in options})


def _mapping(content: object, known: Mapping[str, object], where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise HicalmError(f"{where} must name options with their values, not be {content!r:.80}.")
    if unknown := [name for name in content if name not in known]:
        raise HicalmError(
            f"Unknown option {unknown[0]!r} in {where}: choose among {', '.join(known)}."
        )
    return content


def _value(name: str, value: object, kind: type) -> object:
    if kind is float and type(value) in (int, str):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass  # said below
    if type(value) is not kind:
        kinds = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
        raise HicalmError(f"{name} must be {kinds[kind]}, not {value!r:.80}.")
    return value
