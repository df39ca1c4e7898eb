"""Templates with one mistake each: what stands in the item, and the one problem that must come of it.

Line and column were counted in the item's text as it stands below its fixed head (which is lines 1 to 3).
"""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = """\
defaults: {level: 4, grade: 2, cognitive: apply, seconds: 60, competency: A-001}
items:
  - id: T-1
"""


@dataclass(frozen=True)
class Wrong:
    """A mistake by name: the item's lines from the fourth on, ``line:column`` of the problem, code, severity, facts."""

    name: str
    text: str
    at: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    severity: str = "error"


NUMERIC = """\
    kind: numeric
    parameters: {m: [80, 90], c: [0.1, 0.2]}
    conditions: ["m * c < 17"]
    stem: 铁水 {{ m }} t，含碳 {{ c | 2 }} %，求 ____ kg。
    key: {value: "{{ m * c * 10 }}", tolerance: 0.5, unit: kg}
    rationale: 共 {{ m * c * 10 }} kg。
"""
SINGLE = """\
    kind: single
    parameters: {m: [80, 90], c: [0.1, 0.2]}
    stem: 铁水 {{ m }} t，含碳 {{ c }} %，求（　　）。
    options:
      A: "{{ m * c * 10 }} kg"
      B: "{{ m * c }} kg"
    key: A
"""


def numeric(name: str, at: str, code: str, old: str, new: str, severity: str = "error", /, **facts: str) -> Wrong:
    """Return a case that rewrites the only ``old`` of the numeric template."""
    assert NUMERIC.count(old) == 1, (name, NUMERIC.count(old))
    return Wrong(name, NUMERIC.replace(old, new), at, code, facts, severity)


def single(name: str, at: str, code: str, old: str, new: str, severity: str = "error", /, **facts: str) -> Wrong:
    """Return a case that rewrites the only ``old`` of the single-choice template."""
    assert SINGLE.count(old) == 1, (name, SINGLE.count(old))
    return Wrong(name, SINGLE.replace(old, new), at, code, facts, severity)


def plain(name: str, at: str, code: str, text: str, severity: str = "error", /, **facts: str) -> Wrong:
    """Return a case of an item without parameters."""
    return Wrong(name, text, at, code, facts, severity)


CALC = "    kind: numeric\n    stem: 求 ____ kg/t。\n    key: {value: 42.8, tolerance: 1%, unit: kg/t, formula: F}\n"
CHOICE = "    kind: single\n    stem: 求（　　）。\n    options: {A: $42.8$ kg/t, B: 31 kg/t}\n    key: A\n    formula: F\n"

