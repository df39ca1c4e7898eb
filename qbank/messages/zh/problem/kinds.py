"""What is wrong with the body of one kind of item."""

TEXTS: dict[str, str] = {
    # Pictures
    "Q301": "没有图片文件 {path}",
    "Q301.hint": "把图片放进题库文件夹（例如 media/），或改正路径",
    "Q302": "图片路径 {path} 不在题库文件夹之内",
    "Q302.hint": "写相对于题库文件夹的路径，例如 media/lance.svg；不用网址、绝对路径和 ..，也不用指向外面的链接",
    "Q303": "图片 {path} 不是 SVG、PNG 或 JPEG（文件开头：{detail}）",
    "Q303.hint": "另存为 SVG（线条图）或 PNG、JPEG（照片）",
    "Q304": "图片 {path} 没有文字说明",
    "Q304.hint": "在方括号中写明图上有什么：![氧枪喷头剖面图，标有 A、B、C 三处](media/lance.svg)",
    "Q305": "图片 {path} 超过 {megabytes} MB",
    "Q305.hint": "缩小图片；试卷上的图宽 16 厘米，2000 像素已足够",
    "Q306": "图片 {path} 含有不允许的内容：{detail}",
    "Q306.hint": "SVG 中不得有脚本、链接、外部文件、实体和嵌套引用；用绘图软件另存为“纯 SVG”",
    "Q307": "图片 {path} 已损坏：{detail}",
    "Q307.hint": "用绘图软件重新保存；SVG 要有 width、height 或 viewBox",
    "Q308": "图片 {path} 太大：{detail} 像素",
    "Q308.hint": "缩小图片；试卷上的图宽 16 厘米，2000 像素已足够",
    "Q309": "图片 {path} 无法读取：{detail}",
    "Q309.hint": "检查文件名和权限",
}
