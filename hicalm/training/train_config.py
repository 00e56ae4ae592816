"""How a model is trained: one frozen dataclass, checked in one place."""

from dataclasses import dataclass, replace

from hicalm.errors import HicalmError
from hicalm.models.losses import INITIAL_TEMPERATURE, MARGIN


@dataclass(frozen=True)
class TrainConfig:
    """Options of training; the defaults are the preset `explorer`."""

    seed: int = 0  # of the weights, the order of museums and every random choice
    epochs: int = 24  # passes over the training museums
    batch_size: int = 64  # museums a step

    optimiser: str = "adamw"  # adamw or adam
    learning_rate: float = 1e-3  # its highest value
    weight_decay: float = 0.05  # adamw only
    schedule: str = "onecycle"  # onecycle (warm-up, then cosine to 0) or step
    warmup: float = 0.1  # onecycle: share of all steps with a rising rate
    step_epochs: int = 27  # step: epochs between two drops
    step_factor: float = 0.75  # step: what the rate is multiplied with
    gradient_norm: float = 1.0  # longest gradient; 0: not clipped

    loss: str = "infonce"  # infonce or hinge
    margin: float = MARGIN  # hinge: how much better a matching pair must be
    temperature: float = INITIAL_TEMPERATURE  # infonce: where the learned temperature starts
    room_weight: float = 1.0  # lambda: room-level loss against museum-level loss
    view_weight: float = 0.3  # best-single-view loss against museum-level loss; 0: none

    standardise: bool = True  # fit input mean and deviation on the training features

    # What the text side of a museum is, as shares that add up to 1
    full: float = 0.35  # the whole description
    subset: float = 0.2  # some rooms' paragraphs, sometimes shuffled
    room: float = 0.15  # one room's paragraph
    sentences: float = 0.2  # one or a few sentences of one room
    phrase: float = 0.1  # one short phrase about one room (a sentence where there is none)

    # What the text of a room is at room level, as shares that add up to 1
    room_paragraph: float = 0.35  # its whole paragraph
    room_subset: float = 0.15  # some of its sentences
    room_sentence: float = 0.25  # one sentence
    room_phrase: float = 0.25  # one phrase (a sentence where there is none)

    most_sentences: int = 3  # of the share `sentences`
    shuffle: float = 0.5  # probability that a partial description loses its order
    view_subset: float = 0.5  # probability that a room shows only some of its views

    validation_queries: int = 1000  # most single-sentence queries in validation; 0: no short ones
    training_figures: bool = False  # also rank the training museums after every epoch

    def __post_init__(self) -> None:
        _check_choice("optimiser", self.optimiser, ("adamw", "adam"))
        _check_choice("schedule", self.schedule, ("onecycle", "step"))
        _check_choice("loss", self.loss, ("infonce", "hinge"))
        for name in ("epochs", "step_epochs", "most_sentences"):
            if getattr(self, name) < 1:
                raise HicalmError(f"{name} must be at least 1, not {getattr(self, name)}.")
        if self.batch_size < 2:
            raise HicalmError(f"batch_size must be at least 2, not {self.batch_size}.")
        for name in ("learning_rate", "temperature"):
            if not getattr(self, name) > 0:
                raise HicalmError(f"{name} must be above 0, not {getattr(self, name)}.")
        for name in (
            "weight_decay", "gradient_norm", "room_weight", "view_weight", "margin",
            "validation_queries",
        ):  # fmt: skip
            if not getattr(self, name) >= 0:
                raise HicalmError(f"{name} must not be below 0, not {getattr(self, name)}.")
        for name in ("warmup", "shuffle", "view_subset"):
            if not 0 <= getattr(self, name) <= 1:
                raise HicalmError(f"{name} must lie in [0, 1], not {getattr(self, name)}.")
        _check_shares("full, subset, room, sentences, phrase", self.museum_shares)
        _check_shares("room_paragraph, room_subset, room_sentence, room_phrase", self.room_shares)

    @property
    def museum_shares(self) -> tuple[float, ...]:
        """Shares of the kinds of museum text, in the order of ``sampling.MuseumText``."""
        return (self.full, self.subset, self.room, self.sentences, self.phrase)

    @property
    def room_shares(self) -> tuple[float, ...]:
        """Shares of the kinds of room text, in the order of ``sampling.RoomText``."""
        return (self.room_paragraph, self.room_subset, self.room_sentence, self.room_phrase)

    @classmethod
    def preset(cls, name: str, **changes: object) -> "TrainConfig":
        """Return the preset called ``name`` with some fields changed.

        `published`: Adam, 50 epochs, hinge, full descriptions only. `explorer`: AdamW, one cycle,
        InfoNCE, partial descriptions. `descriptions`: the same with full descriptions and all views
        only, for collections that are searched by whole descriptions.
        """
        _check_choice("preset", name, tuple(_PRESETS))
        config = cls(**_PRESETS[name])
        unknown = sorted(set(changes) - set(cls.__dataclass_fields__))
        if unknown:
            raise HicalmError(f"Unknown training option {', '.join(unknown)}.")
        return replace(config, **changes)


# Nothing but full descriptions, whole paragraphs and all views
_WHOLE = {
    "full": 1.0,
    "subset": 0.0,
    "room": 0.0,
    "sentences": 0.0,
    "phrase": 0.0,
    "room_paragraph": 1.0,
    "room_subset": 0.0,
    "room_sentence": 0.0,
    "room_phrase": 0.0,
    "shuffle": 0.0,
    "view_subset": 0.0,
}
_PRESETS = {
    "published": _WHOLE
    | {
        "epochs": 50,
        "optimiser": "adam",
        "schedule": "step",
        "gradient_norm": 0.0,
        "loss": "hinge",
        "view_weight": 0.0,
        "standardise": False,
        "validation_queries": 0,
        "training_figures": True,
    },
    "explorer": {},
    "descriptions": _WHOLE,
}


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise HicalmError(f"Unknown {name} {value!r}: choose one of {', '.join(choices)}.")


def _check_shares(names: str, shares: tuple[float, ...]) -> None:
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
        raise HicalmError(f"The shares {names} must add up to 1, not {sum(shares):g}: {shares}.")