CASES = [
    numeric("an unclosed bracket", "9:21", "V101", "共 {{ m * c * 10 }}", "共 {{ (m * c * 10 }}"),
    numeric("full-width brackets", "9:24", "V101", "共 {{ m * c * 10 }}", "共 {{ m *（c）* 10 }}"),
    numeric("an attribute", "9:21", "V102", "共 {{ m * c * 10 }}", "共 {{ m.real }}", what="m.real"),
    numeric("a caret for a power", "9:21", "V102", "共 {{ m * c * 10 }}", "共 {{ m ^ 2 }}"),
    numeric("an unknown name after Chinese", "7:30", "V103", "含碳 {{ c | 2 }}", "含碳 {{ d | 2 }}", name="d", known="c, m, pi"),
    numeric("an unknown name in the key", "8:22", "V103", '"{{ m * c * 10 }}", tol', '"{{ mm * c * 10 }}", tol', name="mm", suggestion="m"),
    numeric("an unknown name in a condition", "6:23", "V103", "m * c < 17", "m * d < 17", name="d"),
    numeric("an unknown function", "9:21", "V104", "共 {{ m * c * 10 }}", "共 {{ cell(m) }}", name="cell", suggestion="ceil"),
    numeric("a divisor that is zero for one draw", "9:21", "V105", "共 {{ m * c * 10 }}", "共 {{ m / (m - 90) | 1 }}",
            divisor="m - 90", draw=" [m=80, c=0.1]"),
    numeric("a divisor of a condition that is zero", "6:19", "V105", "m * c < 17", "m / (c - 0.1) < 900", divisor="c - 0.1",
            draw=" [m=80, c=0.1]"),
    numeric("a divisor of the only condition that is never above zero", "6:19", "V105", "m * c < 17", "m / (c - 0.2) < 900",
            divisor="c - 0.2", draw=" [m=80, c=0.1]"),
    numeric("a root of a negative number", "9:21", "V106", "共 {{ m * c * 10 }}", "共 {{ sqrt(80 - m) | 1 }}", draw=" [m=90, c=0.1]"),
    numeric("a sum of a number and a text", "9:21", "V107", "共 {{ m * c * 10 }}", "共 {{ m + 'x' }}", operation="+"),
    numeric("a condition that compares a number with a text", "6:19", "V107", "m * c < 17", "m == 'x'"),
    numeric("an expression of a page", "9:20", "V108", "共 {{ m * c * 10 }}", "共 {{ " + "m + " * 130 + "m }}"),
    numeric("a format that is no number", "9:23", "V109", "共 {{ m * c * 10 }}", "共 {{ m | .2f }}", found="| .2f "),
    numeric("braces that never close", "9:18", "V129", "共 {{ m * c * 10 }}", "共 {{ m * c * 10"),
    numeric("a comparison in the middle of a text", "9:20", "V128", "共 {{ m * c * 10 }}", "共 {{ m > c }}", expression="m > c"),
    numeric("too many digits", "9:21", "V113", "共 {{ m * c * 10 }}", "共 {{ m / 7 }}", expression="m / 7", value="11.428571428…",
            draw="m=80, c=0.1"),
    numeric("a value that rounds to nothing", "9:21", "V114", "共 {{ m * c * 10 }}", "共 {{ c / 100 | 2 }}", "warning", value="0.001"),
    numeric("a quantity below zero", "9:21", "V116", "共 {{ m * c * 10 }}", "共 {{ 85 - m }}", "warning", value="-5", draw="m=90, c=0.1"),
    numeric("a parameter that is not used", "5:46", "V117", "c: [0.1, 0.2]}", "c: [0.1, 0.2], d: [1, 2]}", "warning", name="d"),
    numeric("conditions that nothing meets", "6:17", "V118", "m * c < 17", "m * c > 170", n="4"),
    numeric("a condition that is a number", "6:19", "V119", "m * c < 17", "m * c", expression="m * c"),
    numeric("a parameter named as a function", "5:18", "V122", "{m: [80, 90], c:", "{abs: [1, 2], m: [80, 90], c:", name="abs"),
    numeric("a range that misses its end", "5:21", "V123", "m: [80, 90]", "m: {from: 80, to: 90, step: 4}", reached="88"),
    numeric("a range that goes down", "5:21", "V123", "m: [80, 90]", "m: {from: 90, to: 80}"),
    numeric("a range of a hundred thousand", "5:21", "V124", "m: [80, 90]", "m: {from: 1, to: 100, step: 0.001}", n="99001"),
    numeric("a hundred conditions", "6:17", "V124", '["m * c < 17"]', "[" + ", ".join(["m > 1"] * 100) + "]", name="conditions", n="100"),
    numeric("a parameter without values", "5:21", "V124", "m: [80, 90]", "m: []", n="0"),
    numeric("the same number twice", "5:26", "V125", "m: [80, 90]", "m: [80, 80.0]", found="80.0"),
    numeric("numbers and texts mixed", "5:26", "V125", "m: [80, 90]", "m: [80, many]", found="many"),
    numeric("a range without an end", "5:21", "S102", "m: [80, 90]", "m: {from: 80}", key="to"),
    numeric("a range with a word", "5:36", "S103", "m: [80, 90]", "m: {from: 80, to: many}", key="to"),
    numeric("one value for a parameter", "5:21", "S103", "m: [80, 90]", "m: 80", key="m", expected="list"),
    numeric("parameters as a list", "5:17", "S103", "{m: [80, 90], c: [0.1, 0.2]}", "[m, c]", key="parameters"),
    numeric("a single condition without brackets", "6:17", "S103", '["m * c < 17"]', "m * c < 17", key="conditions"),
    numeric("only one variant", "5:5", "V127", "m * c < 17", "m * c < 9 and c < 0.11", "warning"),
    numeric("a key that is zero with a relative tolerance", "8:18", "V115", '"{{ m * c * 10 }}", tolerance: 0.5', '"{{ (m - 80) * 10 }}", tolerance: 1%',
            draw="m=80, c=0.1"),
    numeric("a key that is too exact", "8:22", "V113", '"{{ m * c * 10 }}", tol', '"{{ m / c / 7 }}", tol'),
    numeric("a tolerance that is too large for one variant", "8:49", "V110", "tolerance: 0.5", "tolerance: 85", problem="Q109",
            draw="m=80, c=0.1"),
    numeric("a key that is a text in one variant", "8:18", "V111", '"{{ m * c * 10 }}", tol', '"{{ m if c < 0.2 else \'x\' }}", tol',
            key="key.value", found="x", draw="m=80, c=0.2"),
    Wrong("conditions without parameters", NUMERIC.replace("    parameters: {m: [80, 90], c: [0.1, 0.2]}\n", "").replace("{{", "").replace("}}", "")
          .replace('" m * c * 10 "', "80"), "5:5", "V126"),
    single("options that read alike in one variant", "9:10", "V110", '"{{ m * c }} kg"', '"{{ m * 2 }} kg"', problem="Q107",
           draw="m=80, c=0.2"),
    single("options that are the same number", "9:10", "V112", '"{{ m * c }} kg"', '"{{ m * 2 | 1 }} kg"', same="A", draw="m=80, c=0.2"),
    single("another key in one variant", "10:10", "V130", "key: A", "key: \"{{ 'A' if c < 0.2 else 'B' }}\"", key="B", other="A"),
    plain("a formula with another result", "6:18", "V120", CALC.replace("F", "2.14*0.5*3.2*1000/85"), found="40.282", value="42.8"),
    plain("a formula that agrees within the tolerance only", "6:18", "V120", CALC.replace("F", "2.14*0.5*3.2*1000/79.5"), "warning",
          found="43.069"),
    plain("a formula with a name", "6:65", "V103", CALC.replace("F", "2.14*Si*1000"), name="Si"),
    plain("a formula that divides by zero", "6:60", "V105", CALC.replace("F", "2.14/(80-80)"), divisor="80-80", draw=""),
    plain("a formula that is a comparison", "6:60", "V107", CALC.replace("F", "1 < 2")),
    plain("an option that is not what its formula gives", "6:18", "V121", CHOICE.replace("F", "2.14*0.5*3.2*1000/85"), found="40.282"),
    plain("an option that is no number", "6:18", "V121", CHOICE.replace("$42.8$ kg/t", "增大").replace("F", "1 + 1"), found="2"),
    plain("a formula of an option with a slip", "8:19", "V101", CHOICE.replace("F", "2.14*")),
]  # fmt: skip

