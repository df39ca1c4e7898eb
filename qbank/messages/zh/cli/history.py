"""history."""

TEXTS: dict[str, str] = {
    "history.short": "一道试题历次考试的表现；不写题号则列出失控的试题",
    "history.example": "qbank history BOF4-BCC-01 --to html",
    "history.working": "查看全部试题…",
    "history.one_or_all": "题号与 --all 只能用一个",
    "history.no_picture": "全部试题的清单没有图；用 html 或 pdf，或写出题号",
    "history.wrote": "已写出：{path}",
    "history.facility": "{item} 难度系数 {low}～{high}",
    "history.b": "{item} b {low}～{high}",
    "history.one_item": "看一道题的控制图：qbank history {item} --to html",
    "option.--all": "列出全部失控的试题，最远的在前",
    "history.option.--to": "写出 history/题号.html、.svg 或 .pdf，可重复",
    "history.option.--csv": "把历次考试的表写成 CSV 文件",
}
