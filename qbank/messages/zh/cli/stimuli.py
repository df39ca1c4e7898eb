"""Stimuli."""

TEXTS: dict[str, str] = {
    "stimulus.head": "材料 {id}",
    "stimulus.items": "试题 {n} 道：题号、题型、状态、判断难度、题干",
    "stimulus.enemies": "互斥材料：{ids}",
}
