"""assign."""

TEXTS: dict[str, str] = {
    "assign.short": "给报名的考生分配试卷：考场内随机，不发以前做过的题",
    "assign.example": "qbank assign roster.csv --forms forms/bof-4-theory --seed 7",
    "assign.working": "分配…",
    "assign.done": "{persons} 名考生，{papers}（种子 {seed}）",
    "assign.repeaters": "其中 {n} 人参加过以前的考试；一份卷上以前做过的题至多 {most} 道",
    "assign.left": "{n} 人没有可用的试卷",
    "assign.wrote": "已写入 {path}",
    "assign.option.--forms": "试卷文件或文件夹，可重复",
    "assign.option.--max-seen": "一份卷上以前做过的题至多几道；默认按组卷计划书的 overlap，没有则为 0",
    "assign.option.--out": "写到哪个文件（.csv 或 .xlsx）",
}