SOUND = [
    plain("a numeric template", "", "", NUMERIC),
    plain("a single-choice template", "", "", SINGLE),
    plain("a formula that agrees", "", "", CALC.replace("F", "2.14 * 0.5 * 3.2 * 1000 / 80")),
    plain("a formula that agrees within half of the last digit", "", "", CALC.replace("F", "42.849")),
    plain("an option with its formula", "", "", CHOICE.replace("F", "2.14 * 0.5 * 3.2 * 1000 / 80")),
    plain("braces in an item without parameters", "", "", "    kind: true_false\n    stem: 集合 {{ a }} 与 {{ 是空的。\n    key: true\n"),
    plain("a formula between braces of mathematics", "", "", NUMERIC.replace("共 {{ m * c * 10 }} kg", "$\\frac{{{ m }}}{2_{3}}$")),
    plain("a temperature below zero", "", "", NUMERIC.replace("共 {{ m * c * 10 }} kg", "共 {{ 70 - m }} ℃")),
    plain("a divisor that a condition keeps from zero", "", "", NUMERIC.replace("m * c < 17", "m < 90").replace(
        "共 {{ m * c * 10 }}", "共 {{ m / (90 - m) | 1 }}")),
    plain("a text as a parameter", "", "", NUMERIC.replace("c: [0.1, 0.2]}", "c: [0.1, 0.2], s: [Q235, 45钢]}").replace(
        "铁水 {{ m }}", "冶炼 {{ s }}，系数 {{ 2 if s == 'Q235' else 3 }}，铁水 {{ m }}")),
]  # fmt: skip
