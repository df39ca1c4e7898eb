"""audit 在表格之外的文字。"""

TEXTS: dict[str, str] = {
    "audit.low": "最小",
    "audit.median": "中位",
    "audit.high": "最大",
    "audit.furthest": "偏离最大的试卷",
    "audit.overlap_pairs": "两卷相同试题",
    "audit.wrote": "报告：{path}",
    "audit.drawing": "正在绘图……",
    "audit.rule.known": "题库中在用且无待定结论的试题",
    "audit.rule.marks": "全卷分值",
    "audit.rule.distinct": "互不相同的试题",
    "audit.rule.unchanged": "与题库一致的题面",
    "audit.rule.section": "大题题数",
    "audit.rule.weights": "鉴定范围分值",
    "audit.rule.enemies": "同卷互斥试题",
    "audit.rule.keys": "答案字母所占比例",
    "audit.rule.version_questions": "版本：与原卷相同的试题",
    "audit.rule.version_number": "版本：题数",
    "audit.rule.version_map": "版本：能对回原卷的题号",
    "audit.rule.version_run": "版本：同一答案最多连续",
    "option.--report": "写出报告：.html .pdf .svg .png .json .csv；可重复",
}
