"""audit 在表格之外的文字。"""

TEXTS: dict[str, str] = {
    "audit.low": "最小",
    "audit.median": "中位",
    "audit.high": "最大",
    "audit.furthest": "偏离最大的试卷",
    "audit.overlap_pairs": "两卷相同试题",
    "audit.wrote": "报告：{path}",
    "audit.drawing": "正在绘图……",
    "option.--report": "写出报告：.html .svg .png .json .csv；可重复",
}
