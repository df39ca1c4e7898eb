"""Rule cases as data: snippets of items that pass or fail a rule, with the place of what is found.

A snippet is one item (only the keys that matter; the rest is filled in), a whole file with ``items:``, or a
``standard:``. Lines and columns are those of the snippet.
"""

from __future__ import annotations

from collections.abc import Mapping as Facts
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qbank.core.bank import make_bank
from qbank.core.presentation import Language
from qbank.files.comments import read_opt_outs
from qbank.files.items import ItemPlaces, read_items
from qbank.files.standard import read_standard
from qbank.files.yaml_text import Mapping, Node, Scalar, Sequence, parse_yaml, plain
from qbank.lint import BANK_RULES, ItemInput, RuleInput, code_of, item_findings
from qbank.lint.silence import OPT_OUT_RULES, OptOutInput, silence
from qbank.problem import Problem, has_errors
from qbank.workflow.bank import ACCEPTABLE

FOLDER = Path(__file__).parent / "cases"
PATH = "items/case.yaml"
HEAD = {"competency": "A-001", "level": 4, "grade": 2, "cognitive": "apply", "seconds": 60, "status": "live",
        "rationale": "见教材", "reference": "教材·第 3 章", "kind": "single"}  # fmt: skip
SINGLE = {"stem": "转炉托圈的主要作用是（　　）。", "key": "A",
          "options": {"A": "支承炉体", "B": "加固炉衬", "C": "密封炉口", "D": "承托氧枪"}}  # fmt: skip
STANDARD = """\
occupation: {code: 6-17-02-02, title: 炼钢工}
official: false
levels: [5, 4, 3]
domains:
  - code: A
    title: 基础知识
    weight: {5: 100, 4: 100, 3: 100}
    competencies:
      - {code: A-001, title: 安全, levels: [5, 4, 3]}
"""


@dataclass(frozen=True)
class Case:
    """One snippet; ``line`` 0: the rule finds nothing in it."""

    code: str
    text: str
    language: Language
    references: tuple[tuple[str, str], ...]
    line: int = 0
    column: int = 0
    facts: Facts[str, str] | None = None


def cases() -> list[Case]:
    """Return every case of every file."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        data = yaml.safe_load(path.read_text("utf-8"))
        found += [_case(data["rule"], entry) for entry in (*data["pass"], *data["fail"])]
    return found


def _case(code: str, entry: Any) -> Case:
    if isinstance(entry, str):
        return Case(code, entry, "zh", ())
    references = tuple((title, str(edition)) for title, edition in entry.get("references", {}).items())
    facts = {name: str(value) for name, value in entry["facts"].items()} if "facts" in entry else None
    return Case(code, entry["yaml"], entry.get("language", "zh"), references, entry.get("line", 0), entry.get("column", 0), facts)


def findings(case: Case) -> list[Problem]:
    """Return everything that check finds in the snippet, errors of reading included."""
    node, problems = parse_yaml(case.text, PATH)
    assert isinstance(node, Mapping), problems
    standard_node = node.entries.get("standard") or parse_yaml(STANDARD, "standard.yaml")[0]
    assert standard_node is not None
    standard, wrong = read_standard(standard_node, PATH)
    assert standard is not None, wrong
    items = node.entries.get("items")
    entries = items.entries if isinstance(items, Sequence) else [] if "standard" in node.entries else [node]
    filled: list[Node] = [_filled(entry, number) for number, entry in enumerate(entries, 1)]
    keys = node.keys if items else {"items": (1, 1)}
    texts, declared, more = read_items(Mapping({"items": Sequence(filled, 1, 1)}, keys, 1, 1), ItemPlaces(PATH))
    opt_outs = tuple(read_opt_outs(case.text.encode(), node, PATH)) if items else ()
    problems += wrong + more
    bank = make_bank(
        name="case", title="case", language=case.language, root=".", standard=standard, standard_digest="",
        items={text.item.id: text.item for text in texts}, references=case.references,
    )  # fmt: skip
    for text in texts:
        problems += item_findings(ItemInput(text.item, standard, case.language, text.place))
    given = RuleInput(bank, {text.item.id: text.place for text in texts}, frozenset(declared))
    for rule in BANK_RULES.values():
        if code_of(rule).startswith("W"):  # the snippets of statistics repeat one question many times
            problems += rule(given)
    kept, used = silence(problems, opt_outs)
    complaint = OptOutInput(opt_outs, used, ACCEPTABLE)
    return kept + [problem for check in OPT_OUT_RULES.values() for problem in check(complaint)]


def _filled(entry: Node, number: int) -> Mapping:
    assert isinstance(entry, Mapping)
    kind = entry.entries.get("kind")
    single = kind is None or (isinstance(kind, Scalar) and kind.text == "single")
    defaults: dict[str, Any] = {**HEAD, "id": f"T-{number}", **(SINGLE if single else {"stem": SINGLE["stem"]})}
    missing = {key: _node(value, entry) for key, value in defaults.items() if key not in entry.entries}
    places = dict.fromkeys(missing, (entry.line, entry.column))
    return Mapping(entry.entries | missing, entry.keys | places, entry.line, entry.column)


def _node(value: Any, entry: Mapping) -> Node:
    if isinstance(value, dict):
        parts = {key: _node(part, entry) for key, part in value.items()}
        return Mapping(parts, dict.fromkeys(parts, (entry.line, entry.column)), entry.line, entry.column)
    return Scalar(value, str(value), entry.line, entry.column)


def read_snippet(text: str) -> Any:
    """Return a snippet as plain data."""
    return plain(parse_yaml(text, PATH)[0])


def no_errors(problems: list[Problem]) -> bool:
    """Return whether a snippet is sound but for its style."""
    # Items filled up from one sample ask the same question with other keys (D102); that is not what a case is about.
    return not has_errors([problem for problem in problems if problem.code != "D102"])
