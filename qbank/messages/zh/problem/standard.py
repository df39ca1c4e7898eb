"""The standard."""

TEXTS: dict[str, str] = {
    "T101": "{level} 级各鉴定范围的权重合计为 {total}，应为 100",
    "T101.hint": "检查该级每个末级范围的 weight",
    "T102": "前置关系成环：{cycle}",
    "T102.hint": "去掉环中的一条 requires",
    "T103": "{code} 的前置鉴定点 {requires} 不存在",
    "T103.hint": "改正代码或删除",
    "T104": "代码 {code} 重复（第 {line} 行已有）",
    "T104.hint": "换一个代码",
    "T105": "{code} 在 {level} 级有权重，但标准只含 {levels}",
    "T105.hint": "把该级写入 levels，或删除权重",
    "T106": "{code} 下有子范围，不能再有 {key}",
    "T106.hint": "权重和鉴定点只写在末级范围",
    "T107": "{code} 的层次超过 {most} 级",
    "T107.hint": "减少层次",
    "T108": "{code} 的级别 {level} 不在标准的级别 {levels} 中",
    "T108.hint": "改正 levels",
    "T110": "{code} 在 {level} 级只有 {found} 个鉴定点，应不少于权重的 2 倍即 {need} 个",
    "T110.hint": "补充鉴定点",
    "T111": "{level} 级 {importance} 类鉴定点占 {share}，应 {limit}",
    "T111.hint": "重新核定重要程度",
}
