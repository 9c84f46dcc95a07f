"""What every section of the settings is made of: a frozen model, and fields that tell what they do. Nothing is read."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError


def setting(default: object, description: str, allowed: str, *, variable: str = "", **limits: Any) -> Any:
    """A field: its default, a sentence on what it does, and what may stand there (the words of an error)."""
    return Field(
        default, description=description, json_schema_extra={"allowed": allowed, "variable": variable}, **limits
    )


def whole(default: int, description: str, least: int, most: int) -> Any:
    """A field that holds a whole number from `least` to `most`."""
    return setting(default, description, f"a whole number from {least} to {most}", ge=least, le=most)


def need(value: str, info: ValidationInfo, key: str, *choices: str) -> str:
    """`value`, unless it is blank although `key` holds one of `choices`."""
    choice = info.data.get(key)
    if choice in choices and not value:
        raise PydanticCustomError("needed", "{why}", {"why": f'{key} = "{choice}" needs it'})
    return value


class Section(BaseModel):
    """What all sections share: frozen, without unknown keys, quiet about values in its own errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_booleans(cls, value: object) -> object:
        if isinstance(value, bool):  # pydantic would read true as the number 1
            raise ValueError(str(value))
        return value
