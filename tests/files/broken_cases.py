"""Banks with one mistake each: what is rewritten in the sound bank, and the one error that must come of it.

Line and column were counted by hand in the text as it stands after the change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.files.sound import ITEMS, SOUND, STANDARD, Files, changed

A, S, B = "items/a.yaml", "standard.yaml", "bank.yaml"


@dataclass(frozen=True)
class Case:
    """A mistake by name: the files that hold it, the place of the error as ``file:line:column``, code and facts."""

    name: str
    files: Files
    at: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


def broken(name: str, at: str, code: str, old: str, new: str, /, **facts: str) -> Case:
    """Return a case that rewrites one place of the file in which the error is expected."""
    return Case(name, changed(at.split(":")[0], old, new), at, code, facts)


DEFAULTS = "defaults: {kind: single, level: 4, grade: 2, cognitive: apply, seconds: 60}"
SECOND_FILE = """\
items:
  - {id: Q-3, kind: true_false, competency: A-001, stem: 先通风。, key: true,
     level: 4, grade: 1, cognitive: remember, seconds: 30}
"""
OPTIONS = "      A: 铁\n      B: 铜\n      C: 铝\n"

CASES = [
    # the text is no YAML that qbank reads
    broken("a blank before a colon's value is missing", f"{A}:4:16", "Y001", "competency: A-001", "competency: A: 1"),
    broken("an unclosed bracket", f"{A}:12:3", "Y001", "    pin: [C]\n", "    pin: [C\n"),
    broken("a text that ends inside quotes", f"{B}:5:1", "Y001", "standard: standard.yaml", 'standard: "standard.yaml'),
    broken("a tab as indentation", f"{A}:4:1", "Y001", "    competency: A-001", "\tcompetency: A-001"),
    broken("a key of an item twice", f"{A}:6:5", "Y002", "    options:", "    stem: 又一题\n    options:",
           key="stem", line="5"),
    broken("a key of bank.yaml twice", f"{B}:3:1", "Y002", "language: zh", "title: 又\nlanguage: zh", key="title", line="2"),
    broken("an option twice", f"{A}:8:7", "Y002", "      B: 铜", "      A: 铜\n      B: 锌", key="A", line="7"),
    broken("an anchor", f"{A}:1:11", "Y003", "defaults: {kind", "defaults: &all {kind", what="&all"),
    broken("an alias", f"{A}:10:10", "Y003", "key: A\n", "key: *a\n", what="*a"),
    broken("a tag", f"{A}:10:10", "Y003", "key: A\n", "key: !!str A\n", what="!!str"),
    broken("a tag that would run code", f"{A}:10:10", "Y003", "key: A\n", "key: !!python/object/apply:os.system [ls]\n",
           what="!!python/object/apply:os.system"),
    broken("a list as a key", f"{A}:10:7", "Y008", "    key: A\n", "    ? [k]\n    : A\n"),
    Case("a file that is empty", {**SOUND, A: ""}, f"{A}:1:1", "Y005"),
    Case("a file of comments", {**SOUND, A: "# later\n"}, f"{A}:1:1", "Y005"),
    Case("two documents", {**SOUND, A: ITEMS + "---\nitems: []\n"}, f"{A}:24:1", "Y007"),
    Case("a file in GB18030", {**SOUND, A: ITEMS.encode("gb18030")}, f"{A}:5:11", "Y009", {"byte": "0xCC"}),
    Case("one byte that is not UTF-8 after Chinese", {**SOUND, A: ITEMS.encode().replace("B: 铜".encode(), b"B: \xff")},
         f"{A}:8:10", "Y009", {"byte": "0xFF"}),
    Case("a byte that is not UTF-8 on a line of Chinese",
         {**SOUND, B: "bank: tiny\ntitle: 小题库".encode() + b"\xa4\nlanguage: zh\n"}, f"{B}:2:11", "Y009", {"byte": "0xA4"}),
    broken("a NUL byte after Chinese", f"{A}:5:11", "Y006", "主要成分", "主\0要", character="U+0000")
    if False
    else broken("a NUL byte after Chinese", f"{A}:5:14", "Y006", "主要成分", "主\0要", character="U+0000"),
    broken("forty-one brackets", f"{A}:10:47", "Y004", "key: A\n", "key: " + "[" * 60 + "]" * 60 + "\n", depth="40"),
    # the shape of the files
    broken("an unknown key of an item", f"{A}:5:5", "S101", "stem: 铁水", "stam: 铁水", key="stam", suggestion="stem")
    if False
    else broken("an unknown key of an item", f"{A}:11:5", "S101", "    pin: [C]", "    shufle: false",
                key="shufle", suggestion="shuffle"),
    broken("an unknown key that belongs to the head", f"{A}:22:5", "S101", "marks: 2", "mark: 2", key="mark", suggestion="marks"),
    broken("an unknown key in defaults", f"{A}:1:35", "S101", "grade: 2,", "grade: 2, tag: [],", key="tag", suggestion="tags")
    if False
    else broken("an unknown key in defaults", f"{A}:1:45", "S101", "grade: 2,", "grade: 2, tag: [],", key="tag", suggestion="tags"),
    broken("a body's key in defaults", f"{A}:1:45", "S101", "grade: 2,", "grade: 2, options: {},", key="options"),
    broken("an unknown key beside items", f"{A}:2:1", "S101", DEFAULTS, DEFAULTS + "\ndefault: {}", key="default", suggestion="defaults"),
    broken("an unknown key of the standard", f"{S}:4:1", "S101", "official: false\n", "ofical: 1\nofficial: false\n",
           key="ofical", suggestion="official"),
    broken("an unknown key of a competency", f"{S}:11:39", "S101", "安全, levels", "安全, require: [], levels",
           key="require", suggestion="requires"),
    broken("an unknown key of bank.yaml", f"{B}:4:1", "S101", "standard: standard.yaml", "standart: standard.yaml",
           key="standart", suggestion="standard"),
    broken("an unknown key in a numeric key", f"{A}:23:24", "S101", "tolerance: 5", "tolerence: 5",
           key="tolerence", suggestion="tolerance"),
    broken("a missing stem", f"{A}:3:5", "S102", "    stem: 铁水的主要成分是什么？\n", "", key="stem"),
    broken("a missing id", f"{A}:18:5", "S102", "id: Q-3\n    kind", "kind", key="id"),
    broken("a missing key", f"{A}:3:5", "S102", "    key: A\n", "", key="key"),
    broken("a missing value in a numeric key", f"{A}:23:10", "S102", "value: 1680, ", "", key="value"),
    broken("a missing kind", f"{A}:3:5", "S102", "kind: single, ", "", key="kind")
    if False
    else Case("a missing kind", {**SOUND, A: ITEMS.replace("kind: single, ", "")}, f"{A}:3:5", "S102", {"key": "kind"}),
    Case("a missing level of one item", {**SOUND, A: ITEMS + SECOND_FILE[7:].replace("Q-3", "Q-4").replace("level: 4, ", "")
         .replace("grade", "grade")}, "", ""),
    broken("a missing list of items", f"{A}:1:1", "S102", "\nitems:", "\ndefaultz:", key="items"),
]
