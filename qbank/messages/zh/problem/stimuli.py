"""What is wrong with stimuli and with the items that name one."""

TEXTS: dict[str, str] = {
    "I156": "材料 {stimulus} 不在本库中，或者内容不同",
    "I156.hint": "合并只带入试题：先把材料抄入本库的 stimuli，或改用另一个编号",
    "I207": "{n} 题共用材料，表中只有材料的编号",
    "I207.hint": "材料正文留在题库的 stimuli 中；导入另一个题库前，先把材料抄过去",
    "I208": "{n} 题共用材料，材料正文已写在每题的题干之前",
    "I208.hint": "再导入时材料是题干的一部分，各题不再共用；需要保持原样时导出 xlsx",
    "Q401": "材料编号 {id} 重复（已在 {first}）",
    "Q401.hint": "换一个编号",
    "Q402": "材料 {stimulus} 不存在",
    "Q402.hint": "改正编号，或在 stimuli 中补写；相近的编号：{suggestion}",
    "Q403": "stimulus 写成了列表（{n} 项）；一题只属于一份材料，只写一个编号",
    "Q403.hint": "留下一个编号；确需两份材料，合写成一份",
    "Q404": "互斥材料 {enemy} 不存在",
    "Q404.hint": "改正编号或删除；相近的编号：{suggestion}",
    "Q405": "没有试题使用材料 {id}",
    "Q405.hint": "在试题中写 stimulus: {id}，或删去材料",
}
