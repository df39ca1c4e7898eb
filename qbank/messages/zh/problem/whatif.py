"""What-if questions: capacity, why."""

TEXTS: dict[str, str] = {
    "A250": "题库（{n} 题）中没有试题 {item}",
    "A250.hint": "核对题号；最接近的是：{suggestion}",
    "A251": "没有指明 {item} 与哪份试卷或计划书比较",
    "A251.hint": "用 --form 指定试卷，或用 --blueprint 指定计划书",
    "A252": "试卷 {form} 由计划书 {made_by} 组成，不是 {given}",
    "A252.hint": "改正 --blueprint，或不写",
    "A253": "试卷 {form} 上有 {n} 道题今天已不可用（{items}），解释时按缺这些题计算",
    "A253.hint": "这些题的状态、级别或题型在组卷之后改过，或正在等待决定",
    "A254": "两份试卷可以重复 {overlap} 题，而每份只有 {size} 题：份数没有限制",
    "A254.hint": "--overlap 应小于每份题数",
}
