"""Customary words of a paper: title, notices, instructions, levels."""

TEXTS: dict[str, str] = {
    "title": "职业技能等级认定理论知识试卷",
    "fields": "单位|准考证号|姓名",
    "level_5": "五级/初级工",
    "level_4": "四级/中级工",
    "level_3": "三级/高级工",
    "level_2": "二级/技师",
    "level_1": "一级/高级技师",
    "notice_1": "考试时间：{minutes} 分钟。",
    "notice_2": "请首先按要求在试卷的密封线内填写姓名、准考证号和所在单位的名称。",
    "notice_3": "请仔细阅读各种题目的回答要求，在规定的位置填写答案。",
    "notice_4": "请用蓝色或黑色的钢笔、圆珠笔答卷，不要在试卷上乱写乱画。",
    "notice_5": "不得在密封线以外填写与身份有关的内容，违者试卷作废。",
    "instruction_single": "选择一个正确的答案，将相应的字母填入题内的括号中。",
    "instruction_true_false": "将判断结果填入括号中，正确的填“√”，错误的填“×”。",
    "instruction_numeric": "计算后将结果填入题内的空白处。",
}
