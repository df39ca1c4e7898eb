"""Items against each other: near duplicates, enemies, cueing."""

TEXTS: dict[str, str] = {
    "D101": "{id} 与 {other} 是同一题",
    "D101.hint": "保留一题；确需都留，写入 enemies，使其不同卷",
    "D102": "{id} 与 {other} 是同一题，答案却不一致",
    "D102.hint": "查明哪个答案错了，改正或停用；并非同一题的，把题干写明白，或写入 enemies",
    "D103": "{id} 与 {other} 题干相近，答案却是“{key}”和“{other_key}”",
    "D103.hint": "核对两题的答案；都没错，写入 enemies",
}
