"""Order, versions and unscored places on the command line."""

TEXTS: dict[str, str] = {
    "option.--versions": "每份试卷的版本数（1–8）：试题相同，题序和选项顺序不同",
    "assemble.version": "版本：{path}（{paper} 的另一版本）",
}
