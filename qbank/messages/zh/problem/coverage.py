"""The bank against its standard."""

TEXTS: dict[str, str] = {
    "G101": "难度分布合计为 {total}，应为 100",
    "G101.hint": "改正 bank.yaml 中 coverage 的 grades",
    "G102": "标准没有 {level} 级（只有 {levels}）",
    "G102.hint": "改用标准中的级别",
    "G103": "计划书是 {level} 级的，所求为 {asked} 级",
    "G103.hint": "去掉 --level，或换一份计划书",
    "G104": "文件已存在，没有改动",
    "G104.hint": "换一个文件名；已写好的试题不会被覆盖",
    "G105": "{id} 尚待命题",
    "G105.hint": "写好题干、选项、答案、解析和出处",
    "G106": "{code} 的先修 {requires} 已由其他先修关系包含",
    "G106.hint": "可以删去这一条",
    "G107": "{code} 有试题，其先修鉴定点 {requires} 却没有",
    "G107.hint": "为 {requires} 命题",
    "G108": "不会画这种文件（可用：{allowed}）",
    "G108.hint": "换一个扩展名",
}
