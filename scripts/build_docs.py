"""Build the generated pages: from docstrings and the catalogue rules, constraints, problems, verbs, irt; the counts of banks.

``--check`` writes nothing and ends with 1 where a page is out of date.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

from bank_tables import with_counts

from qbank import irt
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.objectives import OBJECTIVES
from qbank.cli.__main__ import VERBS
from qbank.irt.fit.ability_groups import grouped_fit
from qbank.irt.fit.mean_squares import mean_squares
from qbank.irt.fit.rmsd import deviations
from qbank.irt.fit.sum_score_groups import sum_score_fit
from qbank.irt.linking.drift import DRIFT_STATISTICS
from qbank.irt.models import MODELS, Model
from qbank.irt.priors import DENSITIES
from qbank.lint import RULES, code_of
from qbank.messages import group_texts, text

DOCS = Path(__file__).resolve().parent.parent / "docs" / "reference"
BANKS = DOCS.parent.parent / "banks"
HEAD = "<!-- built by `python3 dev.py docs`; edit the source instead -->\n\n"


def rules_page() -> str:
    """Return a table of all rules, then one section each."""
    rules = sorted((code_of(rule), severities(rule), name, rule) for name, rule in RULES.items())
    rows = [
        f"| [{code}](#{anchor(code, name)}) | {severity} | {first_sentence(rule)} |" for code, severity, name, rule in rules
    ]
    parts = [
        f"## {code} {name}\n\n*{severity}* · {markdown(rule).partition(': ')[2]}\n" for code, severity, name, rule in rules
    ]
    return (
        "# Rules over a bank\n\n`qbank check` applies all of them; `qbank check --explain CODE` shows the page of one. "
        "An error keeps a bank from being used, a warning should be looked at, a note is a hint of style "
        "(`--notes` lists notes).\n\n"
        "| code | severity | what it asks |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n\n" + "\n".join(parts)
    )


def anchor(code: str, name: str) -> str:
    """Return the anchor that Markdown gives the heading of a rule."""
    return f"{code} {name}".lower().replace(" ", "-")


def markdown(rule: Callable[..., object]) -> str:
    """Return the docstring of a rule as Markdown."""
    page = inspect.cleandoc(rule.__doc__ or "")
    return re.sub(r"::$", ":", page, flags=re.MULTILINE).replace("``", "`").replace("\\\\", "\\")


def first_sentence(rule: Callable[..., object]) -> str:
    """Return what a rule asks: its first paragraph without the code."""
    return " ".join(markdown(rule).split("\n\n")[0].partition(": ")[2].split()).replace("|", "\\|")


def severities(rule: Callable[..., object]) -> str:
    """Return how severe the findings of a rule are, read from its source and that of the helpers it calls."""
    tree = ast.parse(inspect.getsource(sys.modules[rule.__module__]))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    names: set[str] = set()
    waiting = [rule.__name__]
    while waiting:
        own = {node.id for node in ast.walk(functions[waiting.pop()]) if isinstance(node, ast.Name)}
        waiting += sorted((own & functions.keys()) - names)
        names |= own
    return " or ".join(word for word in ("error", "warning", "note") if word in names) or "–"


def constraints_page() -> str:
    """Return one section a constraint."""
    parts = [
        f"## {word}\n\n{inspect.cleandoc(entry.compile.__doc__ or '')}\n" for word, entry in CONSTRAINTS.items()
    ]
    return "# Constraints of a blueprint\n\nEach stands under `constraints:` as one list entry.\n\n" + "\n".join(parts)


def objectives_page() -> str:
    """Return one section an objective."""
    parts = [
        f"## {word}\n\n{inspect.cleandoc(entry.wanted.__doc__ or '').replace('``', '`')}\n" for word, entry in OBJECTIVES.items()
    ]
    return (
        "# Objectives of a blueprint\n\nOne stands under `objective:` with its options, or several in a list under "
        "`goals:`. Every one takes `at` (abilities: `cut`, a list, or `{from: -1, to: 1}`), `weight` (1), `priority` "
        "(1), `slack` (0.02) and `robust` (`true`: one standard error; or a number of them).\n\n" + "\n".join(parts)
    )


def problems_page() -> str:
    """Return a table of codes in both languages."""
    zh, en = group_texts("zh", "problem"), group_texts("en", "problem")
    rows = [f"| {code} | {en[code]} | {zh[code]} |" for code in sorted(en) if "." not in code]
    return "# Problem codes\n\n| code | English | 中文 |\n| --- | --- | --- |\n" + "\n".join(rows).replace("\\$", "$") + "\n"


def verbs_page() -> str:
    """Return every verb with its example."""
    rows = [
        f"| `{verb}` | {text('en', f'cli.{verb}.short')} | {text('zh', f'cli.{verb}.short')} | `{text('en', f'cli.{verb}.example')}` |"
        for verb in VERBS
    ]
    return "# Verbs\n\n| verb | does | 作用 | example |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"


IRT_TYPES = """| written | is |
| --- | --- |
| `ArrayLike` | an array, or nested lists of numbers |
| `FloatArray`, `IndexArray`, `ScoreArray`, `Mask` | NumPy arrays of float64, integers, int8, bool |
| `Source`, `Calibrated` | `ItemParameters`, or what a calibration returns |
| `MeanAndSd` | `(mean, sd)` of ability, numbers or one for each person |
| `Fixed` | `ItemParameters`, `{item: {"a": 1.2, "b": 0.3}}` by index or label, or `{"a": array, "b": array}` with NaN where free |
| `Ties`, `GivenTies` | `[("a", [0, 1, 2])]`: name, and the items that share it, by index or label |
| `Priors` | `{"c": ("beta", 5, 17)}`: name, density, its two numbers (or arrays of them) |
| `Covariates` | `(n_persons, n_covariates)`, or name → `(n_persons,)` |
| `Design` | a mask (n_persons, n_items), or a function of (complete answers, parameters, generator) that returns one |
| `Resample` | a function of a random generator that returns `(source, target)` drawn anew |
"""


def irt_page() -> str:
    """Return the models of qbank.irt, then every function and record that it gives."""
    known = {name: getattr(irt, name) for name in irt.__all__ if name != "MODELS"}
    functions = {name: thing for name, thing in known.items() if not inspect.isclass(thing)}
    records = {name: thing for name, thing in known.items() if inspect.isclass(thing)}
    return (
        "# qbank.irt\n\nEvery model, function and record of `from qbank import irt`. How to use them, task by task: "
        "[English](../en/irt.md), [中文](../zh/irt.md).\n\n"
        + irt_models()
        + "## Priors\n\n" + docstring(sys.modules["qbank.irt.priors"])
        + f"\nDensities: {names(tuple(DENSITIES))}.\n\n"
        + "## Statistics of item fit\n\n"
        + "\n".join(f"### {part.__name__}\n\n{docstring(part)}" for part in ITEM_FIT)
        + "\n## Statistics of drift\n\n| word | definition |\n| --- | --- |\n"
        + "".join(f"| `{word}` | {statistic.doc} |\n" for word, statistic in DRIFT_STATISTICS.items())
        + "\n## Functions\n\nTypes are written short:\n\n" + IRT_TYPES + "\n"
        + "\n".join(
            f"### {name}\n\n```python\n{signature(name, thing)}\n```\n\n{docstring(thing)}"
            for name, thing in functions.items()
        )
        + "\n## Records\n\nWhat functions return. Their arrays are read-only.\n\n"
        + "\n".join(f"### {name}\n\n{docstring(thing)}{methods(thing)}" for name, thing in records.items())
    )  # fmt: skip


ITEM_FIT: tuple[Callable[..., object], ...] = (mean_squares, sum_score_fit, grouped_fit, deviations)


def irt_models() -> str:
    """Return a table of the models, then one paragraph each."""
    rows = [
        f"| [`{word}`](#{word}) | {categories(model)} | {names(model.parameters(n))} | {names(model.reported(n))} | "
        f"{names(model.shared(n)) or '–'} |"
        for word, model in MODELS.items()
        for n in (min(model.categories[1], 4),)
    ]
    parts = [f"### {word}\n\n{model.doc}\n" for word, model in MODELS.items()]
    return (
        "## Models\n\nThe words of `model=`. Parameters of models with more than two categories are those of an item "
        "with four. Shared are those that all items of the model with as many categories have in common; a slope "
        "that is not shared is each item's own, or 1 where the model's text says so.\n\n"
        "| word | categories | estimated | reported | shared |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join(rows) + "\n\n" + "\n".join(parts) + "\n"
    )  # fmt: skip


def categories(model: Model) -> str:
    """Return how many categories an item of a model may have."""
    least, most = model.categories
    return str(least) if least == most else f"{least} to {most}"


def names(words: tuple[str, ...]) -> str:
    """Return names as code."""
    return ", ".join(f"`{word}`" for word in words)


def docstring(thing: object) -> str:
    """Return a docstring: the first paragraph as text, the rest as it is laid out, the example as code."""
    page = inspect.cleandoc(thing.__doc__ or "")
    told, _, example = page.partition("\n>>> ")
    first, _, rest = told.strip().partition("\n\n")
    parts = [" ".join(first.split()).replace("*", "\\*")]
    if rest.strip():
        parts.append(f"```text\n{rest.strip()}\n```")
    if example:
        parts.append(f"```python\n>>> {example.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def signature(name: str, function: Callable[..., object]) -> str:
    """Return a call as a function's source writes it, types by their short names, defaults by their values."""
    tree = ast.parse(inspect.getsource(function)).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(f"{name} is not a function")
    arguments = tree.args
    written = {one.arg: one.annotation for one in (*arguments.args, *arguments.kwonlyargs)}
    parts, keyword = [], False
    for one in inspect.signature(function).parameters.values():
        if one.kind is one.VAR_KEYWORD:
            parts.append(f"**{one.name}")
            continue
        if one.kind is one.KEYWORD_ONLY and not keyword:
            parts, keyword = [*parts, "*"], True
        type_of = written[one.name]
        default = "" if one.default is one.empty else f" = {one.default!r}"
        parts.append(f"{one.name}: {ast.unparse(type_of) if type_of is not None else ''}{default}".replace("'", '"'))
    result = f" -> {ast.unparse(tree.returns)}" if tree.returns is not None else ""
    line = f"{name}({', '.join(parts)}){result}"
    return line if len(line) <= 100 else f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){result}"


