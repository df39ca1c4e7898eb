"""考后对试题的决定。"""

TEXTS: dict[str, str] = {
    "V301": "题库中 {item} 的答案没有改：{key} 不是一道题的单一答案",
    "V301.hint": "本次考试已按它计分；题库中的试题请自行修改",
    "V302": "题库中 {item} 的答案没有改为 {key}：试题已不是印卷时的内容",
    "V302.hint": "本次考试已按新答案计分；请核对现在的试题，仍有错就自行修改",
    "V303": "{item} 不能与自己互斥",
    "V303.hint": "写另一道题的题号",
    "V304": "{verdict} 要写出与 {item} 互斥的另一道题",
    "V304.hint": "qbank decide 考试 题号 enemy 另一题号 --why …",
    "V305": "{verdict} 要写出 {item} 的答案",
    "V305.hint": "qbank decide 考试 题号 {verdict} 答案 --why …；B|C 表示都算对，答案@试卷 只改一份卷子",
    "V306": "{verdict} 后面不写内容，却写了 {named!r}",
    "V306.hint": "去掉它；另有答案时用 rekey 答案 或 accept 答案",
    "V307": "工作区中没有题库 {bank}，无法修改 {item}",
    "V307.hint": "用 --bank 指明题库文件夹，或只作记录：--ledger-only",
}
