"""Rules over characters: punctuation, width, spaces, traditional and look-alike characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from qbank.lint.reading import MATHEMATICS, has_han, one_of, prose
from qbank.lint.rule import ItemInput
from qbank.lint.traditional import SIMPLIFIED
from qbank.problem import Problem, note, warning

_HAN = "\u4e00-\u9fff"
_HALF_WIDTH = re.compile(
    rf"(?<=[{_HAN}”）])[,;:?!](?![\d/])|[,;?!](?=[{_HAN}“（])|(?<=[{_HAN}])\.(?=\s*$|[{_HAN}])"
    rf"|\([^()]{{0,60}}[{_HAN}][^()]{{0,60}}\)|(?<=[{_HAN}])\([^()]{{0,60}}[^()\s_\u3000][^()]{{0,60}}\)|[\"'][^\"']{{0,60}}[{_HAN}][^\"']{{0,60}}[\"']|(?<=[{_HAN}])\.{{3,}}|(?<=[{_HAN}])--+(?=[{_HAN}])"
)
_LATIN_MARKS, _CHINESE_MARKS, _BLANKS = one_of(",;:?!.(\"'-"), one_of("，。；：？！（）、“”‘’"), one_of(" \t\n　")
_FULL_WIDTH = re.compile("[，。；：？！（）、“”‘’](?![一-鿿])")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff05\uff0b\uff1d\uff0f]")
_SPACES = re.compile(
    rf"^\s+|(?<!\s)[^\S\n]+$|(?<=\S) {{2,}}(?=\S)|\t|(?<=[{_HAN}]) +(?=[，。；：？！、）”])|(?<=[，。；：？！、（“]) +(?=[{_HAN}])|(?<=[A-Za-z]) +(?=[,.;?!](?:\s|$))"
)
_NEAR_SPACE = re.compile(" (?:[ ，。；：？！、）”,.;?!]|(?<=[，。；：？！、（“] ))")
"""What every match of `_SPACES` that is neither at an end nor a tab holds; found at once, as it begins with a space."""
_OUTER = str.maketrans("", "", "　_")
_LOOKS_LATIN = "\u0370-\u03ff\u0400-\u04ff"
_MIXED = re.compile(rf"[A-Za-z][{_LOOKS_LATIN}]|[{_LOOKS_LATIN}][A-Za-z]")
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN_TWINS = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"
"""Greek letters that print like Latin ones; beside Latin letters they are taken for them."""
_KANA = {"エ": "工", "ロ": "口", "カ": "力", "ー": "一", "ニ": "二", "ハ": "八", "ト": "卜", "タ": "夕", "オ": "才", "チ": "千"}
_AMID_HAN = re.compile(rf"(?:(?<=[{_HAN}])[{''.join(_KANA)}]|[{''.join(_KANA)}](?=[{_HAN}]))")
_DIGIT_LETTER = re.compile(r"(?<![A-Za-z\d.])(?:\d+[.,]?[Oo]\d*|\d+l\d+|[lO]\d{2,}|[lO][.,]\d+)(?![A-Za-z\d])")
_TRADITIONAL = re.compile(f"[{''.join(sorted(SIMPLIFIED))}]")
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def punctuation_width(given: ItemInput) -> Iterator[Problem]:
    """W170: Chinese text has Chinese punctuation, English text has English punctuation.

    Half-width commas and brackets between Chinese characters print too tight; the same stem typed both ways makes
    two items that no search finds together. Formulae are left alone.

    Bad: ``stem: 提枪,停水,应当(　　)。``; ``stem: Stop the truck， then ____.``
    Good: ``stem: 提枪，停水，应当（　　）。``
    """
    reading = given.reading
    if not (_LATIN_MARKS if reading.han else _CHINESE_MARKS)(reading.prose):
        return
    for passage in reading.written:
        text = prose(passage.text)
        if has_han(text):
            match = _HALF_WIDTH.search(text)
        elif reading.han or "“" in text or "’" in text:
            continue
        else:
            match = _FULL_WIDTH.search(text)
        if match:
            yield warning("W170", given.place(*passage.steps), found=match.group()[:20])


def wide_characters(given: ItemInput) -> Iterator[Problem]:
    """W171: digits and Latin letters are typed half-width.

    Full-width １２３ＡＢＣ come from an input method left in the wrong state; they look right and are other
    characters, so that searches and comparisons fail.

    Bad: ``stem: 出钢温度为１６５０ ℃``. Good: ``stem: 出钢温度为 1 650 ℃``.
    """
    if not _WIDE.search(given.reading.prose):
        return
    for passage in given.reading.written:
        match = _WIDE.search(prose(passage.text))
        if match:
            half = unicodedata.normalize("NFKC", match.group())
            yield warning("W171", given.place(*passage.steps), found=match.group(), half=half)


def stray_spaces(given: ItemInput) -> Iterator[Problem]:
    """W172: no spaces at the ends of a text, no two in a row, no tabs, none before punctuation.

    They print as holes, and make two options differ that are the same.

    Bad: ``A: "提枪 "``; ``stem: 提枪 ，停水``; ``stem: The  truck``. Good: ``A: 提枪``.
    """
    if not _BLANKS(given.reading.prose):
        return
    for passage in given.reading.written:
        text = passage.text
        if " " in text or "\t" in text or text[-1:] == "\n" or text[:1] == "　" or text[-1:] == "　":
            text = prose(text if "|" not in text else _without_tables(text)).rstrip("\n")
            match = stray_space(text)
            if match:
                around = text[max(0, match.start() - 4) : match.end() + 4].strip("\n").replace("\t", "→")
                yield warning("W172", given.place(*passage.steps), around=around)


def stray_space(text: str) -> re.Match[str] | None:
    """Return the first space that should not be there, in a text that does not end with a line break.

    >>> stray_space("提枪 ，停水").span(), stray_space("1 650 ℃")
    ((2, 3), None)
    """
    if text[:1].isspace() or text[-1:].isspace() or "\t" in text or _NEAR_SPACE.search(text):
        return _SPACES.search(text)
    return None


def _without_tables(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("|"))


def traditional_characters(given: ItemInput) -> Iterator[Problem]:
    """W173: a bank in simplified characters has no traditional ones.

    They come with copied text. Few candidates of a mainland examination read 爐 as readily as 炉, and no search for
    炉 finds it.

    Bad: ``stem: 轉爐煉鋼的主要熱源是（　　）。``. Good: ``stem: 转炉炼钢的主要热源是（　　）。``
    """
    if not given.reading.han or not _TRADITIONAL.search(given.reading.prose):
        return
    for passage in given.reading.written:
        found = [mark for mark in passage.text if mark in SIMPLIFIED]
        if found:
            simple = "".join(SIMPLIFIED[mark] for mark in found[:8])
            yield warning("W173", given.place(*passage.steps), found="".join(found[:8]), simple=simple)


def look_alike_characters(given: ItemInput) -> Iterator[Problem]:
    """W174: every character is the one it looks like.

    Cyrillic С for Latin C, katakana エ for 工, the letter O in a number, Kangxi radicals from a PDF (⼯ for 工): the
    eye sees no difference, every comparison does.

    Bad: ``A: СО`` typed in Cyrillic; ``stem: 炼钢エ…``; ``B: "1O"``. Good: the characters meant.
    """
    reading = given.reading
    if not _SUSPECT.search(reading.prose) and (
        ("l" not in reading.prose and "O" not in reading.prose and "o" not in reading.prose)
        or not _DIGIT_LETTER.search(reading.prose)
    ):
        return
    for passage in given.reading.written:
        found = _look_alike(prose(passage.text))
        if found:
            code = " ".join(f"U+{ord(mark):04X}" for mark in found[:3])
            yield warning("W174", given.place(*passage.steps), found=found, code=code)


_SUSPECT = re.compile(f"[{_LOOKS_LATIN}\u2e80-\u2fdf\uf900-\ufaff{''.join(_KANA)}]")


def _look_alike(text: str) -> str:
    if text.isascii():
        match = _DIGIT_LETTER.search(text)
        return match.group() if match else ""
    match = _RADICAL.search(text) or _MIXED.search(text) or _AMID_HAN.search(text) or _DIGIT_LETTER.search(text)
    if match is not None:
        pair = match.group()
        if len(pair) == 2 and pair.isalpha() and not set(pair) & set(_LATIN_TWINS) and not _CYRILLIC.search(pair):
            return ""  # Δt, μm, ηmax: a Greek letter that looks Greek
        return pair
    match = _CYRILLIC.search(text)
    return match.group() if match and MATHEMATICS not in match.group() else ""


def formula_not_in_mathematics(given: ItemInput) -> Iterator[Problem]:
    """W175: indices of formulae are set as indices.

    ``CO2`` and ``m3`` print as they are typed. A formula between dollars, or the characters ₂ ³, print as they should.

    Bad: ``stem: 炉气中 CO2 的含量…``. Good: ``stem: 炉气中 $\\\\mathrm{CO_2}$ 的含量…``
    """
    if not given.reading.latin or not _MAYBE_FORMULA.search(given.reading.prose):
        return
    for passage in given.reading.passages:
        match = _FLAT_FORMULA.search(prose(passage.text))
        if match:
            yield note("W175", given.place(*passage.steps), found=match.group())


_MAYBE_FORMULA = re.compile("[A-Z)][2-5]")
"""What every match of the next holds, found without trying all of its formulae at every letter."""
_FLAT_FORMULA = re.compile(
    r"(?<![A-Za-z\d-])(?:CO2|H2O?|N2|O2|SO[23]|NO2|CH4|SiO2|Al2O3|Fe2O3|Fe3O4|P2O5|CaF2|CaCO3|Ca\(OH\)2|MgCO3|Cr2O3|V2O5|TiO2|MnO2|H2S|NH3|H2SO4|Na2CO3|CaC2|C2H2)(?![A-Za-z\d-])"
)
