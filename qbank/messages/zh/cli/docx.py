"""print --to docx."""

TEXTS: dict[str, str] = {
    "print.only_docx": "--word-template 只用于 --to docx",
    "option.--word-template": "Word 模板（.docx）：沿用它的样式、页面、页眉和页脚，只用于 --to docx",
}
