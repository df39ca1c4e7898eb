"""standard-setting."""

TEXTS: dict[str, str] = {
    "standard-setting.short": "A panel's judgements in, a cut and its report out",
    "standard-setting.example": "qbank standard-setting panel.xlsx --method angoff --sitting 2026-05",
    "standard-setting.one_of": "give either a panel's file or --template FORM",
    "standard-setting.working": "computing…",
    "standard-setting.wrote": "wrote {path} and {n} files more",
    "standard-setting.template": "wrote {path}; a row an item, a column a judge (rename the columns); ratings 0–1 or per cent; a "
    "further round: rows with round 2",
    "standard-setting.judge": "Judge {n}",
    "standard-setting.option.--method": "angoff, yes_no, extended_angoff, ebel, bookmark, hofstee, beuk, borderline_group or contrasting_groups; "
    "what a panel.yaml says unless given",
    "standard-setting.option.--sitting": "the sitting whose candidates show the impact, and that some methods need",
    "standard-setting.option.--form": "file of the paper that was judged",
    "standard-setting.option.--template": "write a table for a panel to fill in, of this paper",
    "option.--judges": "columns of judges in the template",
    "standard-setting.option.--out": "folder of the report, by default reports/standard-setting/NAME; of a template, its file",
}
