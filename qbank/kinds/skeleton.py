"""An item still to be written, as YAML with every key explained: what `qbank new item` and commissions hand to writers.

The explanations are those that the schemas show in an editor (catalogue group ``authored``), one text for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qbank.messages import Language, text

MARKS: Mapping[str, float] = {"multiple": 2, "numeric": 3, "short": 5, "essay": 10, "matching": 3, "ordering": 2,
                              "case": 5, "task": 100, "fill": 2}  # fmt: skip
SECONDS: Mapping[str, int] = {"short": 300, "essay": 900, "case": 600, "task": 3600, "numeric": 180}

HEAD = """\
id: {id}  #: ItemHead.id
kind: {kind}  #: kind.{kind}
competency: {competency}{title}
level: {level}  #: ItemHead.level
status: draft  #: ItemHead.status
author: {author}  #: ItemHead.author
stem: {stem}  #: ItemHead.stem
"""

TAIL = """\
marks: {marks}  #: ItemHead.marks
grade: {grade}  #: ItemHead.grade
cognitive: understand  #: ItemHead.cognitive
seconds: {seconds}  #: ItemHead.seconds
rationale: ""  #: ItemHead.rationale
reference: ""  #: ItemHead.reference
# congruence: 5  #: ItemHead.congruence
# enemies: [OTHER-ID]  #: ItemHead.enemies
# tags: []  #: ItemHead.tags
"""

OPTIONS = """\
options:  #: {body}.options
  A: {option} A
  B: {option} B
  C: {option} C
  D: {option} D
"""
ORDER = """\
# pin: [D]  #: {body}.pin
# shuffle: false  #: {body}.shuffle
"""
WRITTEN = """\
key: {answer}  #: WrittenBody.key
rubric:  #: WrittenBody.rubric
  - {{points: {first}, text: {point} 1}}
  - {{points: {second}, text: {point} 2}}
lines: {lines}  #: WrittenBody.lines
"""

BODIES: Mapping[str, str] = {
    "single": OPTIONS.replace("{body}", "SingleBody") + "key: A  #: SingleBody.key\n" + ORDER.replace("{body}", "SingleBody")
    + "# misconception: {{B: {reason}}}  #: SingleBody.misconception\n",
    "multiple": OPTIONS.replace("{body}", "MultipleBody") + "key: [A, C]  #: MultipleBody.key\n"
    + "credit: all  #: MultipleBody.credit\n" + ORDER.replace("{body}", "MultipleBody")
    + "# misconception: {{B: {reason}}}  #: MultipleBody.misconception\n",
    "true_false": "key: true  #: TrueFalseBody.key\n# correction: {answer}  #: TrueFalseBody.correction\n",
    "fill": """\
key:  #: FillBody.key
  - {answer}
  - accept: [{answer} 1, {answer} 2]  #: BlankKey.accept
    # pattern: '[0-9]+ ?kg'  #: BlankKey.pattern
# fold: {{case: true, width: true, space: true}}  #: FillBody.fold
# any_order: true  #: FillBody.any_order
# credit: all  #: FillBody.credit
""",
    "numeric": """\
key:  #: NumericBody.key
  value: 42.8  #: NumericKey.value
  tolerance: 0.5  #: NumericKey.tolerance
  unit: kg/t  #: NumericKey.unit
  # formula: "100 * (4.2 - 0.1) / 9.58"  #: NumericKey.formula
""",
    "short": WRITTEN.replace("{first}", "3").replace("{second}", "2").replace("{lines}", "6"),
    "essay": WRITTEN.replace("{first}", "6").replace("{second}", "4").replace("{lines}", "20"),
    "matching": """\
prompts: [{prompt} 1, {prompt} 2, {prompt} 3]  #: MatchingBody.prompts
""" + OPTIONS.replace("{body}", "MatchingBody") + """\
key: [B, A, C]  #: MatchingBody.key
# credit: all  #: MatchingBody.credit
""" + ORDER.replace("{body}", "MatchingBody"),
    "ordering": OPTIONS.replace("{body}", "OrderingBody") + """\
