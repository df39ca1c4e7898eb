"""The release gate, official results, papers for registered persons."""

TEXTS: dict[str, str] = {
    "H101": "考试 {id} 的成绩尚未发布，还缺“{stage}”这一步",
    "H101.hint": "先做 {command}；qbank gate {id} 列出各步。临时成绩可用 qbank score {id}",
    "H102": "前面的“{stage}”这一步尚未通过",
    "H102.hint": "先做 {command}",
    "H103": "有 {n} 道被标记的试题尚未作出决定：{items}",
    "H103.hint": '逐题决定：qbank decide {id} {first} keep|credit --why "…"（keep 保留，credit 全体给分）',
    "H104": "“{stage}”这一步的工作没有做，或之后答案、决定又有变动",
    "H104.hint": "先做 {command}",
    "H105": "考试 {id} 没有（在最近的变动之后做的）标定",
    "H105.hint": "先做 {command}；考生太少、靠组卷保证平行的，加 --why 写明理由后可直接通过",
    "H106": "通过“{stage}”这一步要写明理由",
    "H106.hint": "{command}",
    "H107": "考试 {id} 的“{stage}”及以后各步本来就没有通过，无可撤回",
    "H107.hint": "qbank gate {id} 列出各步",
    "word.imported": "录入",
    "word.analysed": "初步分析",
    "word.keys": "答案审定",
    "word.scored": "计分",
    "word.calibrated": "标定与等值",
    "word.released": "发布",
}
