"""Banks with one mistake each: what is rewritten in the sound bank, and the one error that must come of it.

Line and column were counted in the text as it stands after the change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.files.sound import BANK, ITEMS, KIND_ITEMS, SHARED_ITEMS, SOUND, STANDARD, Files, changed

A, S, B = "items/a.yaml", "standard.yaml", "bank.yaml"


@dataclass(frozen=True)
class Case:
    """A mistake by name: the files that hold it, the place of the error as ``file:line:column``, code, some facts."""

    name: str
    files: Files
    at: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


def broken(name: str, at: str, code: str, old: str, new: str, /, **facts: str) -> Case:
    """Return a case that rewrites the only ``old`` of the file in which the error is expected."""
    return Case(name, changed(at.split(":")[0], old, new), at, code, facts)


def item(name: str, place: str, code: str, old: str, new: str, /, **facts: str) -> Case:
    """Return a case of the items' file."""
    return broken(name, f"{A}:{place}", code, old, new, **facts)


def standard(name: str, place: str, code: str, old: str, new: str, /, **facts: str) -> Case:
    """Return a case of the standard's file."""
    return broken(name, f"{S}:{place}", code, old, new, **facts)


def kind(name: str, place: str, code: str, old: str, new: str, /, **facts: str) -> Case:
    """Return a case of the file that holds an item of every kind beside the sound bank's own."""
    assert KIND_ITEMS.count(old) == 1, f"{old!r} stands {KIND_ITEMS.count(old)} times in the items of every kind"
    files = {**SOUND, "items/kinds.yaml": KIND_ITEMS.replace(old, new)}
    return Case(name, files, f"items/kinds.yaml:{place}", code, facts)


def shared(name: str, place: str, code: str, old: str, new: str, /, **facts: str) -> Case:
    """Return a case of the file whose items share stimuli, beside the sound bank's own."""
    assert SHARED_ITEMS.count(old) == 1, f"{old!r} stands {SHARED_ITEMS.count(old)} times in the items with stimuli"
    files = {**SOUND, "items/shared.yaml": SHARED_ITEMS.replace(old, new)}
    return Case(name, files, f"items/shared.yaml:{place}", code, facts)


GBK = ITEMS.encode("gb18030")
BYTE_AFTER_CHINESE = ITEMS.encode().replace("B: 铜".encode(), "B: 铜铜".encode() + b"\xff")
SECOND_FILE = """\
items:
  - {id: Q-3, kind: true_false, competency: A-001, stem: 先通风。, key: true,
     level: 4, grade: 1, cognitive: remember, seconds: 30}
"""
DEEP_STANDARD = "".join(
    "  " * depth * 2 + f"  - code: {'BCDEFGH'[depth]}\n" + "  " * depth * 2 + "    title: t\n"
    + "  " * depth * 2 + ("    domains:\n" if depth < 6 else "    competencies: []\n")
    for depth in range(7)
)  # fmt: skip

