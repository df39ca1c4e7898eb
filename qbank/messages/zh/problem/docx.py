"""Word files."""

TEXTS: dict[str, str] = {
    "Z501": "不能用作 Word 模板：{detail}",
    "Z501.hint": "用 Word 打开，另存为 .docx；最方便的模板就是用 --to docx 印出、再改好样式的文件",
    "Z502": "这不是 Word 文件（读到的是 {detail}）",
    "Z502.hint": "模板用 .docx 或 .dotx；老格式 .doc 和设了密码的文件，请用 Word 打开，去掉密码，另存为 .docx",
    "Z503": "带宏的文件不能用作模板，否则印出的试卷也带着宏（{detail}）",
    "Z503.hint": "用 Word 另存为不带宏的 .docx 或 .dotx",
    "Z504": "Word 模板过大：{detail}",
    "Z504.hint": "文件不超过 20 MB，解压后不超过 100 MB、2000 个部件；去掉其中的大图片",
    "Z505": "Word 模板要取用外部的内容：{detail}",
    "Z505.hint": "把链接的图片嵌入文件（Word 中“编辑链接”→“断开链接”），并取消所附的模板",
    "Z506": "Word 模板里没有样式（缺 {detail}），而模板要的就是样式",
    "Z506.hint": "用 Word 另存为 .docx；最方便的模板就是用 --to docx 印出、再改好样式的文件",
    "Z507": "--to {to} 没有每名考生自己的试卷，也没有考场用表：只把名册中有人应考的试卷各印一份",
    "Z507.hint": "--to pdf 印每名考生的试卷和考场用表，--to docx 印考场用表，--to exam 每名考生一个页面",
    "Z508": "Word 试卷不分考生，不带姓名、准考证号和二维码；各考场的用表已写成 Word",
    "Z508.hint": "要每名考生自己的试卷和可供扫描的答题卡，请用 --to pdf",
    "Z509": "centre.typ 是给 PDF 写的；Word 沿用 qbank.yaml 里的中心名称、徽标、页脚和注意事项，但不用其中的版块",
    "Z509.hint": "在 Word 文件里改好样式、页眉和页脚，用 --word-template 指定它",
}
