"""standard-setting。"""

TEXTS: dict[str, str] = {
    "standard-setting.short": "读入专家组评定，得出合格线和报告",
    "standard-setting.example": "qbank standard-setting panel.xlsx --method angoff --sitting 2026-05",
    "standard-setting.one_of": "请给出专家组文件，或 --template 试卷（二者取一）",
    "standard-setting.working": "计算中…",
    "standard-setting.wrote": "已写入 {path}，另有 {n} 个文件",
    "standard-setting.template": "已写入 {path}：每题一行，每位评委一列（请改列名）；评定填 0–1 或百分数；再评一轮则另加行，轮次写 2",
    "standard-setting.judge": "评委{n}",
    "standard-setting.option.--method": "angoff、yes_no、extended_angoff、ebel、bookmark、hofstee、beuk、borderline_group 或 contrasting_groups；不写则用 "
    "panel.yaml 里的",
    "standard-setting.option.--sitting": "用哪一场的考生看影响；有的方法必须指明",
    "standard-setting.option.--form": "专家组评定的试卷文件",
    "standard-setting.option.--template": "按这份试卷生成评定空表",
    "option.--judges": "空表里的评委列数",
    "standard-setting.option.--out": "报告文件夹，默认 reports/standard-setting/名称；生成空表时为文件名",
}