TEXT_CASES = [
    item("a second colon in a line", "4:18", "Y001", "competency: A-001", "competency: A: 1"),
    item("an unclosed bracket", "12:7", "Y001", "    pin: [C]", "    pin: [C"),
    item("a tab as indentation", "4:1", "Y001", "    competency: A-001", "\tcompetency: A-001"),
    broken("quotes that never end", f"{B}:5:1", "Y001", "standard: standard.yaml", 'standard: "standard.yaml'),
    broken("quotes that never end on a last line without a break", f"{B}:4:25", "Y001",
           "standard: standard.yaml\n", 'standard: "standard.yaml'),
    item("a key of an item twice", "6:5", "Y002", "    options:", "    stem: 又一题\n    options:", key="stem", line="5"),
    item("an option letter twice", "8:7", "Y002", "      B: 铜", "      A: 铜\n      B: 锌", key="A", line="7"),
    broken("a key of bank.yaml twice", f"{B}:3:1", "Y002", "language: zh", "title: 又\nlanguage: zh", key="title", line="2"),
    item("an anchor", "1:11", "Y003", "defaults: {kind", "defaults: &all {kind", what="&all"),
    item("an alias", "10:10", "Y003", "key: A\n", "key: *a\n", what="*a"),
    item("a tag", "10:10", "Y003", "key: A\n", "key: !!str A\n", what="!!str"),
    item("a tag that would run a command", "10:10", "Y003", "key: A\n", "key: !!python/object/apply:os.system [ls]\n",
         what="!!python/object/apply:os.system"),
    item("sixty brackets", "10:47", "Y004", "key: A\n", "key: " + "[" * 60 + "]" * 60 + "\n", depth="40"),
    Case("an empty file of items", {**SOUND, A: ""}, f"{A}:1:1", "Y005"),
    Case("a standard of comments", {**SOUND, S: "# later\n"}, f"{S}:1:1", "Y005"),
    Case("a bank file with nothing but the start of a document", {**SOUND, B: "---"}, f"{B}:1:1", "Y005"),
    item("a NUL byte after Chinese", "5:15", "Y006", "主要成分", "主\0成分", character="U+0000"),
    item("a control character", "15:11", "Y006", "炉渣碱度", "\x07炉渣碱度", character="U+0007"),
    item("a control character that an escape writes", "15:12", "Y012", "炉渣碱度", '"\\x07炉渣碱度"  #', character="U+0007"),
    item("a sign that is no character", "15:12", "Y012", "炉渣碱度", '"\\ufffe炉渣碱度"  #', character="U+FFFE"),
    Case("two documents", {**SOUND, A: ITEMS + "---\nitems: []\n"}, f"{A}:24:1", "Y007"),
    item("a list as a key", "10:7", "Y008", "    key: A\n", "    ? [k]\n    : A\n"),
    Case("a file in GB18030", {**SOUND, A: GBK}, f"{A}:5:11", "Y009", {"byte": "0xCC"}),
    Case("one wrong byte after Chinese", {**SOUND, A: BYTE_AFTER_CHINESE}, f"{A}:8:12", "Y009", {"byte": "0xFF"}),
]