def methods(record: type) -> str:
    """Return the properties and methods of a record, with what each returns."""
    found = [
        (name, thing) for name, thing in vars(record).items()
        if not name.startswith("_") and (isinstance(thing, property) or inspect.isfunction(thing))
    ]  # fmt: skip
    lines = [
        f"- `{name}{'' if isinstance(thing, property) else '(…)'}`: {(thing.__doc__ or '').split(chr(10))[0]}\n"
        for name, thing in found
    ]
    return "\n" + "".join(lines) if lines else ""


PAGES = {
    "rules.md": rules_page,
    "constraints.md": constraints_page,
    "objectives.md": objectives_page,
    "problems.md": problems_page,
    "verbs.md": verbs_page,
    "irt.md": irt_page,
}


def main() -> None:
    """Write the pages, or compare them."""
    stale = []
    pages = {DOCS / name: HEAD + page() for name, page in PAGES.items()}
    pages |= {path: with_counts(path) for path in sorted(BANKS.glob("*/README.md"))}
    for path, wanted in pages.items():
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_text("utf-8") != wanted:
                stale.append(f"{path.parent.name}/{path.name}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, "utf-8", newline="\n")
    if stale:
        sys.exit(f"out of date: {', '.join(stale)} (python3 dev.py docs)")


if __name__ == "__main__":
    main()
