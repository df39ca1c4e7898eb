"""How records show themselves at the prompt: a line a field, arrays by shape and range instead of their numbers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 6
LONGEST_ENTRY = 20


def shown(record: object) -> str:
    """Return the text that stands for a record: its name, then every field in one line. It is the `__repr__` of records.

    >>> from qbank.irt import score_persons, item_parameters
    >>> score_persons([[1], [0]] * 50, item_parameters("rasch", a=[1.0], b=[0.0]))
    PersonScores
      method     'eap'
      scale      'unlinked'
      theta      float64 (100,) -0.4132 to 0.4132
      errors     float64 (100,) 0.9106 to 0.9106
      n_answers  int64 (100,) 1 to 1
      n_ignored  int64 (100,) 0 to 0
      status     100 'ok'
    """
    if not is_dataclass(record):
        return repr(record)
    names = [field.name for field in fields(record)]
    width = max(map(len, names))
    lines = [f"  {name:{width}}  {_short(getattr(record, name))}" for name in names]
    return "\n".join([type(record).__name__, *lines])


def _short(value: object) -> str:
    """Return one line for the value of a field."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if is_dataclass(value) and not isinstance(value, type):
        items = getattr(value, "items", None)
        return type(value).__name__ + (f" of {len(items)} items" if isinstance(items, tuple) else "")
    if isinstance(value, Mapping):
        return ", ".join(_entry(str(key), held) for key, held in value.items()) or "{}"
    if isinstance(value, tuple):
        return _sequence(value)
    return f"{value:.8g}" if isinstance(value, float) else repr(value)


def _entry(key: str, value: object) -> str:
    """Return key=value of a word or a number, else the key alone."""
    told = _short(value) if isinstance(value, (str, int, float)) else ""
    return f"{key}={told}" if 0 < len(told) <= LONGEST_ENTRY else key


def _array(array: NDArray[Any]) -> str:
    """Return a small array's numbers, else the shape, and the range of what is finite."""
    if array.size <= FEW and array.ndim <= 1:
        return np.array2string(array, precision=6, separator=", ")
    told = f"{array.dtype} {array.shape}"
    if array.dtype.kind not in "fi":
        return told
    finite = array[np.isfinite(array)]
    if finite.size:
        told += f" {finite.min():.4g} to {finite.max():.4g}"
    missing = array.size - finite.size
    return told + (f", {missing} not finite" if missing else "")


def _sequence(values: tuple[object, ...]) -> str:
    """Return a short tuple as it is, words that come again by their number, else the ends."""
    if len(values) <= FEW:
        return f"({', '.join(map(_short, values))})"
    counts = Counter(values) if all(isinstance(value, str) for value in values) else None
    if counts and len(counts) <= FEW:
        return ", ".join(f"{n} {word!r}" for word, n in counts.items())
    return f"({_short(values[0])}, {_short(values[1])}, ... {_short(values[-1])}), {len(values)} in all"