SHAPE_CASES = [
    item("an unknown key of an item", "11:5", "S101", "pin: [C]", "shufle: false", key="shufle", suggestion="shuffle"),
    item("a misspelt key that every item has", "22:5", "S101", "marks: 2", "mark: 2", key="mark", suggestion="marks"),
    item("an unknown key in defaults", "1:46", "S101", "grade: 2,", "grade: 2, tag: [],", key="tag", suggestion="tags"),
    item("an option list in defaults", "1:46", "S101", "grade: 2,", "grade: 2, options: {},", key="options"),
    item("an unknown key beside items", "2:1", "S101", "items:", "default: {}\nitems:", key="default", suggestion="defaults"),
    item("an unknown key in a numeric key", "23:24", "S101", "tolerance: 5", "tolerence: 5", key="tolerence",
         suggestion="tolerance"),
    standard("an unknown key of the standard", "4:1", "S101", "official: false\n", "ofical: 1\nofficial: false\n",
             key="ofical", suggestion="official"),
    standard("an unknown key of a competency", "11:34", "S101", "安全, levels", "安全, require: [], levels",
             key="require", suggestion="requires"),
    standard("an unknown key of the occupation", "4:3", "S101", "official: false", "  trad: 转炉\nofficial: false",
             key="trad", suggestion="trade"),
    broken("an unknown key of bank.yaml", f"{B}:4:1", "S101", "standard: standard.yaml", "standart: standard.yaml",
           key="standart", suggestion="standard"),
    item("no stem", "3:5", "S102", "    stem: 铁水的主要成分是什么？\n", "", key="stem"),
    item("no id", "18:5", "S102", "id: Q-3\n    kind", "kind", key="id"),
    item("no key", "3:5", "S102", "    key: A\n", "", key="key"),
    item("no value in a numeric key", "23:10", "S102", "value: 1680, ", "", key="value"),
    item("no kind", "3:5", "S102", "kind: single, ", "", key="kind"),
    Case("no items", {**SOUND, A: "defaults: {level: 4}\n"}, f"{A}:1:1", "S102", {"key": "items"}),
    broken("no title of the bank", f"{B}:1:1", "S102", "title: 小题库\n", "", key="title"),
    standard("no code of a competency", "20:13", "S102", "code: B-A-001, ", "", key="code"),
    item("true as an option", "8:10", "S103", "B: 铜", "B: true", key="B", expected="text", found="true/false"),
    item("nothing as an option", "8:9", "S103", "B: 铜", "B:", key="B", expected="text", found="nothing"),
    item("a number as the kind", "13:11", "S103", "kind: true_false", "kind: 5", key="kind", expected="text", found="number"),
    item("options as a list", "6:14", "S103", "options:\n      A: 铁\n      B: 铜\n      C: 铝\n", "options: [铁, 铜]\n",
         key="options", expected="mapping", found="list"),
    item("a fraction as the level", "1:33", "S103", "level: 4", "level: 4.5", key="level", expected="whole number",
         found="number"),
    item("a word as the truth", "16:10", "S103", "key: true", "key: yes", key="key", expected="true/false", found="text"),
    item("a number as a numeric key", "23:10", "S103", "{value: 1680, tolerance: 5, unit: ℃}", "1680", key="key",
         expected="mapping", found="number"),
    item("one enemy without brackets", "17:14", "S103", "enemies: [Q-1]", "enemies: Q-1", key="enemies",
         expected="list", found="text"),
    Case("items as a mapping", {**SOUND, A: "items: {Q-1: {}}\n"}, f"{A}:1:8", "S103", {"key": "items", "expected": "list"}),
    Case("an item as text", {**SOUND, A: "items: [Q-1]\n"}, f"{A}:1:9", "S103", {"expected": "mapping", "found": "text"}),
    Case("a bank file of one word", {**SOUND, B: "tiny\n"}, f"{B}:1:1", "S103", {"key": B, "expected": "mapping"}),
    Case("a list instead of defaults and items", {**SOUND, A: "- {}\n"}, f"{A}:1:1", "S103", {"key": "a.yaml", "found": "list"}),
    item("too many marks", "22:12", "S104", "marks: 2", "marks: 101", key="marks", found="101", limit="≤ 100.0"),
    item("marks of a third", "22:12", "S104", "marks: 2", "marks: 0.75", key="marks", found="0.75", limit="n × 0.5"),
    item("no time to answer", "1:73", "S104", "seconds: 60", "seconds: 4", key="seconds", found="4", limit="≥ 5"),
    item("a grade above five", "1:43", "S104", "grade: 2", "grade: 6", key="grade", found="6", limit="≤ 5"),
    item("a negative tolerance", "23:35", "S104", "tolerance: 5", "tolerance: -5", key="tolerance", limit="≥ 0.0"),
    standard("a weight above 100", "9:24", "S104", "3: 100", "3: 101", key="3", found="101"),
    item("a cognitive word that does not exist", "1:57", "S105", "cognitive: apply", "cognitive: aply", key="cognitive",
         found="aply", allowed="remember, understand, apply, analyse", suggestion="apply"),
    item("a kind that does not exist", "13:11", "S105", "kind: true_false", "kind: truefalse", key="kind",
         found="truefalse", allowed="single, multiple, true_false, fill, numeric, short, essay, matching, ordering, case, task", suggestion="true_false"),
    item("a status that does not exist", "12:13", "S105", "- id: Q-2\n", "- status: alive\n    id: Q-2\n", key="status",
         suggestion="live"),
    broken("a language that is not spoken", f"{B}:3:11", "S105", "language: zh", "language: cn", key="language", found="cn"),
    standard("an importance that does not exist", "11:46", "S105", "安全, levels", "安全, importance: W, levels",
             key="importance", found="W"),
    standard("a weight at a level that does not exist", "9:21", "S105", "3: 100", "6: 100", key="weight", found="6",
             allowed="1, 2, 3, 4, 5"),
    item("an empty stem", "21:11", "S106", "stem: 求出钢温度。", 'stem: ""', key="stem", least="1"),
    standard("a competency without levels", "20:48", "S106", "枪位, levels: [4]", "枪位, levels: []", key="levels"),
    item("an id that is too long", "12:9", "S107", "id: Q-2", "id: " + "Q" * 65, key="id", most="64"),
    item("an id with a blank", "12:9", "S108", "id: Q-2", "id: Q 2", key="id", found="Q 2"),
]

