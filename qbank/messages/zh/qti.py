"""Words that stand in QTI items."""

TEXTS: dict[str, str] = {
    "true": "正确",
    "false": "错误",
    "marks": " 分",
    "part": "（{number}）（{marks} 分）",
    "task_time": "考核时间 {minutes} 分钟（准备 {preparation} 分钟）。",
    "site": "考场准备：",
    "candidate": "考生准备：",
    "requirements": "考核要求：",
    "step": "考核内容",
    "demand": "考核要点",
    "worth": "配分",
    "deducted": "，扣 {marks} 分",
    "veto": "否定项：",
}
