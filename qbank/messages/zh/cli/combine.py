"""combine。"""

TEXTS: dict[str, str] = {
    "combine.short": "理论、操作、综合评审合成一个结论，并说明判定准确性",
    "combine.example": "qbank combine 2026-11-理论 2026-11-操作 --names 理论知识,操作技能 --xlsx 合并.xlsx",
    "combine.working": "合并中…",
    "combine.two": "请至少写两个场次",
    "combine.wrote": "已写入 {path}",
    "combine.option.--rule": "conjunctive：各部分均须合格（默认）；compensatory：按百分制加权总分",
    "combine.option.--weights": "加权总分的权重，按场次顺序，逗号分隔，例如 30,70（默认相等）",
    "combine.option.--cut": "代替台账中的合格线：场次=分数，只写分数则用于每一部分；compensatory 时只写分数为加权总分的合格线。可重复",
    "combine.option.--reliability": "代替 α 的信度：场次=0.8，可重复；只有一个总评分的部分须给出",
    "combine.option.--names": "各部分的名称，按场次顺序，逗号分隔（默认用场次号）",
    "combine.option.--boot": "区间的抽样次数，0 为不要区间",
    "combine.option.--seed": "模拟与抽样的种子",
    "combine.option.--csv": "名单写入此 CSV（发布之前为各部分人数）",
    "combine.option.--xlsx": "全部表格写入此 XLSX",
    "combine.option.--html": "报告写成此网页",
    "combine.option.--pdf": "报告写成此 PDF",
}
