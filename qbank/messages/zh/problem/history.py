"""The history of items and statistics over sittings."""

TEXTS: dict[str, str] = {
    "U101": "没有试题 {id}：题库和历次考试中都没有",
    "U101.hint": "检查题号；相近的题号：{suggestion}",
    "U102": "没有{what} {found!r}",
    "U102.hint": "改为记录中有的；相近：{suggestion}",
    "word.statistics occupation": "职业",
    "word.statistics site": "考点",
    "word.statistics sitting": "考试",
}
