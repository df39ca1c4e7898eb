"""Texts as comparison sees them: what is typography falls away, what is substance stays."""

from __future__ import annotations

import re
import unicodedata

_FORMATTING = (
    "mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|operatorname|text|textbf|textit|textrm|ce|left|right|big|Big|"
    "displaystyle|limits|dfrac|tfrac|frac|quad|qquad|hspace|vspace|overline|underline|bar"
)
_MARKUP = re.compile(rf"\\(?:(?:{_FORMATTING})(?![A-Za-z])|[,;:!\s])|!\[([^\]]*)\]\([^)]*\)|<[A-Za-z/][^<>]*>")
_COMMANDS = {
    r"\times": "×", r"\cdot": "×", r"\div": "÷", r"\pm": "±", r"\leq": "≤", r"\le": "≤", r"\geq": "≥", r"\ge": "≥",
    r"\neq": "≠", r"\approx": "≈", r"\rightarrow": "→", r"\to": "→", r"\degree": "°", r"\circ": "°",
    r"\Delta": "Δ", r"\delta": "δ", r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\eta": "η", r"\lambda": "λ",
    r"\mu": "μ", r"\pi": "π", r"\rho": "ρ", r"\sigma": "σ", r"\tau": "τ", r"\theta": "θ", r"\omega": "ω",
}  # fmt: skip
_COMMAND = re.compile(r"\\[A-Za-z]+")
_MINUS = re.compile(r"(?<![0-9A-Za-z一-鿿)\]}])[-−](?=\d)")
_POINT = re.compile(r"(?<=\d)[.](?=\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"[-]?\d+(?:·\d+)?")
_NEGATION = re.compile(r"不|非|未|无|没有|错误|除|禁|\bnot\b|\bexcept\b|\bno\b|\bnever\b|n't\b|\bincorrect\b|\bfalse\b", re.I)
_PARTICLE = re.compile(r"[的了着是为之其该应]")
KEPT_PUNCTUATION = frozenset("%‰·-")
"""The point of a decimal is written as a middle dot here, the sign of a number as a hyphen."""


def folded(text: str) -> str:
    """Return the text without what only typography adds: markup, widths, blanks, punctuation, capitals.

    Numbers stay what they are: the decimal point (as ``·``), the sign and the per cent are kept.

    >>> folded("炉渣碱度 $R$ 通常指（　　）。") == folded("炉渣碱度R通常指____")
    True
    >>> folded(r"$\\mathrm{CaO}/\\mathrm{SiO_2}$ 为 2.8，温度 -5 ℃，１５％")
    'caosio2为2·8温度-5°c15%'
    """
    if "\\" in text or "](" in text or "<" in text:
        text = _MARKUP.sub(r"\1", text)
        text = _COMMAND.sub(lambda found: _COMMANDS.get(found[0], found[0][1:]), text)
    text = unicodedata.normalize("NFKC", text).casefold().replace("−", "-")
    # most texts hold none of these marks, and then there is no need to look for their patterns
    if "," in text:
        text = _THOUSANDS.sub("", text)
    if "." in text:
        text = _POINT.sub("·", text)
    if "-" in text:
        text = _MINUS.sub("\0", text)
    return text.translate(_FOLDING)


class _Folding(dict[int, str | None]):
    """Character by character, decided when first met: letters, digits and signs of mathematics stay."""

    def __missing__(self, code: int) -> str | None:
        mark = chr(code)
        stays = unicodedata.category(mark)[0] in "LNM" or unicodedata.category(mark) in ("Sm", "So")
        self[code] = mark if stays else None
        return self[code]


_FOLDING = _Folding({0: "-", ord("%"): "%", ord("‰"): "‰", ord("·"): "·"})


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of a folded text in their order.

    >>> numbers(folded("由 4.2% 降到 0.1%，共 20 min"))
    ('4·2', '0·1', '20')
    """
    return tuple(_NUMBER.findall(text))


def negations(text: str) -> tuple[str, ...]:
    """Return the words of a text that turn a statement round.

    >>> negations("下列说法不正确的是"), negations("下列说法正确的是")
    (('不',), ())
    """
    return tuple(_NEGATION.findall(text))


def without_particles(text: str) -> str:
    """Return a folded text without the small words that change nothing in a question.

    >>> without_particles("炉渣碱度是指") == without_particles("炉渣的碱度指")
    True
    """
    return _PARTICLE.sub("", text)
