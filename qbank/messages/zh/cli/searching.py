"""组卷搜索过程中的文字。"""

TEXTS: dict[str, str] = {
    "assemble.option.--seconds": "到此秒数即停止搜索并保留目前最好的试卷（此时再次运行结果可能不同）",
    "assemble.stopping": "正在停止：保留目前最好的试卷（再按一次 Ctrl-C 立即结束）",
    "assemble.stage.pooled": "为全部试卷合选试题",
    "assemble.stage.partition": "分配试题",
    "assemble.stage.search": "交换试题",
    "assemble.stage.direct": "精确求解",
    "assemble.progress.best": "{stage}：目前最好 {best}",
    "assemble.progress.broken": "{stage}：尚违反规则合计 {broken}",
}
