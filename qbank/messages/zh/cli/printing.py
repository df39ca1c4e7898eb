"""排印版式、考场用表和考点模板。"""

TEXTS: dict[str, str] = {
    "print.only_pdf": "--layout、--large、--booklet 只用于 PDF 和 Word（--to pdf、--to docx）",
    "print.only_for": "{option} 只用于 {forms}",
    "print.whole_booklet": "--booklet 是整本练习册，不分部分、不分考生：去掉 {options}",
    "print.only_room": "--accessible 只用于按名册排印的 PDF（--to pdf 加 --roster）；不按名册排印的 PDF 本来就符合 PDF/UA、PDF/A",
    "option.--accessible": "可访问：按名册排印的试卷也带标签（PDF/UA、PDF/A），供读屏软件使用，每名考生不到 0.2 秒",
    "option.--layout": "试卷纸张：a4，或 a3（A3 横放两栏，对折，同 8 开卷）",
    "option.--large": "大字版：18 磅字",
    "option.--booklet": "练习册：已公开的试题，末尾附答案与解析",
}
