"""上机考试：print --to exam 和 sitting add 的选项。"""

TEXTS: dict[str, str] = {
    "print.option.--roster": "考生名单（CSV、XLSX）；每名考生一份",
    "print.option.--minutes": "上机考试的时间（分钟），默认按试卷",
    "print.option.--submit": "上机考试交卷的地址（本机或局域网），默认保存为文件",
    "sitting_add.option.--room-code": "考场口令，用来核对上机答题文件的签名；可重复",
    "sitting_add.option.--unsigned": "签名不符或没有签名的上机答题文件也收下（有警告）",
    "sitting_add.option.--written": "把要由人评分的作答写成一张表（CSV、XLSX）",
    "sitting.reading.signatures": "签名",
    "sitting.reading.is.checked": "已核对",
    "sitting.reading.is.unchecked": "未核对",
    "sitting.reading.is.exam": "上机答题文件",
}
