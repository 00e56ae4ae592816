"""Settings: frozen dataclasses whose values are checked when they are made (pydantic does it).

A wrong value is one sentence in a HicalmError, which names the setting, what it may be and what was
received; so is a setting that does not exist.
"""

import reprlib
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any, TypeVar, dataclass_transform

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from hicalm.errors import HicalmError

Settings = TypeVar("Settings")

Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Dropout = Annotated[float, Field(ge=0, lt=1)]

_KINDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "dict_type": "an object",
    "dataclass_type": "an object",
    "int_from_float": "a whole number",
    "list_type": "a list",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("above", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("below", "lt"),
}
_SHORT = reprlib.Repr()  # which looks at no more of a value than it shows
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxlong, _SHORT.maxother = 3, 80, 80, 80


@dataclass_transform(frozen_default=True)
def settings(kind: type[Settings]) -> type[Settings]:
    """Make a class of annotated fields a frozen dataclass that checks its values.

    Numbers and texts have to be what the annotations say: nothing is converted but whole numbers
    to floats. Making one raises HicalmError for a value that cannot be and for an unknown field.
    """
    rules = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    # Any: pydantic's types lose the class, and know of no other way to be made than their own
    made: Any = dataclass(frozen=True, config=rules)(kind)
    made.__init__ = _told_in_a_sentence(made, made.__init__)
    return made


def one_of(*choices: object) -> AfterValidator:
    """Return the rule that a value is one of some ``choices``, to annotate a field with."""

    def check(value: object) -> object:
        if value not in choices:
            raise PydanticCustomError("choice", "not one of them", {"choices": choices})
        return value

    return AfterValidator(check)


def check_names(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise HicalmError for a name among ``given`` that is not ``known``."""
    known = tuple(known)
    for name in given:
        if name not in known:
            raise HicalmError(_unknown(name, where, known))


def shown(value: object) -> str:
    """Return what a sentence shows of a value of any size and depth: at most 80 characters."""
    try:
        return _SHORT.repr(value)[:80]
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of too many digits"


def _told_in_a_sentence(kind: type, make: Callable[..., None]) -> Callable[..., None]:
    @wraps(make)
    def init(self: object, *args: object, **values: object) -> None:
        try:
            make(self, *args, **values)
        except ValidationError as error:
            names = (field.name for field in fields(kind))
            raise HicalmError(wrong_value(error, kind.__name__, names)) from error

    return init


def wrong_value(refused: ValidationError, where: str, known: Iterable[str]) -> str:
    """Return in a sentence what pydantic refused first: a value, or a name that is not ``known``.

    ``where`` names what the values are for: a class of settings, or a function.
    """
    error = refused.errors()[0]
    what, value, context = error["type"], error["input"], error.get("ctx", {})
    name, received = ".".join(map(str, error["loc"])), shown(value)
    if what == "unexpected_keyword_argument":
        return _unknown(name, where, known)
    if what in _BOUNDS:
        words, bound = _BOUNDS[what]
        return f"{name} must be {words} {context[bound]:g}, not {received}."
    if what == "choice":
        choices = ", ".join(map(str, context["choices"]))
        if isinstance(value, str):
            return f"Unknown {name} {received}: choose one of {choices}."
        return f"{name} must be one of {choices}, not {received}."
    if what == "literal_error":
        return f"{name} must be {context['expected']}, not {received}."
    if what in ("missing", "missing_argument"):
        return f"{where} needs a value for {name}."
    if what in _KINDS:
        return f"{name} must be {_KINDS[what]}, not {received}."
    return str(context.get("error", error["msg"]))  # what a class checks by itself


def _unknown(name: object, where: str, known: Iterable[str]) -> str:
    return f"Unknown option {shown(name)} in {where}: choose among {', '.join(known)}."
