"""Rules over units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.lint.reading import prose
from qbank.lint.rule import ItemInput, unit_texts
from qbank.problem import Problem, note, warning

_BEFORE = re.compile(r"[\d）)_　\]/·][ \u2009\u202f]?$")
"""A unit follows a number or a blank; the same letters elsewhere are a name."""
SPELLINGS = {
    "Mpa": "MPa", "MPA": "MPa", "mpa": "MPa", "Kpa": "kPa", "KPa": "kPa", "KPA": "kPa", "kpa": "kPa", "PA": "Pa",
    "pa": "Pa", "Kg": "kg", "KG": "kg", "kG": "kg", "Kw": "kW", "KW": "kW", "kw": "kW", "Mw": "MW", "KWH": "kW·h",
    "kwh": "kW·h", "Kwh": "kW·h", "KWh": "kW·h", "KV": "kV", "Kv": "kV", "kv": "kV", "KA": "kA", "Ka": "kA",
    "HZ": "Hz", "hz": "Hz", "KHz": "kHz", "KHZ": "kHz", "Mhz": "MHz", "KJ": "kJ", "Kj": "kJ", "kj": "kJ",
    "MM": "mm", "Mm": "mm", "CM": "cm", "Cm": "cm", "KM": "km", "Km": "km", "KN": "kN", "Kn": "kN", "kn": "kN",
    "Min": "min", "MIN": "min", "Db": "dB", "DB": "dB", "db": "dB", "KMol": "kmol", "Mol": "mol", "MOL": "mol",
    "sec": "s", "hr": "h", "hrs": "h", "rpm": "r/min", "M3": "m³", "M2": "m²",
}  # fmt: skip
"""What is often written, and the symbol that the standard of units has (GB 3100)."""

_WRONG_WORDS = "|".join(sorted(SPELLINGS, key=len, reverse=True))
_WRONG = re.compile(rf"(?<![A-Za-z])(?:{_WRONG_WORDS})(?![A-Za-z0-9])")
_FLAT_POWER = re.compile(r"(?<![A-Za-z])N?(?:m|cm|mm|dm|km)[23](?![A-Za-z\d.])")
_ILLEGAL_HAN = re.compile(
    r"\d\s*(?:公斤|市?斤(?!顶)|市尺|英[寸尺里]|大卡|千卡|马力|毫米汞柱|毫米水柱|工程大气压|(?:个)?(?:标准)?大气压|公尺|公升|达因|尔格|克拉|磅|加仑|盎司|华氏度)"
)
_ILLEGAL_WORDS = "kgf|atm|kcal|cal|mmHg|mmH2O|mmH₂O|ppm|psi|bar|lbf?|ft|inch(?:es)?|HP|hp|Gs|Oe|Nm³|Nm3|℉|°F"
_ILLEGAL = re.compile(rf"(?<![A-Za-z])(?:{_ILLEGAL_WORDS})(?![A-Za-z])")
_MAYBE_WRONG, _MAYBE_ILLEGAL = (
    re.compile(rf"[\d）)_　\]/·][ \u2009\u202f]?(?:{words})") for words in (_WRONG_WORDS, _ILLEGAL_WORDS)
)
"""Hold wherever `_unit` finds a word, and take a fifth of the time: what begins with a few characters is found fast."""
_MAYBE_POWER, _MAYBE_DEGREES = re.compile("m[23]"), re.compile("[oO0℃度]C|°[cＣС]")
_ENGLISH_LEGAL = frozenset({"lb", "lbf", "ft", "inch", "inches", "psi", "bar", "HP", "hp", "°F", "℉", "磅"})
_CELSIUS = re.compile("°C")
_DEGREES = re.compile(r"(?<=[\d）)_　 ])(?:[oO0]C|℃C|°[cＣС]|度C)(?![A-Za-z])")


def _unit(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the first match that is written as a unit: it begins with its number, or stands behind one or a blank."""
    for match in pattern.finditer(text):
        if match.group()[0].isdigit() or _BEFORE.search(text[max(0, match.start() - 2) : match.start()]):
            return match
    return None


def unit_spelling(given: ItemInput) -> Iterator[Problem]:
    """W180: symbols of units are written as the standard of units has them.

    M is mega and m milli, K is kelvin: ``Mpa``, ``Kg`` and ``KW`` are no units. An index belongs to m³ and m².

    Bad: ``stem: 氧压为 0.8 Mpa``, ``42 m3/min``, ``unit: Kg/t``. Good: ``0.8 MPa``, ``42 m³/min``, ``unit: kg/t``.
    """
    for steps, text in unit_texts(given, _MAYBE_WRONG, _MAYBE_POWER):
        match = _unit(_WRONG, text)
        if match:
            yield warning("W180", given.place(*steps), found=match.group(), right=SPELLINGS[match.group()])
            continue
        match = _FLAT_POWER.search(text)
        if match:
            right = match.group().replace("3", "³").replace("2", "²")
            yield warning("W180", given.place(*steps), found=match.group(), right=right)


def mixed_degree_signs(given: ItemInput) -> Iterator[Problem]:
    """W181: an item writes degrees Celsius in one way, as ℃ or as °C.

    Bad: ``stem: 从 1 600 ℃ 升到 1 650 °C``; ``1600 oC``. Good: ``stem: 从 1 600 ℃ 升到 1 650 ℃``.
    """
    read = given.reading.prose
    if "C" in read and "℃" in read and "°" in read:
        for steps, text in unit_texts(given, _CELSIUS):
            if "°C" in text:
                yield warning("W181", given.place(*steps), found="°C")
                return
    if "C" in read:
        for steps, text in unit_texts(given, _MAYBE_DEGREES):
            match = _DEGREES.search(text)
            if match:
                yield warning("W181", given.place(*steps), found=match.group())
                return


def units_outside_the_law(given: ItemInput) -> Iterator[Problem]:
    """W182: quantities are given in legal units.

    公斤, 斤, kgf, 大气压, 大卡, mmHg, ppm are no legal units of measurement in China (GB 3100); papers are documents and
    must use legal ones. In banks written in English, inch, lb, psi and bar are left alone.

    Bad: ``stem: 氧压为 8 kgf/cm²``; ``stem: 每炉加 500 公斤``. Good: ``0.8 MPa``; ``500 kg``.
    """
    texts = list(unit_texts(given, _MAYBE_ILLEGAL))
    if _ILLEGAL_HAN.search(given.reading.prose):
        texts += [(passage.steps, prose(passage.text)) for passage in given.reading.written]
    for steps, text in dict.fromkeys(texts):
        match = _ILLEGAL_HAN.search(text) or _unit(_ILLEGAL, text)
        if match:
            found = match.group().lstrip("0123456789 ")
            if given.language == "zh" or found not in _ENGLISH_LEGAL:
                say = note if found in ("ppm", "Nm³", "Nm3") else warning
                yield say("W182", given.place(*steps), found=found)
