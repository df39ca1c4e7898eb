"""print --to docx."""

TEXTS: dict[str, str] = {
    "print.only_docx": "--word-template 只用于 --to docx",
    "print.no_parts": "--to {to} 是整份试卷，不分部分：去掉 --part；要分部分请用 --to pdf、docx、html 或 txt",
    "option.--word-template": "Word 模板（.docx）：沿用它的样式、页面、页眉和页脚，只用于 --to docx",
}
