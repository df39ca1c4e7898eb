"""What records that people write have in common: strict types, no unknown keys, numbers kept as written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WrapValidator

Entry = TypeVar("Entry")


class Authored(BaseModel):
    """The parent of every record that people write in YAML; frozen.

    Its validator is built when the first text is held against it: few verbs read every kind of record.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


class WrittenInt(int):
    """An integer that remembers how it was written."""

    text: str


class WrittenFloat(float):
    """A decimal that remembers how it was written (``1.10``)."""

    text: str


def written_number(value: int | float, text: str) -> WrittenInt | WrittenFloat:
    """Return a number that remembers how it was written.

    >>> written_number(1.1, "1.10").text
    '1.10'
    """
    written = WrittenInt(value) if isinstance(value, int) else WrittenFloat(value)
    written.text = text
    return written


def _as_written(value: Any) -> Any:
    return getattr(value, "text", value)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _kept(value: Any, check: Callable[[Any], Any]) -> Any:
    checked = check(value)
    return value if hasattr(value, "text") else checked


WrittenNumber = Annotated[float, WrapValidator(_kept)]
"""A number that still knows how it was written: 42.80 says more than 42.8."""

WrittenText = Annotated[str, BeforeValidator(_as_written)]
"""Text in which a number stays as it was written: an option ``1.10`` is not ``1.1``."""

FilledText = Annotated[str, BeforeValidator(_as_written), Field(min_length=1, max_length=20000)]
"""Written text that may not be empty."""

Many = Annotated[tuple[Entry, ...], BeforeValidator(_as_tuple)]
"""A YAML list as a tuple."""
