"""Verbs over items: check, show, new, schema."""

TEXTS: dict[str, str] = {
    "option.--no-cache": "每个文件都重新检查，不用缓存",
    "option.--kind": "题型",
    "option.--competency": "鉴定点代码",
    "option.--level": "级别：5 初级工 … 1 高级技师",
    "option.--new-id": "题号，默认按题库的编号接着编",
    "option.--author": "命题人",
    "option.--into": "写到哪个文件的末尾，默认显示在屏幕上",
    "new.item_only": "--kind 和 --competency 只用于 qbank new item（这里写的是 {word!r}）",
    "new.item_needs": "qbank new item 需要 --kind 和 --competency",
    "new.item_done": "已写入 {file}；填好后运行 qbank check",
}
