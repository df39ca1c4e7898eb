"""排印版式、考场用表和考点模板。"""

TEXTS: dict[str, str] = {
    "Z901": "排印模板有错：{detail}",
    "Z901.hint": "改正模板这一处；模板只能引用 /settings.typ 和同一文件夹内的文件",
}