BANK_CASES = [
    Case("no bank.yaml", {**SOUND, B: None}, ".", "B001", {"file": "bank.yaml"}),
    Case("no standard", {**SOUND, S: None}, B, "B002", {"file": "standard.yaml"}),
    Case("a standard outside the bank", {**SOUND, B: BANK.replace("standard.yaml", "../standard.yaml")}, B, "B003",
         {"file": "../standard.yaml"}),
    Case("a standard whose name no file can have", {**SOUND, B: BANK.replace("standard.yaml", "s" * 5000)}, B, "B002"),
    Case("a standard with NUL in its name", {**SOUND, B: BANK.replace("standard.yaml", '"\\0"')}, f"{B}:4:12", "Y012"),
]

STANDARD_CASES = [
    standard("weights that do not add up", "7:3", "T101", "{4: 60}", "{4: 59}", level="4", total="99"),
    standard("two competencies that require each other", "11:16", "T102", "安全, levels: [4, 3]",
             "安全, levels: [4, 3], requires: [A-002]", cycle="A-001 → A-002 → A-001"),
    standard("a competency that requires itself", "20:20", "T102", "枪位, levels: [4]",
             "枪位, levels: [4], requires: [B-A-001]", cycle="B-A-001 → B-A-001"),
    standard("a prerequisite that does not exist", "12:16", "T103", "requires: [A-001]", "requires: [A-999]",
             code="A-002", requires="A-999"),
    standard("a competency's code twice", "21:20", "T104", "B-A-002", "B-A-001", code="B-A-001", line="20"),
    Case("a domain's code twice", {**SOUND, S: STANDARD + "  - {code: A, title: 又}\n"}, f"{S}:22:12", "T104",
         {"code": "A", "line": "7"}),
    standard("a weight at a level that is not examined", "16:15", "T105", "{4: 60}", "{4: 60, 2: 100}", code="B-A",
             level="2", levels="4, 3"),
    standard("a domain with sub-domains and competencies", "15:5", "T106", "    domains:\n",
             "    competencies: [{code: B-001, title: 交班, levels: [4]}]\n    domains:\n", code="B", key="competencies"),
    standard("a domain with sub-domains and a weight", "15:5", "T106", "    domains:\n",
             "    weight: {4: 5}\n    domains:\n", code="B", key="weight"),
    Case("seven levels of domains", {**SOUND, S: STANDARD + DEEP_STANDARD.replace("code: B", "code: P", 1)}, f"{S}:40:35",
         "T107", {"code": "H", "most": "6"}),
    standard("a competency at a level that is not examined", "21:20", "T108", "底吹, levels: [3]", "底吹, levels: [3, 2]",
             code="B-A-002", level="2"),
]

