"""The header of a table of answers: which column says who somebody is, and which holds the answers to what."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import get_args

import numpy as np

from qbank.files.answers.findings import Findings
from qbank.files.answers.papers import Papers
from qbank.files.answers.reading import Reading, Role
from qbank.files.answers.table import AnswerTable, Odd
from qbank.files.interchange.columns import column_letters
from qbank.kinds import KINDS
from qbank.kinds.kind import folded
from qbank.messages.lists import some
from qbank.problem import Problem, error, note, warning

ROLES: tuple[Role, ...] = get_args(Role)
GROUP_ROLES: tuple[Role, ...] = ("site", "room", "seat", "group", "batch", "sex", "team", "minutes")
WIDE_ROLES: tuple[Role, ...] = ("person", "name", "document", "form", "status", *GROUP_ROLES)
WORDS: dict[Role, tuple[str, ...]] = {
    "person": (
        "person", "准考证号", "准考证号码", "准考证", "考号", "考生号", "考生考号", "考生编号", "考籍号", "candidate",
        "candidate id", "candidate number", "candidate no", "admission number", "examinee", "报名号", "报名序号", "学号",
        "工号", "员工编号", "student", "student id",
    ),
    "name": ("name", "姓名", "考生姓名", "名字", "full name", "candidate name", "student name"),
    "document": (
        "document", "身份证号", "身份证号码", "身份证", "公民身份号码", "证件号", "证件号码", "identity",
        "identity number", "identity card", "id number", "id card",
    ),
    "form": (
        "form", "卷号", "试卷", "试卷号", "试卷代码", "试卷编号", "试卷代号", "卷型", "试卷类型", "卷别", "试卷版本", "ab卷",
        "paper", "paper code", "test form", "booklet", "version", "版本",
    ),
    "status": ("status", "状态", "考试状态", "考生状态", "参考状态", "到考情况", "参考情况", "缺考标记", "违纪标记", "state"),
    "site": ("site", "考点", "考点名称", "考站", "站", "站点", "鉴定站", "鉴定所", "认定站点", "centre", "center", "station"),
    "room": ("room", "考场", "考场号", "考场名称", "教室", "机房"),
    "seat": ("seat", "座位号", "座位", "座号", "seat number", "seat no"),
    "group": ("group", "组别", "组", "班组", "班级", "class"),
    "batch": ("batch", "批次", "场次", "班次", "session"),
    "sex": ("sex", "性别", "gender"),
    "team": ("team", "代表队", "队", "单位", "工作单位", "单位名称", "参赛单位"),
    "minutes": ("minutes", "用时", "用时（分）", "答题用时", "考试用时", "作答用时", "耗时", "time taken", "time used", "duration"),
    "item": (
        "item", "题号", "试题", "试题编号", "题目编号", "item id", "question", "question id", "question number",
        "question no", "position", "题序", "题次", "小题号",
    ),
    "answer": ("answer", "作答", "考生答案", "作答内容", "作答结果", "答案", "选项", "response"),
    "marks": ("marks", "得分", "分数", "实得分", "评分", "mark", "score", "points"),
    "step": ("step", "步骤", "评分项", "评分点", "考核步骤", "考核项", "采分点", "criterion"),
    "rater": ("rater", "考评员", "评分人", "评卷员", "阅卷员", "评卷人", "阅卷人", "marker", "examiner"),
}  # fmt: skip
"""What each column is called; of two that stand for the same, the word that comes first here counts."""
_UNREAD = (
    "序号", "总分", "成绩", "总成绩", "合计", "得分", "分数", "备注", "签名", "签到", "考试时间", "交卷时间", "total", "remark",
    "remarks", "notes", "row", "no",
)  # fmt: skip
_NUMBER = re.compile(
    r"(?:第|题|试题|q|question|no\.?)?\s*0*([1-9][0-9]*)(?:\s*[.(-]\s*0*([1-9][0-9]*)\)?)?\s*(?:小?题|\.|、)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns of a table are.

    roles : role → column of the frame ; groups : (name, column) kept of each person ; answers : item or printed number
    → column, of a wide table ; by_position : whether questions are called by printed number ; long : one row a response
    """

    roles: Mapping[str, int]
    groups: tuple[tuple[str, int], ...]
    answers: Mapping[str, int]
    by_position: bool
    long: bool


def plain_title(title: str) -> str:
    """Return a title as it is compared: half width, lower case, without blanks, marks and notes such as （必填）.

    >>> plain_title("准考证号（必填）："), plain_title("Candidate_ID*")
    ('准考证号', 'candidateid')
    """
    title = re.sub(r"[(（](?:必填|选填|可选|required|optional)[)）]", "", folded(title).casefold())
    return re.sub(r"[\s_*＊:：]", "", title)


