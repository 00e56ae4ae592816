"""Settings: each wrong value one sentence that names it, what it may be and what it was."""

from dataclasses import asdict, replace
from typing import Annotated

import pytest

from hicalm.errors import HicalmError
from hicalm.settings import Count, Dropout, Share, Whole, check_names, one_of, settings, shown


@settings
class Recipe:
    """Settings of every kind."""

    steps: Count = 3
    seed: Whole = 0
    share: Share = 0.5
    dropout: Dropout = 0.0
    optimiser: Annotated[str, one_of("adam", "sgd")] = "adam"
    bits: Annotated[int, one_of(16, 32)] = 16
    gru: bool = True
    name: str = "plain"

    def __post_init__(self) -> None:
        if self.name == self.optimiser:
            raise HicalmError("The name must not be that of the optimiser.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"steps": 0}, "steps must be at least 1, not 0."),
        ({"steps": 2.0}, "steps must be a whole number, not 2.0."),
        ({"steps": "3"}, "steps must be a whole number, not '3'."),
        ({"steps": True}, "steps must be a whole number, not True."),
        ({"seed": -1}, "seed must be at least 0, not -1."),
        ({"share": 1.5}, "share must be at most 1, not 1.5."),
        ({"share": float("nan")}, "share must be a finite number, not nan."),
        ({"share": "half"}, "share must be a number, not 'half'."),
        ({"dropout": 1.0}, "dropout must be below 1, not 1.0."),
        ({"optimiser": "lion"}, "Unknown optimiser 'lion': choose one of adam, sgd."),
        ({"bits": 24}, "bits must be one of 16, 32, not 24."),
        ({"gru": 1}, "gru must be true or false, not 1."),
        ({"name": None}, "name must be a text, not None."),
        ({"name": "adam"}, "The name must not be that of the optimiser."),
        ({"step": 3}, "Unknown option 'step' in Recipe: choose among steps, seed, "),
    ],
)
def test_a_wrong_value_is_one_sentence(values: dict, sentence: str) -> None:
    with pytest.raises(HicalmError) as error:
        Recipe(**values)
    assert str(error.value).startswith(sentence)
    with pytest.raises(HicalmError) as error:  # a changed copy is checked as well
        replace(Recipe(), **values) if "step" not in values else Recipe(**values)
    assert str(error.value).startswith(sentence)


def test_what_is_right_is_kept_and_frozen() -> None:
    recipe = Recipe(4, share=1)
    assert (recipe.steps, recipe.share, type(recipe.share)) == (4, 1.0, float)
    assert Recipe(**asdict(recipe)) == recipe
    with pytest.raises(AttributeError):
        recipe.steps = 5


def test_a_long_wrong_value_is_cut() -> None:
    with pytest.raises(HicalmError) as error:
        Recipe(steps="9" * 10_000)
    assert len(str(error.value)) < 200


def test_a_value_is_shown_in_few_words_however_large_and_deep() -> None:
    nested: list = []
    for _ in range(60):  # 2**60 lists
        nested = [nested, nested]
    shared = shown(nested)
    assert shared.startswith("[[[[...], [...]], ") and len(shared) <= 80
    assert shown("x" * 1_000).startswith("'xxx") and len(shown("x" * 1_000)) <= 80
    assert shown([10**5_000]) == "a number of too many digits"
    assert shown({"a": (1, 2.5, None)}) == "{'a': (1, 2.5, None)}"


def test_names_are_checked_in_the_same_words() -> None:
    check_names(["model"], ["model", "data"], "'c.yaml'")
    with pytest.raises(HicalmError, match=r"Unknown option 'modle' in 'c.yaml': choose among mo"):
        check_names(["modle"], ["model", "data"], "'c.yaml'")
