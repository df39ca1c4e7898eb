r"""MathML → LaTeX: the source where the formula carries it, else from its elements.

>>> from lxml import etree
>>> formula = etree.fromstring("<math><mfrac><mi>a</mi><msqrt><mn>2</mn></msqrt></mfrac><mo>&#8804;</mo><mi>&#945;</mi></math>")
>>> latex_of(formula)
('\\frac{a}{\\sqrt{2}}\\le \\alpha ', set())
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from qbank.files.interchange.qti.reading.vocabulary import local

SIGNS = {
    "×": r"\times ", "÷": r"\div ", "±": r"\pm ", "∓": r"\mp ", "·": r"\cdot ", "⋅": r"\cdot ", "≤": r"\le ", "≥": r"\ge ",
    "≠": r"\ne ", "≈": r"\approx ", "≡": r"\equiv ", "∝": r"\propto ", "∞": r"\infty ", "→": r"\to ", "←": r"\leftarrow ",
    "⇒": r"\Rightarrow ", "⇔": r"\Leftrightarrow ", "↔": r"\leftrightarrow ", "⇌": r"\rightleftharpoons ", "↑": r"\uparrow ",
    "↓": r"\downarrow ", "∈": r"\in ", "∉": r"\notin ", "⊂": r"\subset ", "⊆": r"\subseteq ", "∪": r"\cup ", "∩": r"\cap ",
    "∅": r"\emptyset ", "∀": r"\forall ", "∃": r"\exists ", "¬": r"\neg ", "∧": r"\wedge ", "∨": r"\vee ", "∂": r"\partial ",
    "∇": r"\nabla ", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "∮": r"\oint ", "√": r"\surd ", "∠": r"\angle ",
    "⊥": r"\perp ", "∥": r"\parallel ", "△": r"\triangle ", "°": r"{}^{\circ}", "′": "'", "…": r"\dots ", "⋯": r"\cdots ",
    "−": "-", "∗": "*", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "α": r"\alpha ", "β": r"\beta ",
    "γ": r"\gamma ", "δ": r"\delta ", "ε": r"\varepsilon ", "ϵ": r"\epsilon ", "ζ": r"\zeta ", "η": r"\eta ", "θ": r"\theta ",
    "λ": r"\lambda ", "μ": r"\mu ", "µ": r"\mu ", "ν": r"\nu ", "ξ": r"\xi ", "π": r"\pi ", "ρ": r"\rho ", "σ": r"\sigma ",
    "τ": r"\tau ", "φ": r"\varphi ", "ϕ": r"\phi ", "χ": r"\chi ", "ψ": r"\psi ", "ω": r"\omega ", "Γ": r"\Gamma ",
    "Δ": r"\Delta ", "Θ": r"\Theta ", "Λ": r"\Lambda ", "Ξ": r"\Xi ", "Π": r"\Pi ", "Σ": r"\Sigma ", "Φ": r"\Phi ",
    "Ψ": r"\Psi ", "Ω": r"\Omega ", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_",
    "\\": r"\backslash ", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\xa0": r"\ ", "\u2009": r"\,",
}  # fmt: skip
"""Characters that LaTeX has words for, or that mean something to it."""
ABOVE = {"¯": "overline", "‾": "overline", "_": "overline", "→": "vec", "⃗": "vec", "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde",
         "˙": "dot", ".": "dot", "¨": "ddot", "⏞": "overbrace"}  # fmt: skip
FUNCTIONS = frozenset({"sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln",
                       "lg", "exp", "lim", "max", "min", "sup", "inf", "det", "gcd", "deg"})  # fmt: skip
SILENT = frozenset({"mphantom", "annotation", "annotation-xml", "mprescripts", "none"})


def latex_of(formula: Any) -> tuple[str, set[str]]:
    """Return a formula as LaTeX, and the names of its elements that have no counterpart (their content is kept)."""
    for note in formula.iter("{*}annotation"):
        if "tex" in (note.get("encoding") or "").casefold() and (source := (note.text or "").strip()):
            return source, set()
    unknown: set[str] = set()
    return re.sub(r" +", " ", _row(formula, unknown)), unknown


def _row(node: Any, unknown: set[str]) -> str:
    return "".join(_part(child, unknown) for child in node if isinstance(child.tag, str))


def _part(node: Any, unknown: set[str]) -> str:
    name = local(node)
    if name in SILENT:
        return ""
    if name in _LEAVES:
        return _LEAVES[name](node)
    if name in _BUILT:
        inside = [_part(child, unknown) for child in node if isinstance(child.tag, str) and local(child) not in SILENT]
        return _BUILT[name](node, inside)
    unknown.add(name)
    return (_signs("".join(node.itertext()).strip()) if not len(node) else "") + _row(node, unknown)


def _signs(text: str) -> str:
    return "".join(SIGNS.get(mark, mark) for mark in text)


def _identifier(node: Any) -> str:
    text = (node.text or "").strip()
    if text in FUNCTIONS:
        return f"\\{text} "
    upright = node.get("mathvariant") == "normal" or (len(text) > 1 and text.isalpha())
    bold = node.get("mathvariant") in ("bold", "bold-italic")
    inside = _signs(text)
    return f"\\mathbf{{{inside}}}" if bold else f"\\mathrm{{{inside}}}" if upright and text.isascii() else inside


def _operator(node: Any) -> str:
    text = (node.text or "").strip()
    return f"\\{text} " if text in FUNCTIONS else _signs(text)


def _text(node: Any) -> str:
    text = re.sub(r"\s+", " ", "".join(node.itertext()))
    return "\\text{" + "".join(SIGNS.get(mark, mark) if mark in "{}%#&$_\\" else mark for mark in text) + "}" if text else ""


def _space(node: Any) -> str:
    return r"\\" if node.get("linebreak") == "newline" else r"\ "


_LEAVES: dict[str, Callable[[Any], str]] = {
    "mi": _identifier, "mn": lambda node: _signs((node.text or "").strip()), "mo": _operator, "mtext": _text, "ms": _text, "mspace": _space,
}  # fmt: skip


def _at(parts: list[str], place: int) -> str:
    return parts[place] if place < len(parts) else ""


def _base(part: str) -> str:
    """Return what a script stands at, in braces where it is more than one sign."""
    return part if re.fullmatch(r"\w|\\[A-Za-z]+ |\\[A-Za-z]+\{[^{}]*\}", part) else f"{{{part}}}"


def _under(node: Any, parts: list[str]) -> str:
    base, below = _at(parts, 0), _at(parts, 1)
    return f"{base.strip()}_{{{below}}}" if _large(base) else f"\\underset{{{below}}}{{{base}}}"


def _over(node: Any, parts: list[str]) -> str:
    base, above = _at(parts, 0), _at(parts, 1)
    mark = "".join(node[1].itertext()).strip() if len(node) > 1 else ""
    if mark in ABOVE:
        return f"\\{ABOVE[mark]}{{{base}}}"
    return f"{base.strip()}^{{{above}}}" if _large(base) else f"\\overset{{{above}}}{{{base}}}"


def _both(node: Any, parts: list[str]) -> str:
    base, below, above = (_at(parts, place) for place in range(3))
    if _large(base):
        return f"{base.strip()}_{{{below}}}^{{{above}}}"
    return f"\\overset{{{above}}}{{\\underset{{{below}}}{{{base}}}}}"


def _large(base: str) -> bool:
    return base.strip() in (r"\sum", r"\prod", r"\int", r"\oint", r"\lim", r"\max", r"\min", r"\cup", r"\cap")


def _fenced(node: Any, parts: list[str]) -> str:
    separators = [mark for mark in node.get("separators", ",") if not mark.isspace()] or [""]
    inside = "".join(
        part + (separators[min(place, len(separators) - 1)] if place < len(parts) - 1 else "") for place, part in enumerate(parts)
    )
    left, right = _signs(node.get("open", "(")) or ".", _signs(node.get("close", ")")) or "."
    return f"\\left{left} {inside}\\right{right} "


def _table(node: Any, parts: list[str]) -> str:
    return "\\begin{matrix}" + r" \\ ".join(parts) + "\\end{matrix}"


def _prescripts(node: Any, parts: list[str]) -> str:
    return _base(_at(parts, 0)) + "".join(f"{mark}{{{part}}}" for mark, part in zip("_^", parts[1:3], strict=False) if part)


def _joined(node: Any, parts: list[str]) -> str:
    return "".join(parts)


_BUILT: dict[str, Callable[[Any, list[str]], str]] = {
    "mrow": _joined, "mstyle": _joined, "mpadded": _joined, "merror": _joined, "semantics": lambda node, parts: _at(parts, 0),
    "maction": lambda node, parts: _at(parts, 0), "math": _joined,
    "menclose": lambda node, parts: f"\\boxed{{{''.join(parts)}}}" if "box" in node.get("notation", "") else "".join(parts),
    "mfrac": lambda node, parts: f"\\frac{{{_at(parts, 0)}}}{{{_at(parts, 1)}}}",
    "msqrt": lambda node, parts: f"\\sqrt{{{''.join(parts)}}}",
    "mroot": lambda node, parts: f"\\sqrt[{_at(parts, 1)}]{{{_at(parts, 0)}}}",
    "msub": lambda node, parts: f"{_base(_at(parts, 0))}_{{{_at(parts, 1)}}}",
    "msup": lambda node, parts: f"{_base(_at(parts, 0))}^{{{_at(parts, 1)}}}",
    "msubsup": lambda node, parts: f"{_base(_at(parts, 0))}_{{{_at(parts, 1)}}}^{{{_at(parts, 2)}}}",
    "munder": _under, "mover": _over, "munderover": _both, "mfenced": _fenced, "mmultiscripts": _prescripts,
    "mtable": _table, "mtr": lambda node, parts: " & ".join(parts), "mlabeledtr": lambda node, parts: " & ".join(parts[1:]),
    "mtd": _joined,
}  # fmt: skip
"""element → how its parts stand together"""
