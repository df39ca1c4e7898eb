"""Word files."""

TEXTS: dict[str, str] = {
    "Z501": "不能用作 Word 模板：{detail}",
    "Z501.hint": "用 Word 另存为 .docx（不带宏、不链接外部文件）；最方便的模板就是用 --to docx 印出、再改好样式的文件",
}
