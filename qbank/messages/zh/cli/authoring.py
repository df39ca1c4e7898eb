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
    "schema.short": "为编辑器生成 JSON Schema，补全鉴定点和键名",
    "schema.example": "qbank schema banks/steelmaking --write",
    "schema.wrote": "已写入 {n} 个 Schema：{folder}",
    "schema.merged": "已加入 {file}",
    "schema.by_hand": "{file} 含有注释或写法特殊，没有改动；请把下面几行加进去：",
    "option.--write": "写入工作区，并登记到 VS Code 的设置中",
    "option.--modeline": "显示文件首行的写法，供其他编辑器使用",
    "option.--file": "显示哪一种文件的 Schema",
}
