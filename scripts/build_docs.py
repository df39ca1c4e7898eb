"""Build the generated pages of the manual from docstrings and the catalogue: rules, constraints, problems, verbs.

``--check`` writes nothing and ends with 1 where a page is out of date.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from qbank.assemble.constraints import CONSTRAINTS
from qbank.cli.__main__ import VERBS
from qbank.lint import RULES
from qbank.messages import group_texts, text

DOCS = Path(__file__).resolve().parent.parent / "docs" / "reference"
HEAD = "<!-- built by `python3 dev.py docs`; edit the source instead -->\n\n"


def rules_page() -> str:
    """Return one section a lint rule."""
    parts = [f"## {name}\n\n{inspect.cleandoc(rule.__doc__ or '')}\n" for name, rule in RULES.items()]
    return "# Rules over a bank\n\n`qbank check` applies all of them.\n\n" + "\n".join(parts)


def constraints_page() -> str:
    """Return one section a constraint."""
    parts = [
        f"## {word}\n\n{inspect.cleandoc(entry.compile.__doc__ or '')}\n" for word, entry in CONSTRAINTS.items()
    ]
    return "# Constraints of a blueprint\n\nEach stands under `constraints:` as one list entry.\n\n" + "\n".join(parts)


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
