"""import, export, merge."""

TEXTS: dict[str, str] = {
    "import.short": "导入其他软件的试题，再次导入即更新",
    "import.example": "qbank import 四级题库.xlsx banks/steelmaking --level 4 --dry-run",
    "import.working": "导入…",
    "import.new": "新增",
    "import.updated": "更新",
    "import.unchanged": "不变",
    "import.refused": "拒绝",
    "import.more": "……另有 {n} 题",
    "import.counts": "新增 {new}，更新 {updated}，不变 {unchanged}，拒绝 {refused}",
    "import.nothing_written": "没有写入任何文件",
    "import.wrote": "已写入 {path}",
    "option.--from": "文件格式，默认按内容和后缀判断",
    "option.--dry-run": "只说明会做什么，不写入",
    "option.--level": "文件没有写级别时的级别",
    "option.--kind": "文件没有写题型时的题型",
    "option.--competency": "找不到鉴定点时的默认鉴定点代码",
    "option.--prefix": "新题号的前缀",
    "option.--into": "新试题写入题库中的哪个文件",
    "option.--partial": "有错误的试题跳过，其余照样写入",
}
