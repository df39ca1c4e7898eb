"""Texts printed on papers, keys and answer sheets."""

TEXTS: dict[str, str] = {
    # Head and foot of every page
    "page": "第 {page} 页 共 {pages} 页",
    "paper_code": "试卷代码：{code}",
    "conditions": "考试时间：{minutes} 分钟　　满分：{marks} 分",
    # Candidate's strip
    "seal": "密封线",
    "seal_notice": "密封线内不得答题",
    "notices": "注意事项",
    # Table of scores
    "score_number": "题号",
    "score": "得分",
    "marker": "评分人",
    "total": "总分",
    # Sections
    "ordinals": "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十",
    "section": "{ordinal}、{title}",
    "section_note": "（{span}。{instruction}{marks}）",
    "span_one": "第{first}题",
    "span": "第{first}题～第{last}题",
    "section_marks": "每题{each}分，满分{total}分。",
    "number": "{number}．",
    "letter": "{letter}．",
    "bracket": "（　　）",
    "answer_here": "答：",
    # Key
    "key": "标准答案",
    "key_number": "题号",
    "key_answer": "答案",
    # Answer sheet
    "sheet": "答题卡",
    "sheet_how": "填涂说明",
    "sheet_rule_1": "用黑色字迹的笔填写个人信息，并逐位填涂准考证号。",
    "sheet_rule_2": "用 2B 铅笔涂满方框；修改时用橡皮擦净后再涂。",
    "sheet_rule_3": "保持卡面平整清洁，不得遮盖或污损四角定位块与二维码。",
    "sheet_right": "正确",
    "sheet_wrong": "错误",
    "sheet_id": "准考证号",
    "sheet_code": "卷别识别码",
    "sheet_code_alt": "二维码：试卷代码 {code}，试卷摘要 {digest}，第 {page} 页",
    # Texts that cannot be printed
    "fail_where": "{item}（{place}）",
    "fail_line": "{where}：{what}",
    "fail_head": "卷首",
    "fail_formula": "无法识别的公式：{detail}",
    "fail_chemistry": "无法识别的化学式：{detail}",
    "fail_macro": "LaTeX 命令写在了美元符号之外：{detail}",
    "fail_image": "暂不能排印图片：{detail}",
    "fail_nesting": "嵌套过深：{detail}",
    "fail_length": "文字过长：{detail} 个字符",
    "fail_glyph": "试卷字体中没有字符 {detail}",
    "fail_markup": "不允许的标记：{detail}",
}
