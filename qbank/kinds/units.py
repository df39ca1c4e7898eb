"""Units of measurement as candidates write them, in Chinese or as symbols; conversion by pint.

pint is loaded when a unit first differs from the one asked for.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from qbank.kinds.kind import folded

CHINESE = {
    "标准立方米": "Nm3", "标立方": "Nm3", "立方米": "m3", "平方米": "m2", "平方毫米": "mm2", "立方厘米": "cm3",
    "千瓦时": "kWh", "千瓦": "kW", "瓦": "W", "兆帕": "MPa", "千帕": "kPa", "帕": "Pa", "千牛": "kN", "牛": "N",
    "千焦": "kJ", "焦": "J", "摄氏度": "°C", "度": "°C", "毫升": "mL", "升": "L", "公里": "km", "千米": "km",
    "厘米": "cm", "毫米": "mm", "微米": "μm", "米": "m", "公斤": "kg", "千克": "kg", "毫克": "mg", "克": "g", "吨": "t",
    "小时": "h", "分钟": "min", "毫秒": "ms", "秒": "s", "天": "d", "安": "A", "毫伏": "mV", "伏": "V", "欧": "ohm",
    "赫兹": "Hz", "转/分": "rpm", "r/min": "rpm", "每": "/",
}  # fmt: skip
_CHINESE = re.compile("|".join(sorted(map(re.escape, CHINESE), key=lambda word: -len(word))))
_NORMAL_VOLUME = re.compile(r"Nm\^?3")
_EXPONENT = re.compile(r"([A-Za-zμΩ])\^?(-?\d)")
_FACTOR = r"\(?[A-Za-zμΩ°Å%‰]{1,24}(?:\^?-?\d)?\)?"
_WRITTEN = re.compile(rf"{_FACTOR}(?:[*/]{_FACTOR}){{0,5}}")


@lru_cache(maxsize=4096)
def canonical(unit: str) -> str:
    """Return the unit in one way of writing: full width, Chinese words and exponents made plain.

    >>> canonical("千克/吨"), canonical("Nm³/（t·min）"), canonical("℃")
    ('kg/t', 'Nm3/(t*min)', '°C')
    """
    text = _CHINESE.sub(lambda match: CHINESE[match.group()], folded(unit).replace(" ", ""))
    return re.sub("[·×⋅•]", "*", text).replace("µ", "μ")


def same_unit(one: str, other: str) -> bool:
    """Return whether two texts write the same unit."""
    return canonical(one) == canonical(other)


def is_unit(unit: str) -> bool:
    """Return whether the text is a unit that can be converted.

    >>> is_unit("kg/t"), is_unit("吨"), is_unit("炉")
    (True, True, False)
    """
    return _unit(canonical(unit)) is not None


def convert(value: float, unit: str, asked: str) -> float | None:
    """Return the value in the unit asked for, or None where the two do not measure the same thing.

    >>> convert(1.88, "t", "kg"), convert(5, "℃", "kg"), convert(2, "炉", "炉")
    (1880.0, None, 2)
    """
    if same_unit(unit, asked):
        return value
    found, wanted = _unit(canonical(unit)), _unit(canonical(asked))
    if found is None or wanted is None or found.dimensionality != wanted.dimensionality:
        return None
    return float(f"{_registry().Quantity(value, found).to(wanted).magnitude:.12g}")


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(cache_folder=None)
    registry.define("normal_cubic_metre = [normal_volume]")
    return registry


@lru_cache(maxsize=4096)
def _unit(text: str) -> Any:
    """Return pint's unit, or None for what it does not know; only short products of units ever reach it."""
    import pint

    if not _WRITTEN.fullmatch(text):
        return None
    written = _EXPONENT.sub(r"\1**\2", _NORMAL_VOLUME.sub("normal_cubic_metre", text))
    try:
        return _registry().Unit(written)
    except (pint.errors.PintError, ValueError, TypeError, AttributeError, ArithmeticError, KeyError):
        return None