key: [C, A, B, D]  #: OrderingBody.key
# credit: pairs  #: OrderingBody.credit
""",
    "case": """\
parts:  #: CaseBody.parts
  - kind: single  #: PartHead.kind
    stem: {stem} 1{bracket}  #: PartHead.stem
    marks: 1  #: PartHead.marks
    options: {{A: {option} A, B: {option} B, C: {option} C, D: {option} D}}
    key: A
  - kind: numeric
    stem: {stem} 2 ____
    marks: 4
    key: {{value: 42.8, tolerance: 0.5, unit: kg/t}}
""",
    "task": """\
minutes: 60  #: TaskBody.minutes
preparation_minutes: 10  #: TaskBody.preparation_minutes
site:  #: TaskBody.site
  - {{name: {supply} 1, spec: "", quantity: 1, unit: "", note: ""}}
candidate:  #: TaskBody.candidate
  - {{name: {supply} 2, quantity: 1}}
requirements:  #: TaskBody.requirements
  - {demand} 1
steps:  #: TaskBody.steps
  - title: {step} 1  #: TaskStepText.title
    demand: {demand} 1  #: TaskStepText.demand
    points: 60  #: TaskStepText.points
    deductions:  #: TaskStepText.deductions
      - {{text: {fault} 1, points: 10}}
  - {{title: {step} 2, demand: {demand} 2, points: 40}}
veto:  #: TaskBody.veto
  - {fault} 2
""",
}  # fmt: skip
"""kind → the keys that only this kind has; ``#: name`` is replaced by what the catalogue says of that key."""

_BRACKETS = frozenset({"single", "multiple", "true_false", "ordering", "matching"})
_WORDS = ("option", "answer", "reason", "point", "prompt", "supply", "demand", "step", "fault")
_MARK = re.compile(r"^(.*?)  #: (\S+)$", re.MULTILINE)
_COLUMN = 28


def item_skeleton(
    kind: str, language: Language, *, id: str, competency: str, title: str, level: int, author: str = "", indent: int = 2,
    grade: int = 3,
) -> str:
    """Return one entry of ``items:`` for an item of that kind, as lines of YAML indented by so many blanks.

    title : of the competency, shown beside its code

    >>> stub = item_skeleton("true_false", "en", id="Q-1", competency="A-001", title="Safety", level=5)
    >>> print(stub.splitlines()[0])
      - id: Q-1                     # unique in the bank; letters, digits, dot, dash
    """
    words = {word: text(language, f"authored.stub.{word}") for word in _WORDS}
    bracket = text(language, "authored.stub.bracket")
    stem = text(language, "authored.stub.stem")
    ending = bracket if kind in _BRACKETS else {"fill": " ____ ____", "numeric": " ____"}.get(kind, "")
    heading = f"{'':{max(2, _COLUMN - len(competency) - 12)}}# {' '.join(title.split())}" if title.strip() else ""
    facts = {
        **words, "id": id, "kind": kind, "competency": competency, "title": heading, "level": level, "grade": grade,
        "author": author or '""', "bracket": bracket, "marks": f"{MARKS.get(kind, 1):g}", "seconds": SECONDS.get(kind, 45),
    }  # fmt: skip
    source = (
        HEAD.format(**facts, stem=stem + ending) + BODIES[kind].format(**facts, stem=stem) + TAIL.format(**facts)
    )

    def explained(found: re.Match[str]) -> str:
        return f"{found[1]:<{_COLUMN - 2}}  # {text(language, f'authored.{found[2]}')}"

    lines = _MARK.sub(explained, source).splitlines()
    first, rest = " " * indent + "- ", " " * (indent + 2)
    return "\n".join([first + lines[0], *(rest + line for line in lines[1:])]) + "\n"