_ROLE_OF: dict[str, tuple[Role, int]] = {
    plain_title(word): (role, rank) for role, words in WORDS.items() for rank, word in enumerate(words)
}
_LEFT_OUT = frozenset(plain_title(word) for word in _UNREAD)


def group_name(title: str) -> str:
    """Return under which name a column with this title is kept of each person: its role, else its own.

    >>> group_name("考点名称"), group_name("用时"), group_name("shift")
    ('site', 'minutes', 'shift')
    """
    role = _ROLE_OF.get(plain_title(title), ("", 0))[0]
    return role if role in GROUP_ROLES else title


def names_a_person(title: str, reading: Reading) -> bool:
    """Return whether a title is that of the column of persons, by which a header is found below other lines."""
    plain = plain_title(title)
    told = {plain_title(word): role for word, role in reading.columns.items()}
    return told.get(plain, _ROLE_OF.get(plain, ("", 0))[0]) == "person"


def header_at(rows: Sequence[Sequence[str]], reading: Reading) -> int:
    """Return which row is the header: of those that name the column of persons the one with most titles, else the first.

    Of a header in two rows, merged downwards where only one says something, it is the lower.
    """
    best, most = 0, 0
    for n, row in enumerate(rows):
        titles = [cell for cell in row if cell and len(cell) < 60]
        if any(names_a_person(cell, reading) for cell in titles) and len({*titles}) > most:
            best, most = n, len({*titles})
    return best


def odd_cells(table: AnswerTable, header: Header, found: Findings) -> None:
    """Add the cells that hold something else than they show, where that matters."""
    loose = {at for _, at in header.groups} | {header.roles[role] for role in ("name",) if role in header.roles}
    used = {*header.roles.values(), *header.answers.values()} - loose
    codes: Mapping[Odd, str] = {"shown": "R215", "formula": "R216", "error": "R217", "long": "R218", "merged": "R219"}
    for (row, column), what in table.odd.items():
        if column in used or (column in loose and what in ("formula", "error")):
            if row < 0 and what != "shown":
                continue
            told = partial(_odd, table, codes[what], column)
            if row < 0:
                found.add(told(row))
            else:
                found.cells(codes[what], np.array([row]), column, told)


def _odd(table: AnswerTable, code: str, column: int, row: int) -> Problem:
    cell = f"{column_letters(table.columns[column])}{table.span(row, column).line}"
    return table.wrong(code, row, column, cell=cell)


def read_header(table: AnswerTable, papers: Papers, reading: Reading, found: Findings) -> Header | None:
    """Return what the columns are; nothing where persons or papers have no column, and what is wrong is added."""
    titles = [folded(name) for name in table.header]
    plain = [plain_title(title) for title in titles]
    told = {plain_title(word): role for word, role in reading.columns.items()}
    kept = {plain_title(word): word for word in reading.groups}
    ignored = {plain_title(word) for word in reading.ignore}
    roles = [_role(word, told) for word in plain]
    long = _is_long(roles, reading)
    by_position = _by_position(titles, plain, told, papers)
    asked = papers.positions if by_position else papers.items
    answer_of = {plain_title(name): name for name in reversed(asked)}
    targets = {*papers.items, *papers.positions}
    taken: dict[str, int] = {}
    rank: dict[str, int] = {}
    answers: dict[str, int] = {}
    groups: list[tuple[str, int]] = []
    unread: list[str] = []
    for column, (title, word, role) in enumerate(zip(titles, plain, roles, strict=True)):
        target = told.get(word, "")
        name = "" if long or (target and role) else answer_name(target or title, answer_of, by_position=by_position)
        if word in ignored or (target and not role and target not in targets):
            continue
        if word in kept:
            groups.append((kept[word], column))
        elif name and (target or role is None):
            if answers.setdefault(name, column) != column:
                found.add(table.wrong("R105", -1, column, name=title))
        elif role in (ROLES if long else WIDE_ROLES):
            assert role is not None
            mine = -1 if target else _ROLE_OF[word][1]
            if role in taken and mine == rank[role]:
                found.add(table.wrong("R105", -1, column, name=title))
            elif role not in taken or mine < rank[role]:
                unread += [titles[taken[role]]] if role in taken else []
                taken[role], rank[role] = column, mine
            else:
                unread.append(title)
        elif word in _LEFT_OUT:
            unread.append(title)
        else:
            found.add(_unknown(table, column, title, asked))
    if unread:
        found.add(note("R201", table.span(-1, 0), columns=", ".join(unread[:10])))
    return _checked(table, papers, Header(taken, _groups(taken, groups), answers, by_position, long), found)


def _checked(table: AnswerTable, papers: Papers, header: Header, found: Findings) -> Header | None:
    needed = ["person"] + ["form"] * (len(papers.forms) > 1) + (["item"] if header.long else [])
    missing = [name for name in needed if name not in header.roles]
    if header.long and not {"answer", "marks"} & header.roles.keys():
        missing.append("answer")
    for name in missing:
        found.add(table.wrong("R106", -1, 0, name=name))
    return None if missing else header


