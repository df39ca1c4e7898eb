"""stats."""

TEXTS: dict[str, str] = {
    "stats.short": "信息统计：报名、实考、合格、成绩分布，按职业、级别、考点、考试等",
    "stats.example": "qbank stats --by occupation,level,site --to xlsx",
    "stats.working": "统计…",
    "stats.wrote": "已写出：{path}",
    "stats.unknown_by": "{word!r} 不是分组项；可用：{words}",
    "option.--occupation": "只统计这一职业（代码或名称），可重复",
    "stats.option.--level": "只统计这一级别（5 初级工 … 1 高级技师），可重复",
    "option.--site": "只统计这一考点，可重复",
    "option.--sitting": "只统计这次考试，可重复",
    "option.--since": "从这一天起的考试",
    "option.--until": "到这一天为止的考试",
    "stats.option.--by": "按什么分组，逗号分隔：occupation 职业、level 级别、site 考点、sitting 考试、paper 试卷、month 月、year 年",
    "stats.option.--to": "table 显示在屏幕上；csv、xlsx、html 写到 statistics/，可重复",
}
