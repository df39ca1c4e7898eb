"""print and export of QTI packages."""

TEXTS: dict[str, str] = {
    "print.option.--shuffle": "QTI 包：作答时由平台打乱选项（固定的选项不动）；不加则按印刷顺序",
}