ITEM_CASES = [
    item("an id twice in a file", "18:9", "Q101", "id: Q-3", "id: Q-1", id="Q-1", first=f"{A}:3:9"),
    Case("an id twice across files", {**SOUND, "items/b/second.yaml": SECOND_FILE}, "items/b/second.yaml:2:10", "Q101",
         {"id": "Q-3", "first": f"{A}:18:9"}),
    item("a competency that does not exist", "4:17", "Q102", "competency: A-001", "competency: A-01", competency="A-01",
         suggestion="A-001"),
    item("a level outside the standard", "15:12", "Q103", "    stem: 炉渣", "    level: 2\n    stem: 炉渣", level="2",
         levels="4, 3"),
    item("a key that is no option", "10:10", "Q104", "key: A\n", "key: E\n", key="E", options="A, B, C"),
    item("one option only", "7:7", "Q105", "      A: 铁\n      B: 铜\n      C: 铝\n    key: A\n    pin: [C]\n",
         "      A: 铁\n    key: A\n", n="1", most="8"),
    item("option letters out of order", "9:7", "Q106", "C: 铝\n    key: A\n    pin: [C]\n", "D: 铝\n    key: A\n",
         letter="D", expected="C"),
    item("option letters in lower case", "7:7", "Q106", "      A: 铁\n      B: 铜\n      C: 铝\n    key: A\n    pin: [C]\n",
         "      a: 铁\n      b: 铜\n    key: a\n", letter="a", expected="A"),
    item("two options that read alike", "9:10", "Q107", "C: 铝", 'C: " 铁 "', letter="C", same="A"),
    item("a pin that is no option", "11:14", "Q108", "pin: [C]", "pin: [C, D]", letter="D", options="A, B, C"),
    item("a misconception about the key itself", "12:21", "Q114", "    pin: [C]", "    pin: [C]\n    misconception: {A: 记反了}", letter="A", key="A"),
    item("a tolerance as large as the value", "23:35", "Q109", "tolerance: 5", "tolerance: 1680", tolerance="1680.0"),
    item("a value beyond all numbers", "23:10", "Q110", "value: 1680", "value: 1.0e999"),
    item("an enemy that does not exist", "17:15", "Q111", "enemies: [Q-1]", "enemies: [QQ-1]", enemy="QQ-1",
         suggestion="Q-1"),
    item("an item that is its own enemy", "17:15", "Q111", "enemies: [Q-1]", "enemies: [Q-2]", enemy="Q-2"),
    item("an odd dollar in a stem", "15:11", "Q112", "$R$", "$R", key="stem"),
    item("a brace that is never closed", "15:11", "Q115", "$R$", "$\\frac{R}{2$", formula="\\frac{R}{2"),
    item("a character that turns the direction", "5:13", "Y012", "铁水的主要成分是什么？", "铁水\u202e的主要成分是什么？", key="stem", character="U+202E"),
    item("a control character by its escape", "7:12", "Y012", "A: 铁", 'A: "铁\\x07"', key="A", character="U+0007"),
    item("a character that turns the direction in a comment", "7:15", "Y012", "A: 铁", "A: 铁 # 铁\u2066", key="#"),
    item("an unseen character in a tag", "17:13", "Y014", "enemies: [Q-1]", "tags: [甲\u2060]", key="tags", character="U+2060"),
    item("chemistry that cannot be read", "7:18", "Q116", "A: 铁", "A: 含 \\ce{CO+O2}", found="+O2"),
    item("an unknown command in a formula", "15:23", "Q117", "$R$", "$R = \\rato{x}$", formula="R = \\rato{x}", found="\\rato"),
    item("a command outside dollars", "15:19", "Q118", "$R$", " \\frac{a}{b}", found="\\frac"),
    item("an odd dollar in an option", "8:10", "Q112", "B: 铜", "B: $Cu", key="options"),
    item("a competency of another level", "20:17", "Q113", "competency: B-A-001", "competency: B-A-002",
         competency="B-A-002", level="4", levels="3"),
]

