"""similar, diff."""

TEXTS: dict[str, str] = {
    "similar.short": "查找雷同试题，以及答案不一致的同一题",
    "similar.example": "qbank similar banks/steelmaking --threshold 0.4",
    "similar.working": "比较…",
    "similar.group": "第 {number} 组（{n} 题）",
    "similar.pair": "与 {other} 相比：题干 {stem}，整题 {whole}",
    "similar.another_key": "同一题，答案不一致",
    "similar.perhaps_another_key": "题干相近而答案不同，请核对",
    "similar.other_stem": "选项和答案相同，题干不同",
    "similar.done": "比较了 {items} 题：相似度不低于 {threshold} 的 {pairs} 对，分为 {groups} 组",
    "similar.nearest": "最相近的一对：{first} 与 {second}（题干 {stem}，整题 {whole}）",
    "similar.written": "已在 {n} 题写入 enemies",
    "option.--write-enemies": "把每一对写成互斥试题：在后一题中写 enemies",
    "option.--item": "只查这一题",
    "option.--threshold": "相似度下限（三字组 Jaccard 系数，0～1）",
    "option.--with-options": "只按题干加选项判断，题干单独相近的不算",
}
