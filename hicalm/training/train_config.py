"""How a model is trained: its settings and the presets of them."""

from typing import Annotated, Any

from pydantic import Field

from hicalm.errors import HicalmError
from hicalm.models.losses import INITIAL_TEMPERATURE, MARGIN
from hicalm.settings import Count, NonNegative, Positive, Share, Whole, one_of, settings


@settings
class TrainConfig:
    """Options of training; the defaults are the preset `explorer`."""

    seed: int = 0  # of the weights, the order of museums and every random choice
    epochs: Count = 24  # passes over the training museums
    batch_size: Annotated[int, Field(ge=2)] = 64  # museums a step

    optimiser: Annotated[str, one_of("adamw", "adam")] = "adamw"  # adamw or adam
    learning_rate: Positive = 1e-3  # its highest value
    weight_decay: NonNegative = 0.05  # adamw only
    schedule: Annotated[str, one_of("onecycle", "step")] = (
        "onecycle"  # onecycle (warm-up, then cosine to 0) or step
    )
    warmup: Share = 0.1  # onecycle: share of all steps with a rising rate
    step_epochs: Count = 27  # step: epochs between two drops
    step_factor: float = 0.75  # step: what the rate is multiplied with
    gradient_norm: NonNegative = 1.0  # longest gradient; 0: not clipped

    loss: Annotated[str, one_of("infonce", "hinge")] = "infonce"  # infonce or hinge
    margin: NonNegative = MARGIN  # hinge: how much better a matching pair must be
    temperature: Positive = INITIAL_TEMPERATURE  # infonce: where the learned temperature starts
    museum_weight: NonNegative = 1.0  # museum-level loss; 0: none
    room_weight: NonNegative = 1.0  # lambda: room-level loss against museum-level loss
    view_weight: NonNegative = 0.3  # best-single-view loss against museum-level loss; 0: none
    score_weight: NonNegative = 0.0  # loss of the levels added up, as museums are ranked; 0: none

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

    max_sentences: Count = 3  # of the share `sentences`
    shuffle: Share = 0.5  # probability that a partial description loses its order
    view_subset: Share = 0.5  # probability that a room shows only some of its views

    criterion: Annotated[str, one_of("R@1", "R@5", "R@10", "MRR")] = (
        "R@10"  # what the best epoch has the highest of, on full descriptions
    )
    validation_queries: Whole = 1000  # most single-sentence queries in validation; 0: no short ones
    training_metrics: bool = False  # also rank the training museums after every epoch

    def __post_init__(self) -> None:
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
        if name not in _PRESETS:
            raise HicalmError(f"Unknown preset {name!r}: choose one of {', '.join(_PRESETS)}.")
        return cls(**(_PRESETS[name] | changes))


# Nothing but full descriptions, whole paragraphs and all views
_WHOLE: dict[str, Any] = {
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
_PRESETS: dict[str, dict[str, Any]] = {
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
        "training_metrics": True,
    },
    "explorer": {},
    "descriptions": _WHOLE,
}


def _check_shares(names: str, shares: tuple[float, ...]) -> None:
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
        raise HicalmError(f"The shares {names} must add up to 1, not {sum(shares):g}: {shares}.")
