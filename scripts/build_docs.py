"""Build the generated pages of the manual from docstrings and the catalogue: rules, constraints, problems, verbs.

``--check`` writes nothing and ends with 1 where a page is out of date.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.objectives import OBJECTIVES
from qbank.cli.__main__ import VERBS
from qbank.lint import RULES, code_of
from qbank.messages import group_texts, text

DOCS = Path(__file__).resolve().parent.parent / "docs" / "reference"
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


PAGES = {
    "rules.md": rules_page,
    "constraints.md": constraints_page,
    "objectives.md": objectives_page,
    "problems.md": problems_page,
    "verbs.md": verbs_page,
}


def main() -> None:
    """Write the pages, or compare them."""
    stale = []
    for name, page in PAGES.items():
        path, wanted = DOCS / name, HEAD + page()
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_text("utf-8") != wanted:
                stale.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, "utf-8", newline="\n")
    if stale:
        sys.exit(f"out of date: {', '.join(stale)} (python3 dev.py docs)")


if __name__ == "__main__":
    main()
