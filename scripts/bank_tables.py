"""The counts that stand in a bank's README, between `<!-- counts -->` and `<!-- end of counts -->`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.item import Item
from qbank.core.standard import leaf_weights
from qbank.kinds.single import SingleBody
from qbank.kinds.true_false import TrueFalseBody
from qbank.messages import text
from qbank.workflow.bank import usable_bank

BEGIN, END = "<!-- counts: python3 dev.py docs -->", "<!-- end of counts -->"
KINDS = ("single", "true_false", "multiple", "fill", "numeric", "matching", "ordering", "short", "essay", "case", "task")
LEVELS = {5: "五级", 4: "四级", 3: "三级", 2: "二级", 1: "一级"}


def with_counts(readme: Path) -> str:
    """Return the text of a bank's README with its counts as the bank stands."""
    bank, _ = usable_bank(readme.parent)
    page = readme.read_text("utf-8")
    if bank is None:
        return page
    made = f"{BEGIN}\n\n{framework(bank)}\n{items(bank)}\n{spread(bank)}\n{END}"
    return re.sub(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: made, page, flags=re.DOTALL)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown, all columns but the first aligned right."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def framework(bank: Bank) -> str:
    """Return a row a level: leaf domains, weights, competencies by importance."""
    rows = []
    for level in bank.standard.levels:
        points = [one for one in bank.standard.competencies.values() if level in one.levels]
        of = Counter(one.importance for one in points)
        weights = leaf_weights(bank.standard, level)
        shares = [f"{100 * of[word] / max(len(points), 1):.1f} %" for word in "XYZ"]
        rows.append([LEVELS[level], len(weights), f"{sum(weights.values()):g}", len(points), *shares])
    return table(["等级", "鉴定范围", "权重合计", "鉴定点", "X", "Y", "Z"], rows)


def items(bank: Bank) -> str:
    """Return a row a level: items by kind, templates and released ones among them."""
    rows = []
    for level, here in by_level(bank).items():
        of = Counter(item.kind for item in here)
        templates = sum(item.template is not None for item in here)
        released = sum(item.status == "released" for item in here)
        rows.append([LEVELS[level], *(of[kind] or "" for kind in KINDS), len(here), templates or "", released or ""])
    words = [text("zh", f"scoring.kind.{kind}") for kind in KINDS]
    return table(["等级", *words, "合计", "其中参数题", "其中练习题"], rows)


def spread(bank: Bank) -> str:
    """Return a row a level: judged grades, letters of single choices, true statements, misconceptions told."""
    rows = []
    for level, here in by_level(bank).items():
        grades = Counter(item.grade for item in here)
        single = [item.body for item in here if isinstance(item.body, SingleBody)]
        letters = Counter(body.key for body in single)
        said = [item.body.key for item in here if isinstance(item.body, TrueFalseBody)]
        told = sum(bool(body.misconception) for body in single)
        rows.append([
            LEVELS[level], " / ".join(f"{100 * grades[grade] / len(here):.0f}" for grade in range(1, 6)),
            " / ".join(str(letters[letter]) for letter in "ABCD"), f"{sum(said)} / {len(said) - sum(said)}", f"{told} / {len(single)}",
        ])  # fmt: skip
    return table(["等级", "难度 1～5 级（%）", "单选答案 A / B / C / D", "判断对 / 错", "单选写明误解"], rows)


def by_level(bank: Bank) -> dict[int, list[Item]]:
    """Return the items that are not retired, by level, in the standard's order."""
    kept = [item for item in bank.items.values() if item.status != "retired"]
    found = {level: [item for item in kept if item.level == level] for level in bank.standard.levels}
    return {level: here for level, here in found.items() if here}
