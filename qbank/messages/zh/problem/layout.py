"""The layout of papers and their versions."""

TEXTS: dict[str, str] = {
    "A271": "{first} 与 {second} 有 {share} 的题题号和答案都相同",
    "A271.hint": "每部分题数太少，或题序、选项位置被固定：放开 order、place、pin，或少印版本",
}