def _groups(taken: Mapping[str, int], more: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return (*((name, taken[name]) for name in GROUP_ROLES if name in taken), *more)


def _role(word: str, told: Mapping[str, str]) -> Role | None:
    target = told.get(word)
    if target is None:
        return _ROLE_OF[word][0] if word in _ROLE_OF else None
    if target == "position":
        return "item"
    return next((role for role in ROLES if role == target), None)


def _is_long(roles: list[Role | None], reading: Reading) -> bool:
    if reading.layout != "auto":
        return reading.layout == "long"
    return "item" in roles and bool({"answer", "marks"} & {*roles})


def _by_position(titles: list[str], plain: list[str], told: Mapping[str, str], papers: Papers) -> bool:
    """Return whether more columns are called by printed number than by item."""
    named = [told.get(word, title) for title, word in zip(titles, plain, strict=True)]
    items = {plain_title(item) for item in papers.items}
    positions = set(papers.positions)
    n_items = len({plain_title(name) for name in named} & items)
    return len({printed_number(name) for name in named} & positions) > n_items


def answer_name(title: str, answer_of: Mapping[str, str], *, by_position: bool) -> str:
    """Return the item or printed number that a title stands for, "" for none."""
    if exact := answer_of.get(plain_title(title)):
        return exact
    return answer_of.get(printed_number(title), "") if by_position else ""


def printed_number(title: str) -> str:
    """Return the printed number that a title means, "" for none.

    >>> printed_number("第07题"), printed_number("8(1)"), printed_number("Q 8.1"), printed_number("Q1a")
    ('7', '8.1', '8.1', '')
    """
    match = _NUMBER.fullmatch(folded(title))
    return ".".join(part for part in match.groups() if part) if match else ""


def _unknown(table: AnswerTable, column: int, title: str, asked: tuple[str, ...]) -> Problem:
    words = [word for role in ROLES for word in WORDS[role]]
    near = difflib.get_close_matches(title[:100], [*ROLES, *asked, *words], n=1)
    return table.wrong("R104", -1, column, name=title, suggestion=near[0] if near else "")


def marks_columns(table: AnswerTable, header: Header, reading: Reading) -> frozenset[str]:
    """Return the questions whose cells are marks."""
    if reading.scored:
        return frozenset(header.answers)
    said = {plain_title(word) for word in reading.scored_columns}
    titles = [plain_title(title) for title in table.header]
    return frozenset(name for name, at in header.answers.items() if {titles[at], plain_title(name)} & said)


def missing_answers(
    table: AnswerTable, header: Header, papers: Papers, sat: Iterable[int], found: Findings
) -> None:
    """Add that questions of a paper which somebody sat have no column; what people mark may come later."""
    asked: set[str] = set()
    waiting: set[str] = set()
    for form in sat:
        named = zip(papers.names(form, by_position=header.by_position), papers.places[form], strict=True)
        for name, entry in named:
            (waiting if KINDS[entry.kind].rated else asked).add(name)
    if later := sorted(waiting - header.answers.keys()):
        found.add(warning("R338", table.span(-1, 0), n=table.frame.height, items=", ".join(later[:5])))
    if missing := sorted(asked - header.answers.keys(), key=lambda name: (len(name), name)):
        found.add(table.wrong("R107", -1, 0, names=", ".join(missing[:5]), n=len(missing)))


def unused_columns(table: AnswerTable, reading: Reading) -> list[Problem]:
    """Return a warning for each column that the mapping file names and the table does not have."""
    titles = {plain_title(name) for name in table.header}
    problems = []
    for group, words in (("columns", reading.columns), ("ignore", reading.ignore), ("groups", reading.groups)):
        for word in words:
            if plain_title(word) not in titles:
                near = difflib.get_close_matches(word[:100], table.header, n=1)
                span = reading.places.get((group, word)) or table.span(-1, 0)
                problems.append(warning("R202", span, name=word, suggestion=near[0] if near else ""))
    return problems


def wrong_targets(reading: Reading, papers: Papers, table: AnswerTable) -> list[Problem]:
    """Return what the mapping file says of columns and papers that do not exist."""
    problems = []
    targets = {*ROLES, "position", *papers.items, *papers.positions}
    for word, target in reading.columns.items():
        if target not in targets:
            near = difflib.get_close_matches(target[:100], sorted(targets), n=1)
            span = reading.places.get(("columns", word)) or table.span(-1, 0)
            problems.append(error("R203", span, name=word, target=target, suggestion=near[0] if near else ""))
    for word, form in reading.forms.items():
        if form not in papers.ids:
            span = reading.places.get(("forms", word)) or table.span(-1, 0)
            problems.append(error("R110", span, form=form, forms=some(papers.ids, most=8)))
    return problems
