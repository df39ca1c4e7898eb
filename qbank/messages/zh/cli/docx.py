"""print --to docx."""

TEXTS: dict[str, str] = {
    "option.--word-template": "Word 模板（.docx）：沿用它的样式、页面、页眉和页脚，只用于 --to docx",
}
