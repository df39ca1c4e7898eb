"""The columns of a delivered bank's table, and how each cell is written and read.

The first are those of the header in use between centres (试题GUID | 题型 | 题干 | 答案 | 选项A… | 知识点一级… | 难度 …);
the later ones hold what else an item of ours has, so that a table written here reads back as the same items.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from qbank.files.interchange.answers import json_cell, json_value, plain_number
from qbank.kinds.kind import folded

POINT_COLUMNS = tuple(f"知识点{n}级" for n in "一二三四五六")
TITLES: dict[str, str] = {
    "source_id": "试题GUID", "kind": "题型", "stem": "题干", "answer": "答案",
    "grade": "难度", "congruence": "一致性", "marks": "分数", "rationale": "解析", "reference": "出处",
    "id": "题号(qbank)", "competency": "鉴定点代码", "level": "级别", "cognitive": "认知层次", "seconds": "答题秒数",
    "status": "状态", "tags": "标签", "enemies": "互斥试题", "author": "命题人", "misconception": "干扰项说明",
    "pin": "固定选项", "shuffle": "选项乱序", "credit": "计分规则", "tolerance": "允许误差", "unit": "单位",
    "correction": "改正", "rubric": "评分要点", "lines": "作答行数", "more": "其他字段(JSON)",
}  # fmt: skip
"""key → title as written"""
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "source_id": ("guid", "试题编号", "试题id", "编号", "唯一标识", "source_id", "source id"),
    "kind": ("题目类型", "试题类型", "题类", "type", "kind"),
    "stem": ("题目", "试题", "试题内容", "题目内容", "问题", "question", "stem"),
    "answer": ("正确答案", "标准答案", "参考答案", "试题答案", "key", "answer"),
    "grade": ("难易度", "难度等级", "难易程度", "grade", "difficulty"),
    "congruence": ("一致程度", "congruence"),
    "marks": ("分值", "配分", "得分", "题分", "marks", "score", "points"),
    "rationale": ("答案解析", "试题解析", "详解", "explanation", "rationale"),
    "reference": ("来源", "依据", "参考资料", "reference", "source"),
    "id": ("id",),
    "competency": ("鉴定点", "鉴定点编码", "认定点代码", "知识点代码", "细目点代码", "competency"),
    "level": ("等级", "技能等级", "鉴定级别", "鉴定等级", "适用等级", "level"),
    "cognitive": ("认知水平", "能力层次", "cognitive"),
    "seconds": ("答题时间", "答题时间(秒)", "建议用时", "seconds"),
    "status": ("试题状态", "status"),
    "tags": ("关键词", "tags"),
    "enemies": ("互斥", "enemies"),
    "author": ("命题者", "作者", "出题人", "author"),
    "misconception": ("misconception",), "pin": ("pin",), "shuffle": ("shuffle",), "credit": ("credit",),
    "tolerance": ("误差", "tolerance"), "unit": ("计量单位", "unit"), "correction": ("correction",),
    "rubric": ("评分标准", "rubric"), "lines": ("lines",), "more": ("more",),
}  # fmt: skip
LEVELS = {
    "五级": 5, "初级工": 5, "初级": 5, "四级": 4, "中级工": 4, "中级": 4, "三级": 3, "高级工": 3, "高级": 3, "二级": 2,
    "技师": 2, "一级": 1, "高级技师": 1,
}  # fmt: skip
COGNITIVE = {
    "识记": "remember", "记忆": "remember", "了解": "remember", "理解": "understand", "掌握": "understand",
    "应用": "apply", "运用": "apply", "分析": "analyse", "综合": "analyse",
}  # fmt: skip
COGNITIVE_TITLES = {"remember": "识记", "understand": "理解", "apply": "应用", "analyse": "分析"}
GRADES = {"易": 1, "容易": 1, "较易": 2, "中": 3, "中等": 3, "适中": 3, "较难": 4, "难": 5, "困难": 5}


def _plain(title: str) -> str:
    title = re.sub(r"[\s*＊:：]|[(（](?:必填|选填|可选|required)[)）]", "", folded(title)).casefold()
    return title.replace("(", "").replace(")", "")


_KNOWN = {_plain(word): key for key, title in TITLES.items() for word in (title, *_SYNONYMS[key])}
_OPTION = re.compile(r"(?:选项|答案选项|备选项|option)?([a-z])")
_POINT = re.compile(r"(?:知识点|鉴定范围|考点|鉴定点|认定点)([一二三四五六123456])级|([一二三四五六])级(?:知识点|鉴定范围)")
_DIGITS = "一二三四五六"


def column_of(title: str) -> str:
    """Return the key that a column's title stands for: ``option.A``, ``point.1``, ``stem``…; empty for no key.

    >>> [column_of(t) for t in ("题型(必填)", "选项Ａ", "知识点二级", "分 值", "录入时间", "知识点")]
    ['kind', 'option.A', 'point.2', 'marks', '', 'point.9']
    """
    plain = _plain(title)
    if plain in _KNOWN:
        return _KNOWN[plain]
    if match := _OPTION.fullmatch(plain):
        return f"option.{match.group(1).upper()}"
    if match := _POINT.fullmatch(plain):
        digit = match.group(1) or match.group(2)
        return f"point.{_DIGITS.index(digit) + 1 if digit in _DIGITS else int(digit)}"
    return "point.9" if plain in ("知识点", "知识点名称", "鉴定点名称", "考点", "考核点") else ""


def column_letters(number: int) -> str:
    """Return what a spreadsheet calls a column.

    >>> column_letters(1), column_letters(27)
    ('A', 'AA')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def level_of(cell: str) -> int | None:
    """Return the level 1 to 5 that a cell names, or None.

    >>> level_of("四级/中级工"), level_of("4"), level_of("高级技师"), level_of("九级")
    (4, 4, 1, None)
    """
    plain = folded(cell).replace(" ", "")
    plain = re.sub(r"\.0+\Z", "", plain)
    if re.fullmatch(r"[1-5](级)?", plain):
        return int(plain[0])
    for part in [plain, *re.split(r"[/、(（)）]", plain)]:
        if part in LEVELS:
            return LEVELS[part]
    return None


