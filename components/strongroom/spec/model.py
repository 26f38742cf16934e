"""The base of everything people write: strict, frozen, and silent about values."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

StrictInt = Annotated[int, Field(strict=True)]
StrictBool = Annotated[bool, Field(strict=True)]


class Model(BaseModel):
    """A map in a YAML file. Unknown keys are errors; values never appear in a repr of an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)


class OneOf(Model):
    """A map with exactly one of its keys, which says what kind of thing it is: `{approle: {...}}`."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    what: ClassVar[str] = "thing"

    @model_validator(mode="before")
    @classmethod
    def _exactly_one(cls, data: Any) -> Any:
        """Checked before the fields are, so that the error names the choice and not each missing key."""
        if isinstance(data, Mapping):
            known = [key for key in data if key in cls.model_fields]
            if len(known) > 1 or (not known and not data):
                choices = ", ".join(cls.model_fields)
                raise PydanticCustomError(
                    "exactly_one",
                    "{found}; name exactly one of: {choices}",
                    {
                        "found": f"{cls.what} is given as {' and '.join(known)} at once"
                        if known
                        else f"no {cls.what} is given",
                        "choices": choices,
                    },
                )
        return data

    @cached_property
    def kind(self) -> str:
        """The one key that is present."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def value(self) -> Any:
        """What stands under that key."""
        return getattr(self, self.kind)

    @model_validator(mode="after")
    def _not_null(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise PydanticCustomError(
                "exactly_one",
                "no {what} is given; write {empty} for one with defaults, and name exactly one of: {choices}",
                {"what": self.what, "empty": "{}", "choices": ", ".join(type(self).model_fields)},
            )
        return self
