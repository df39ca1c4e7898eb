"""How keys are spelled in tables and text files: A, ABC, A|C, 对, √, several blanks, a number with its unit."""

from __future__ import annotations

import json
import re
from typing import Any

from qbank.kinds.kind import folded
from qbank.kinds.true_false import FALSE_WORDS, TRUE_WORDS

KIND_WORDS: dict[str, str] = {
    "判断": "true_false", "判断题": "true_false", "是非": "true_false", "是非题": "true_false", "10": "true_false",
    "单选": "single", "单选题": "single", "单项选择": "single", "单项选择题": "single", "选择": "single",
    "选择题": "single", "20": "single",
    "多选": "multiple", "多选题": "multiple", "多项选择": "multiple", "多项选择题": "multiple", "不定项": "multiple",
    "不定项选择题": "multiple", "30": "multiple",
    "填空": "fill", "填空题": "fill", "40": "fill",
    "简答": "short", "简答题": "short", "问答": "short", "问答题": "short", "名词解释": "short", "50": "short",
    "组合": "case", "组合题": "case", "60": "case",
    "计算": "calculation", "计算题": "calculation", "70": "calculation",
    "论述": "essay", "论述题": "essay", "80": "essay",
    "案例": "case", "案例分析": "case", "案例分析题": "case", "90": "case",
    "匹配": "matching", "匹配题": "matching", "连线": "matching", "连线题": "matching",
    "排序": "ordering", "排序题": "ordering",
    "操作": "task", "操作技能": "task", "实操": "task",
}  # fmt: skip
"""What tables and text files call a kind, with the code numbers of the common platform.

``calculation`` is no kind: a number is marked as such, a worked solution by people.
"""
KIND_TITLES = {
    "single": "单选", "multiple": "多选", "true_false": "判断", "fill": "填空", "numeric": "计算", "short": "简答",
    "essay": "论述", "matching": "匹配", "ordering": "排序", "case": "案例分析", "task": "操作技能",
}  # fmt: skip
_NUMBER = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(?:(?:±|\+/-)\s*(\d+(?:\.\d+)?)\s*)?(.{0,20})")
_SHARE = re.compile(r"[（(](?:±|\+/-)\s*(\d+(?:\.\d+)?)\s*[%％]\s*[)）]$")  # without brackets, % may be the unit
_PARTS = re.compile(r"[;；|｜]")
_LETTERS = re.compile(r"[\s,，、;；|｜/.和]+")


def kind_of(word: str, kinds: object) -> str:
    """Return the kind that a cell names, in Chinese, by code or by our own word; empty where it names none.

    >>> kind_of("单选题", ()), kind_of("20.0", ()), kind_of("fill", {"fill": 0}), kind_of("猜谜", ())
    ('single', 'single', 'fill', '')
    """
    plain = re.sub(r"\.0+\Z", "", folded(word)).casefold()
    if plain in KIND_WORDS:
        return KIND_WORDS[plain]
    plain = plain.replace("-", "_").replace(" ", "_")
    return plain if plain in kinds else ""  # type: ignore[operator]


def letters_of(answer: str) -> str | None:
    """Return the letters of a choice in the order written, or None for what is none.

    >>> letters_of("A、C"), letters_of("ａｃ"), letters_of("（A）"), letters_of("第一个")
    ('AC', 'AC', 'A', None)
    """
    letters = _LETTERS.sub("", re.sub(r"\A[(\[【](.*)[)\]】]\Z", r"\1", folded(answer).strip())).upper()
    return letters if re.fullmatch(r"[A-Z]{1,26}", letters) else None


def truth_of(answer: str) -> bool | None:
    """Return what a true/false answer says, or None.

    >>> truth_of("√"), truth_of("错误"), truth_of("A")
    (True, False, None)
    """
    word = folded(answer).upper().removesuffix("。")
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None


def number_of(answer: str) -> dict[str, Any] | None:
    """Return value, tolerance and unit of a numeric answer, or None for what is more than a number.

    >>> number_of("42.8±0.5 kg/t")
    {'value': 42.8, 'tolerance': 0.5, 'unit': 'kg/t'}
    >>> number_of("7223 kg（±1%）"), number_of("12.5 ± 0.5 %")
    ({'value': 7223, 'tolerance': '1%', 'unit': 'kg'}, {'value': 12.5, 'tolerance': 0.5, 'unit': '%'})
    >>> number_of("1880"), number_of("约3个"), number_of("3 + 4 = 7")
    ({'value': 1880}, None, None)
    """
    plain = answer.strip()
    share = _SHARE.search(plain)
    match = _NUMBER.fullmatch(_SHARE.sub("", plain).strip() if share else plain)
    if match is None:
        return None
    value, tolerance, unit = match.group(1), match.group(2), match.group(3).strip()
    if re.search(r"[\d=。，；\n]|^[-+*/×x]", unit.replace("m2", "").replace("m3", "")) or len(value) > 30:
        return None
    key: dict[str, Any] = {"value": plain_number(value)}
    if share and tolerance:
        return None
    if share:
        key["tolerance"] = f"{share.group(1)}%"
    if tolerance:
        key["tolerance"] = plain_number(tolerance)
    if unit:
        key["unit"] = unit
    return key


def plain_number(text: str) -> int | float:
    """Return a number as item files write it: whole where it is whole."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e15 and not re.search(r"[eE]", text) else value


def blanks_of(answer: str) -> list[Any]:
    """Return the key of a fill-in item: one entry a blank, parted by semicolons or bars; or as JSON.

    >>> blanks_of("氧化钙；二氧化硅"), blanks_of('[["CaO", "石灰"]]')
    (['氧化钙', '二氧化硅'], [['CaO', '石灰']])
    """
    if answer.lstrip().startswith("["):
        found = json_value(answer)
        if isinstance(found, list):
            return found
    return [part.strip() for part in _PARTS.split(answer) if part.strip()]


def with_blanks(stem: str, n_blanks: int) -> str:
    """Return a stem whose brackets are blanks, where it has as many as there are keys and no blanks of its own.

    >>> with_blanks("碱度是（　　）与（ ）之比", 2), with_blanks("碱度（R）是____", 1)
    ('碱度是____与____之比', '碱度（R）是____')
    """
    if re.search(r"_{3,}", stem):
        return stem
    found, n = re.subn(r"[（(][\s　_]*[)）]|__", "____", stem)
    return found if n == n_blanks else stem


def json_value(text: str) -> Any:
    """Return JSON as plain data, or None for what is none; never deeper than an item can be."""
    if len(text) > 200_000 or text.count("[") + text.count("{") > 2000 or re.search(r"[\[{]\s*(?:[\[{]\s*){30}", text):
        return None
    try:
        return json.loads(text, parse_constant=lambda word: None)
    except (ValueError, RecursionError):
        return None


def json_cell(value: Any) -> str:
    """Return plain data as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)
