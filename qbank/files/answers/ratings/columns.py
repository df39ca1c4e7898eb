"""Headers of a sheet of marks: who, which item, which step, which rater."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qbank.core.form import Form, answer_names, answer_places
from qbank.core.item import normalise
from qbank.kinds import KINDS
from qbank.kinds.kind import folded
from qbank.kinds.ratings import VETO_STEP, WHOLE, RatedStep, rated_steps

ROLES: Mapping[str, tuple[str, ...]] = {
    "item": ("item", "task", "question", "试题", "题号", "试题编号", "试题代码", "考核项目", "题目", "项目"),
    "step": ("step", "point", "criterion", "步骤", "步骤号", "评分项", "评分项目", "评分点", "考核步骤", "采分点"),
    "rater": ("rater", "marker", "examiner", "assessor", "judge", "grader", "考评员", "考评人员", "评分人", "评分员", "评委",
              "阅卷人", "评卷人", "评卷员", "裁判", "裁判员"),
    "marks": ("marks", "mark", "score", "awarded", "得分", "分数", "评分", "给分", "实得分"),
    "veto": ("veto", "否定项", "否定", "否决项", "一票否决"),
    "whole": ("total", "sum", "合计", "总分", "总计"),
}  # fmt: skip
"""What a column is for, and the words for it besides those of every file of answers."""
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words}
_AT = re.compile("[@＠]")
_STEP = re.compile(r"(?:step|point|no|步骤|评分项|评分点|项目|序号|第)?[.\s_#:]*(\d{1,3})(?:步|项|点)?", re.IGNORECASE)
_TITLED = re.compile(r"(?:\d{1,3}[\s.、．:：)）]+)?(?P<title>.*?)(?:[(（]\s*\d+(?:\.\d+)?\s*(?:分|marks?|points?)?\s*[)）])?")
_BEFORE_STEP = re.compile(r"[\s.:/_|·-]+")


@dataclass(frozen=True, slots=True)
class RatedItem:
    """An item that people mark, as it stands on a paper."""

    id: str
    kind: str
    steps: tuple[RatedStep, ...]
    full: float


@dataclass(frozen=True, slots=True)
class RatingColumn:
    """What a column holds.

    role : ``person`` and the like, or ``marks`` ; item, rater : "" where the header does not say ; step : of marks, None
        where the header does not say
    """

    role: str
    item: str = ""
    step: str | None = None
    rater: str = ""


def rated_items(forms: tuple[Form, ...]) -> dict[str, RatedItem]:
    """Return by id every item on the papers that people mark."""
    found: dict[str, RatedItem] = {}
    for form in forms:
        for entry in answer_places(form):
            if KINDS[entry.kind].rated and entry.id not in found:
                found[entry.id] = RatedItem(entry.id, entry.kind, rated_steps(entry.marked), float(str(entry.marked["most"])))
    return found


def names_of_items(forms: tuple[Form, ...], items: Mapping[str, RatedItem]) -> dict[str, str]:
    """Return what rated items can be called: their id in any case, and their number where it means one item only."""
    names: dict[str, set[str]] = {}
    for form in forms:
        for name, entry in zip(answer_names(form), answer_places(form), strict=True):
            if entry.id in items:
                names.setdefault(name, set()).add(entry.id)
            else:
                names.setdefault(name, set()).add("")
    found = {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1 and "" not in ids}
    return found | {id.casefold(): id for id in items}


def item_of(word: str, names: Mapping[str, str]) -> str:
    """Return the id of the item that a word calls, or "".

    >>> item_of(" task-1", {"task-1": "TASK-1"})
    'TASK-1'
    """
    return names.get(folded(word).casefold(), "")


def step_of(word: str, steps: Sequence[RatedStep]) -> str | None:
    """Return the step that a word calls by its number or its title, ``""`` for the whole, or None.

    >>> two = (RatedStep("炉前准备", 10.0), RatedStep("取样", 5.0))
    >>> [step_of(word, two) for word in ("步骤2", "step 1", "2. 取样（5分）", "合计", "否定项", "步骤3")]
    ['2', '1', '2', '', 'veto', None]
    """
    text = folded(word)
    role = _ROLE_OF.get(_squeezed(text))
    if role in ("whole", "marks"):
        return WHOLE
    if role == "veto":
        return VETO_STEP
    if match := _STEP.fullmatch(text):
        number = int(match.group(1))
        return str(number) if 1 <= number <= len(steps) else None
    titles = [_plain(step.title) for step in steps]
    titled = _TITLED.fullmatch(text)
    for wanted in (_plain(text), _plain(titled.group("title")) if titled else ""):
        if wanted and titles.count(wanted) == 1:
            return str(titles.index(wanted) + 1)
    return None


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", normalise(folded(text))).casefold()


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_]+", "", folded(text)).casefold()


def looks_rated(headers: Sequence[str]) -> bool:
    """Return whether a header is that of marks by rater and step, and of nothing else.

    >>> looks_rated(["person", "item", "step", "rater", "marks"]), looks_rated(["考号", "T-1.步骤1@张三"])
    (True, True)
    >>> looks_rated(["准考证号", "姓名", "步骤1", "步骤2", "合计"]), looks_rated(["person", "1", "2"])
    (True, False)
    """
    words = [_squeezed(header) for header in headers]
    roles = {_ROLE_OF.get(word) for word in words}
    marked = [word for word in words if re.search(r"(?:^|[.:/_-])(?:step|步骤|评分项)\d{1,3}", word)]
    return "rater" in roles or bool(marked) or any(_AT.search(word) and not word.startswith("@") for word in words)


def column_of(header: str, role: str, names: Mapping[str, str], items: Mapping[str, RatedItem], own: str) -> RatingColumn | None:
    """Return what a column of a sheet holds, or None where nothing knows it.

    role : what every file of answers would take the column for, "" where it does not say ; own : the item of the whole
    sheet where there is one

    >>> task = {"T-1": RatedItem("T-1", "task", (RatedStep("取样", 5.0),), 5.0)}
    >>> column_of("t-1.步骤1@张三", "", {"t-1": "T-1"}, task, "")
    RatingColumn(role='marks', item='T-1', step='1', rater='张三')
    """
    text = folded(header)
    known = _ROLE_OF.get(_squeezed(text), "")
    if known in ("item", "step", "rater"):
        return RatingColumn(known)
    if known == "marks":
        return RatingColumn("marks", own)
    if known in ("whole", "veto"):
        return RatingColumn("marks", own, WHOLE if known == "whole" else VETO_STEP)
    if role:
        return RatingColumn(role)
    called, *rater = _AT.split(text, maxsplit=1)
    who = rater[0].strip() if rater else ""
    if own and (step := step_of(called, items[own].steps)) is not None:
        return RatingColumn("marks", own, step, who)
    for name in sorted(names, key=len, reverse=True):
        if called.strip().casefold() == name:
            return RatingColumn("marks", names[name], WHOLE, who)
        rest = called[len(name) :] if called.casefold().startswith(name) else ""
        if rest and (gap := _BEFORE_STEP.match(rest)):
            step = step_of(rest[gap.end() :], items[names[name]].steps)
            if step is not None:
                return RatingColumn("marks", names[name], step, who)
    if not own:
        found = [(id, step) for id, item in items.items() if (step := step_of(called, item.steps)) is not None]
        if found and (len({step for _, step in found}) == 1 or len(found) == 1):
            return RatingColumn("marks", found[0][0] if len(found) == 1 else "", found[0][1], who)
    return None