KIND_CASES = [
    kind("a key of several letters with one that is no option", "7:14", "Q104", "key: [A, C]", "key: [A, E]", key="E"),
    kind("a letter twice in a key", "7:14", "Q201", "key: [A, C]", "key: [A, A, C]", letter="A"),
    kind("one key only", "7:10", "Q202", "key: [A, C]", "key: [A]", n="1", options="4"),
    kind("every option a key", "7:10", "Q202", "key: [A, C]\n    misconception: {D: 与高炉混淆}", "key: [A, B, C, D]", n="4"),
    kind("a misconception about one of the keys", "8:21", "Q114", "{D: 与高炉混淆}", "{C: 与高炉混淆}", letter="C", key="A, C"),
    kind("a rule of credit that does not exist", "9:13", "S105", "credit: subset", "credit: half", key="credit", found="half",
         allowed="all, subset, share, balance"),
    kind("one letter as the key of a multiple", "7:10", "S103", "key: [A, C]", "key: AC", key="key", expected="list"),
    kind("a blank without a key", "12:11", "Q204", "，碱度约为____", "，碱度约为____，渣量约为____", blanks="3", keys="2"),
    kind("a blank of two underscores", "12:11", "Q204", "碱度约为____", "碱度约为__", blanks="1", keys="2"),
    kind("a pattern that never closes", "15:32", "Q205", "'3(\\.[0-5])?'", "'3(\\.[0-5]?'", pattern="3(\\.[0-5]?"),
    kind("a pattern that looks back", "15:32", "Q205", "'3(\\.[0-5])?'", "'(3)\\1'"),
    kind("an accepted text with the sign that parts blanks", "14:10", "Q206", "[CaO, 氧化钙]", "[CaO；石灰, 氧化钙]", text="CaO；石灰"),
    kind("an accepted text of signs only", "14:10", "Q215", "[CaO, 氧化钙]", '["$ $", 氧化钙]', text="$ $"),
    kind("a blank that accepts nothing", "15:18", "S106", "accept: [3]", "accept: []", key="accept"),
    kind("an empty text in a blank", "14:10", "S106", "[CaO, 氧化钙]", '["", 氧化钙]', key="key"),
    kind("a misspelt key of a blank", "15:23", "S101", "[3], pattern", "[3], patern", key="patern", suggestion="pattern"),
    kind("a misspelt kind of folding", "16:12", "S101", "{case: false}", "{caps: false}", key="caps"),
    kind("true as a blank's key", "14:10", "S103", "[CaO, 氧化钙]", "[true]", key="key", expected="text"),
    kind("a tolerance that is no number and no share", "20:35", "S108", "tolerance: 1%", "tolerance: 1percent", key="tolerance",
         found="1percent"),
    kind("a share as large as the value", "20:35", "Q109", "tolerance: 1%", "tolerance: 100%", tolerance="100%"),
    kind("a rubric that does not add up", "27:7", "Q210", "{points: 2, text: 爆炸}", "{points: 1.5, text: 爆炸}", total="3.5", marks="4"),
    kind("a quarter of a mark", "28:18", "S104", "{points: 2, text: 爆炸}", "{points: 0.25, text: 爆炸}", key="points", limit="n × 0.5"),
    kind("no rubric", "26:13", "S106", "    rubric:\n      - {points: 2, text: 水汽化}\n      - {points: 2, text: 爆炸}",
         "    rubric: []", key="rubric"),
    kind("a prompt without a letter", "34:10", "Q207", "key: [B, A]", "key: [B]", keys="1", prompts="2"),
    kind("two prompts that read alike", "32:18", "Q208", "prompts: [硫, 磷]", "prompts: [硫, 硫]", n="2", same="1"),
    kind("one option for two prompts", "34:14", "Q201", "key: [B, A]", "key: [B, B]", letter="B"),
    kind("an order that leaves one out", "39:10", "Q209", "key: [C, B, A]", "key: [C, B]", letters="A"),
    kind("an order with a letter twice", "39:17", "Q201", "key: [C, B, A]", "key: [C, B, C, A]", letter="C"),
    kind("parts that do not add up", "46:7", "Q211", "    stem: 某炉次喷溅。\n    marks: 4", "    stem: 某炉次喷溅。\n    marks: 5", total="4",
         marks="5"),
    kind("a key of a part that is no option", "50:14", "Q104", "key: A\n", "key: E\n", key="E", options="A, B"),
    kind("a misspelt key of a part", "51:9", "S101", "key: A\n", "key: A\n        shufle: false\n", key="shufle", suggestion="shuffle"),
    kind("a part without a stem", "46:9", "S102", "        stem: 应（　　）。\n", "", key="stem"),
    kind("a part of a kind that does not exist", "46:15", "S105", "- kind: single", "- kind: singel", key="kind", found="singel",
         suggestion="single"),
    kind("a case inside a case", "46:15", "S105", "- kind: single", "- kind: case", key="kind", found="case"),
    kind("a part without a kind", "46:9", "S102", "- kind: single\n        stem", "- stem", key="kind"),
    kind("a rubric of a part that does not add up", "55:17", "Q210", "rubric: [{points: 3,", "rubric: [{points: 2,", total="2",
         marks="3"),
    kind("a case of one part", "46:7", "S106", "      - kind: single\n        stem: 应（　　）。\n        marks: 1\n        options: "
         "{A: 提枪, B: 降枪}\n        key: A\n", "", key="parts", least="2"),
    kind("an item called like a part of a case", "56:9", "Q212", "- id: K-8", "- id: K-7.2", id="K-7.2", case="K-7"),
    kind("steps that do not add up", "64:7", "Q213", "points: 6}", "points: 5}", total="9", marks="10"),
    kind("a deduction beyond its step", "64:80", "Q214", "未检查, points: 4", "未检查, points: 5", points="5", most="4"),
    kind("a true statement with a correction", "71:5", "Q203", "key: false", "key: true"),
]

