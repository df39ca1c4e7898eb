"""Verbs over items: check, show, new, schema."""

TEXTS: dict[str, str] = {
    "option.--no-cache": "每个文件都重新检查，不用缓存",
}
