"""results."""

TEXTS: dict[str, str] = {
    "results.short": "写出正式成绩单或考生本人的成绩通知单（发布之后）",
    "results.example": "qbank results 2026-11-A --candidates",
    "results.working": "写成绩…",
    "results.wrote": "已写入 {path}",
    "results.more": "另有 {n} 个文件，在 {folder}",
    "results.either": "--ranking 写名次表；考生通知单请另行运行，不加 --ranking",
    "results.corrected": "更正发布：{n} 人的成绩与上次发布不同（见 corrections.csv）",
    "results.option.--candidates": "写考生本人的成绩通知单，每人一页",
    "results.option.--ranking": "竞赛名次表：名次、同分比较、奖项，以及名次有多可靠",
    "results.option.--person": "只写这一人的：准考证号，或已抹去姓名者的化名",
    "results.option.--appeal": "通知单上关于复核期限和办法的说明",
}