STIMULUS_CASES = [
    shared("two stimuli of one id", "9:9", "Q401", "为 3。\n", "为 3。\n  - id: S-1\n    text: 又一份。\n", id="S-1", first="items/shared.yaml:3:9"),
    shared("a stimulus that does not exist", "19:15", "Q402", "stimulus: S-2", "stimulus: S-3", stimulus="S-3", suggestion="S-2"),
    shared("an item in two stimuli", "19:21", "Q403", "stimulus: S-2", "stimulus: [S-1, S-2]", n="2"),
    shared("a stimulus in a list", "19:15", "Q403", "stimulus: S-2", "stimulus: [S-2]", n="1"),
    shared("two keys stimulus in one item", "20:5", "Y002", "stimulus: S-2", "stimulus: S-2\n    stimulus: S-1", key="stimulus"),
    shared("an enemy that is no stimulus", "6:15", "Q404", "enemies: [S-2]", "enemies: [S-22]", enemy="S-22", suggestion="S-2"),
    shared("a stimulus that is its own enemy", "6:15", "Q404", "enemies: [S-2]", "enemies: [S-1]", enemy="S-1"),
    shared("a stimulus without a text", "3:5", "S102", "    text: 转炉装入铁水 110 t。\n", "", key="text"),
    shared("an empty stimulus", "5:11", "S106", "转炉装入铁水 110 t。", "''", key="text"),
    shared("an odd dollar in a stimulus", "8:11", "Q112", "碱度 $R$ 为", "碱度 $R 为", key="text"),
    shared("a misspelt key of a stimulus", "4:5", "S101", "title: 炉况", "titel: 炉况", key="titel", suggestion="title"),
    Case("stimuli that are no list", {**SOUND, "items/b.yaml": "stimuli: S-1\nitems: []\n"}, "items/b.yaml:1:10", "S103",
         {"key": "stimuli", "expected": "list", "found": "text"}),
    shared("a stimulus that is no mapping", "3:5", "S103", "  - id: S-1\n", "  - S-3\n  - id: S-1\n", key="stimuli", found="text"),
    shared("a picture of a stimulus that is not there", "5:11", "Q301", "110 t。", "110 t。![炉](media/no.svg)", path="media/no.svg"),
    Case("a misspelt stimuli", {**SOUND, "items/b.yaml": "stimulus: []\nitems: []\n"}, "items/b.yaml:1:1", "S101",
         {"key": "stimulus", "suggestion": "stimuli"}),
]

CASES = [*STIMULUS_CASES, *TEXT_CASES, *SHAPE_CASES, *BANK_CASES, *STANDARD_CASES, *ITEM_CASES, *KIND_CASES]