def number_cell(cell: str) -> int | float | None:
    """Return the number in a cell, or None for what is none."""
    plain = folded(cell).removesuffix("分")
    if not re.fullmatch(r"[-+]?\d{1,15}(?:\.\d{1,15})?", plain):
        return None
    return plain_number(plain)


def grade_of(cell: str) -> int | None:
    """Return the judged difficulty 1 to 5, or None: a share such as 0.65 is an easiness and no grade."""
    value = GRADES.get(folded(cell)) or number_cell(cell)
    return int(value) if value in (1, 2, 3, 4, 5) else None


def truth_cell(cell: str) -> bool | None:
    """Return yes or no."""
    return {"是": True, "true": True, "1": True, "否": False, "false": False, "0": False}.get(folded(cell).casefold())


def fitting(value: Any, simple: str, read: Callable[[str], Any]) -> str:
    """Return the simple writing of a value where it reads back as the same, else JSON.

    >>> fitting(["a", "b"], "a；b", read_list), fitting(["a；b"], "a；b", read_list)
    ('a；b', '["a；b"]')
    """
    return simple if read(simple) == value else json_cell(value)


def read_list(cell: str) -> Any:
    """Return the texts of a cell that are parted by semicolons."""
    if cell.lstrip().startswith("[") and isinstance(found := json_value(cell), list):
        return found
    return [part.strip() for part in re.split(r"[;；]", cell) if part.strip()]


def read_notes(cell: str) -> Any:
    """Return text by letter, one line a letter.

    >>> read_notes("B：看反了\\nC: 漏了单位")
    {'B': '看反了', 'C': '漏了单位'}
    """
    if cell.lstrip().startswith("{") and isinstance(found := json_value(cell), dict):
        return found
    notes: dict[str, str] = {}
    for line in cell.split("\n"):
        letter, _, words = line.strip().replace("：", ":", 1).partition(":")
        if words.strip() and len(letter.strip()) == 1:
            notes[letter.strip().upper()] = words.strip()
        elif line.strip():
            return None
    return notes


def read_rubric(cell: str) -> Any:
    """Return the points of a marking scheme, one line a point; None where a line does not begin with its marks.

    >>> read_rubric("2分 写出公式\\n1.5分：代入数值")
    [{'points': 2, 'text': '写出公式'}, {'points': 1.5, 'text': '代入数值'}]
    """
    if cell.lstrip().startswith("[") and isinstance(found := json_value(cell), list):
        return found
    points = []
    for line in filter(None, (line.strip() for line in cell.split("\n"))):
        match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)\s*分\s*[:：]?\s*(.+)", line)
        if match is None:
            return None
        points.append({"points": plain_number(match.group(1)), "text": match.group(2)})
    return points
