"""equate."""

TEXTS: dict[str, str] = {
    "equate.short": "等值：各卷多少分相当于基准卷的合格线，谁因此转为合格或不合格",
    "equate.example": "qbank equate S2026-11 --to BOF4-A --boot 1000 --csv concordance.csv",
    "equate.working": "等值…",
    "equate.wrote": "已写出：{path}",
    "equate.flips": "按等值合格线判定会改变的考生（{n} 人）：",
    "equate.more": "另有 {n} 人，见 --json",
    "equate.col_person": "准考证号",
    "equate.col_paper": "试卷",
    "equate.col_total": "总分",
    "equate.col_equated": "等值分数",
    "equate.col_change": "判定",
    "equate.option.--to": "基准卷：其他各卷等值到它（默认第一份有人作答的试卷）",
    "equate.option.--method": "要报告的方法，如 linear、linear_tucker、equipercentile_loglinear（默认按人数选择，见报告的“方法与定义”）",
    "equate.option.--anchors": "只用这些共同题作锚题，逗号分隔（默认全部，去掉待裁定的和行为不一致的）",
    "equate.option.--boot": "自助法重抽次数：以自助法标准误代替解析标准误",
    "equate.option.--seed": "自助法的随机种子",
    "equate.option.--csv": "把各种方法的完整分数对照表写成这个 CSV 文件",
}
