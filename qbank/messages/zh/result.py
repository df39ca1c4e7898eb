"""Words of the results list and of report titles."""

TEXTS: dict[str, str] = {
    "person": "准考证号",
    "form": "试卷",
    "site": "考点",
    "room": "考场",
    "seat": "座位",
    "group": "组别",
    "batch": "培训批次",
    "sex": "性别",
    "team": "班组",
    "version": "版本",
    "name": "姓名",
    "signature": "签名",
    "seating": "考场安排",
    "total": "总分",
    "verdict": "结论",
    "pass": "合格",
    "fail": "不合格",
    "void": "不予评定",
    "sheet": "成绩单",
    "report_title": "考试分析报告 {id}",
}
