"""Papers with every kind of question, in Chinese and in English, pictures, tables and formulae and all."""

from __future__ import annotations

from qbank.core.presentation import (
    Deduction,
    GuidePoint,
    Language,
    Paper,
    PaperSection,
    Question,
    Supply,
    Task,
    TaskStep,
)
from tests.pictures import png, svg

LANCE = svg(
    '<rect x="150" y="10" width="60" height="90" fill="none" stroke="black" stroke-width="2"/>'
    '<path d="M150 100 L120 150 M180 100 L180 155 M210 100 L240 150" stroke="black" fill="none"/>'
    '<path d="M20 170 Q100 150 180 170 T340 170 L340 215 L20 215 Z" fill="#ddd" stroke="black"/>'
    '<text x="222" y="60" font-size="15">A</text><text x="246" y="148" font-size="15">B</text>'
    '<text x="30" y="200" font-size="15">熔池 C</text>',
    'width="360" height="220" viewBox="0 0 360 220"',
)
ARROWS = {
    name: svg(f'<path d="{path}" fill="none" stroke="black" stroke-width="2"/>', 'width="90" height="54"')
    for name, path in {
        "up": "M45 48 L45 8 M36 18 L45 8 L54 18",
        "down": "M45 8 L45 48 M36 38 L45 48 L54 38",
        "left": "M78 28 L12 28 M24 19 L12 28 L24 37",
        "right": "M12 28 L78 28 M66 19 L78 28 L66 37",
    }.items()
}
MEDIA = {"media/lance.svg": LANCE, "media/panel.png": png(320, 120)} | {
    f"media/{name}.svg": data for name, data in ARROWS.items()
}


def lettered(*texts: str) -> tuple[tuple[str, str], ...]:
    """Return options with their letters."""
    return tuple(zip("ABCDEFGH", texts, strict=False))


def numbered(*texts: str) -> tuple[tuple[str, str], ...]:
    """Return prompts with their numbers."""
    return tuple((str(number), words) for number, words in enumerate(texts, start=1))


def points(*pairs: tuple[float, str]) -> tuple[GuidePoint, ...]:
    """Return the points of a marking guide."""
    return tuple(GuidePoint(words, marks) for marks, words in pairs)


ZH_CHOICES = (
    Question("K-1", 1, "single", "炉渣碱度 $R$ 通常用（　　）表示。", lettered(
        r"$w(\mathrm{CaO})/w(\mathrm{SiO_2})$", r"$w(\mathrm{SiO_2})/w(\mathrm{CaO})$", r"$w(\mathrm{MgO})$",
        r"$w(\mathrm{FeO})$"), "A", "bracket", 1.0),
    Question("K-2", 2, "single", "如图所示的氧枪喷头与熔池，冲击坑位于（　　）。\n\n![氧枪喷头与熔池的示意图，喷头为 A，射流为 B，熔池为 C](media/lance.svg)",
             lettered("A 处", "B 处", "C 处", "图中没有标出"), "C", "bracket", 1.5),
    Question("K-3", 3, "single", "下列图形中，表示提枪方向的是", lettered(
        "![向上的箭头](media/up.svg)", "![向下的箭头](media/down.svg)", "![向左的箭头](media/left.svg)",
        "![向右的箭头](media/right.svg)"), "A", "bracket", 0.5),
)  # fmt: skip
ZH_MULTIPLE = (
    Question("K-4", 4, "multiple", "某炉次的吹炼数据如下表。\n\n| 时间（min） | 枪位（m） | 氧流量（m³/h） | 现象 |\n|---:|:---:|---:|:---|\n| 3 | 1.8 | 21000 | 起渣 |\n| 8 | 1.4 | 24000 | 火焰变软 |\n| 12 | 1.2 | 24500 | 返干，$w(\\mathrm{TFe})<10\\,\\%$ |\n\n据此判断，可以采取的措施有（　　）。",
             lettered("提高枪位", "加入少量 $\\ce{Fe2O3}$ 类冷却剂", "继续降低枪位", "短时降低供氧强度", "停止加料"), "ABD", "bracket", 2.0),
    Question("K-5", 5, "multiple", "影响脱磷的因素有（　　）。", lettered("温度", "碱度", "渣中 FeO", "渣量"), "ABCD", "bracket", 2.0),
)  # fmt: skip
ZH_JUDGED = (
    Question("K-6", 6, "true_false", "氩气在炼钢温度下不与钢水发生化学反应。", (), "√", "tick", 1.0),
    Question("K-7", 7, "true_false", "炉渣返干时应当降低枪位。", (), "×（应当提高枪位）", "tick", 1.0),
)
ZH_FILLED = (
    Question("K-8", 8, "fill", "转炉炼钢的基本任务是脱碳、脱磷、脱硫、________和________。", (),
             "脱氧；升温", "blank", 2.0, guide=points((1, "第 1 空：脱氧（也可答“脱氧合金化”）"), (1, "第 2 空：升温"))),
    Question("K-9", 9, "fill", "反应 $\\ce{[Si] + O2 = (SiO2)}$ 是________热反应。", (), "放", "blank", 1.0,
             guide=points((1, "放"))),
)  # fmt: skip
ZH_NUMERIC = (
    Question("K-10", 10, "numeric", "某转炉装入铁水 110 t，硅含量 0.50 %，终渣碱度 3.0，石灰有效氧化钙 80 %，石灰加入量为 ________ kg。", (),
             "4420 kg", "blank", 5.0),
    Question("K-11", 11, "numeric", "铸坯断面 230 mm × 1400 mm，拉速 1.2 m/min，密度取 7.6 t/m³，单流每分钟浇注钢水多少吨？", (),
             "2.94 t", "blank", 5.0),
)  # fmt: skip
ZH_MATCHED = (
    Question("K-12", 12, "matching", "将左侧的原料与其在转炉中的主要作用配对，把右侧的字母填入左侧的括号。", lettered(
        "造碱性渣", "化渣", "保护炉衬，提高渣中 MgO", "冷却", "脱氧"), "1-A 2-B 3-C 4-D", "blank", 4.0,
        numbered("石灰", "萤石", "轻烧白云石", "废钢")),
    Question("K-13", 13, "matching", "将左侧的现象与右侧最可能的原因配对。", lettered(
        "炉渣氧化性低而枪位又长时间偏低，渣中高熔点物质析出", "渣中氧化铁积聚后碳氧反应突然加剧", "供氧强度过小"),
        "1-A 2-B", "blank", 2.0, numbered("吹炼中期炉渣返干，火焰短而发散", "喷溅")),
)  # fmt: skip
ZH_ORDERED = (
    Question("K-14", 14, "ordering", "将下列转炉操作按一炉钢的先后顺序排列。", lettered(
        "兑铁水", "加废钢", "出钢", "吹炼", "溅渣护炉"), "B → A → D → C → E", "blank", 2.0),
    Question("K-15", 15, "ordering", "转炉停炉检修前的正确顺序是（　　　　）。", lettered(
        "确认炉内无液态残渣并摇炉至零位", "切断氧枪和原料系统的电源并挂牌", "办理检修交接手续", "验电、试动"), "ABDC", "blank", 2.0),
)  # fmt: skip
ZH_SHORT = (
    Question("K-16", 16, "short", "简述溅渣护炉的操作要点。", (),
             "1. 终渣成分合适，MgO 在饱和溶解度附近。\n2. 留渣量合适。\n3. 控制枪位和氮气压力，时间 2～4 min。", "lines", 5.0,
             n_lines=4, guide=points((2, "终渣 MgO 和 FeO 的控制"), (1, "留渣量"), (1.5, "枪位与氮气压力"), (0.5, "溅渣时间"))),
    Question("K-17", 17, "essay", "论述转炉终点控制的方法，并说明怎样提高终点碳和温度的双命中率。", (),
             "拉碳法与增碳法各有适用……\n\n提高双命中率的措施：稳定原料条件；采用副枪或烟气分析动态控制。", "lines", 10.0,
             n_lines=6, guide=points((3, "拉碳法、增碳法的原理"), (3, "静态与动态控制"), (4, "提高双命中率的措施，每答出一条得 2 分"))),
)  # fmt: skip
ZH_CASE = (
    Question("K-18", 18, "case", "某厂 120 t 转炉吹炼至 11 min 时发生大喷，炉口喷出大量渣钢。事后查得：前期枪位 2.0 m 保持了 6 min，渣中 $w(\\mathrm{TFe})=28\\,\\%$。\n\n| 项目 | 前期 | 中期 |\n|:---|---:|---:|\n| 枪位（m） | 2.0 | 1.5 |\n| 温度（℃） | 1380 | 1490 |",
             (), "", "parts", 8.5, parts=(
                 Question("K-18.1", 1, "single", "喷溅的主要原因是（　　）。", lettered("渣中氧化铁积聚", "温度过高", "碱度过高", "氧压过低"), "A", "bracket", 1.0),
                 Question("K-18.2", 2, "true_false", "喷溅发生时应立即大幅降枪。", (), "×", "tick", 0.5),
                 Question("K-18.3", 3, "numeric", "若渣量为 12 t，渣中铁的质量为 ________ t。", (), "3.36 t", "blank", 2.0),
                 Question("K-18.4", 4, "ordering", "排列处理步骤。", lettered("降低氧流量", "适当提枪", "加料压渣"), "BAC", "blank", 1.0),
                 Question("K-18.5", 5, "short", "写出两条预防措施。", (), "控制枪位，避免长时间高枪位；及时加入冷却剂。", "lines", 4.0,
                          n_lines=3, guide=points((2, "合理控制枪位"), (2, "温度与加料控制")))
             )),
)  # fmt: skip
ZH_TASK = (
    Question("K-19", 19, "task", "在仿真操作台上完成一炉 Q235B 钢的吹炼，终点碳 0.08 %～0.12 %，温度 1640 ℃～1660 ℃。", (), "", "lines", 40.0, task=Task(
        60, 10,
        (Supply("转炉仿真操作台", "120 t 顶底复吹", "1", "台", "每考位"), Supply("对讲机", "防爆型", "2", "部")),
        (Supply("劳动防护用品", "工作服、安全帽、护目镜", "1", "套", "自备，不合格者不得入场"), Supply("签字笔", "黑色 0.5 mm", "1", "支")),
        ("正确穿戴劳动防护用品。", "按操作规程操作，独立完成。", "终点碳 $w[\\mathrm{C}]$ 与温度同时命中。"),
        (TaskStep("吹炼前准备", "检查氧枪、水压和联锁，确认装入制度", 10.0,
                  (Deduction("漏检一项", 2), Deduction("未确认装入量", 3))),
         TaskStep("吹炼控制", "枪位和加料合理，无喷溅、无返干", 20.0,
                  (Deduction("出现喷溅，每次", 5), Deduction("返干未处理", 5), Deduction("氧压控制不当", 2.5))),
         TaskStep("终点控制", "$0.08\\,\\%\\le w[\\mathrm{C}]\\le 0.12\\,\\%$，温度 1640 ℃～1660 ℃", 10.0,
                  (Deduction("碳每超出 0.01 %", 1), Deduction("温度每超出 5 ℃", 1)))),
        ("违反安全操作规程，造成设备事故。", "未穿戴劳动防护用品上岗。"))),
)  # fmt: skip
EN_CHOICES = (
    Question("E-1", 1, "single", "The basicity of a slag is the ratio (    ).", lettered(
        r"$w(\mathrm{CaO})/w(\mathrm{SiO_2})$", r"$w(\mathrm{SiO_2})/w(\mathrm{CaO})$", r"$w(\mathrm{MgO})$",
        "none"), "A", "bracket", 1.0),
    Question("E-2", 2, "single", "Which letter marks the bath?\n\n![Section of a lance tip over the bath: tip A, jet B, bath C](media/lance.svg)",
             lettered("A", "B", "C", "none of them"), "C", "bracket", 1.5),
)  # fmt: skip
EN_MULTIPLE = (
    Question("E-3", 3, "multiple", "These values were read in one heat.\n\n| Time (min) | Lance (m) | Remark |\n|---:|:---:|:---|\n| 3 | 1.8 | slag forms |\n| 12 | 1.2 | slag dries |\n\nWhich measures help? (    )",
             lettered("raise the lance", "add $\\ce{Fe2O3}$", "lower the lance", "blow harder"), "AB", "bracket", 2.0),
)  # fmt: skip
EN_OTHERS = (
    Question("E-4", 4, "true_false", "Argon does not react with liquid steel.", (), "√", "tick", 1.0),
    Question("E-5", 5, "fill", "Steelmaking removes carbon, ________ and ________.", (), "phosphorus; sulphur", "blank", 2.0,
             guide=points((1, "Blank 1: phosphorus"), (1, "Blank 2: sulphur or sulfur"))),
    Question("E-6", 6, "numeric", "How much carbon, in kg, does 100 t of hot metal with 4.2 % C hold?", (), "4200 kg", "blank", 2.0),
    Question("E-7", 7, "matching", "Match each material with what it does.", lettered("makes a basic slag", "fluidises the slag", "cools", "protects the lining"),
             "1-A 2-B 3-C", "blank", 3.0, numbered("lime", "fluorspar", "scrap")),
    Question("E-8", 8, "ordering", "Put these steps of a heat in order.", lettered("charge hot metal", "charge scrap", "tap", "blow"), "BADC", "blank", 2.0),
    Question("E-9", 9, "short", "Name two causes of slopping.", (), "High lance for long; iron oxide in the slag.", "lines", 2.0, n_lines=3,
             guide=points((1, "lance practice"), (1, "state of the slag"))),
)  # fmt: skip
EN_CASE = (
    Question("E-10", 10, "case", "After eleven minutes a 120 t converter slopped heavily. The lance had stood at 2.0 m for six minutes.", (), "", "parts", 3.5, parts=(
        Question("E-10.1", 1, "single", "The main cause was", lettered("too much iron oxide in the slag", "too high a temperature", "too little oxygen"), "A", "bracket", 1.0),
        Question("E-10.2", 2, "true_false", "The lance should now be lowered at once.", (), "×", "tick", 0.5),
        Question("E-10.3", 3, "short", "Say how to prevent it.", (), "Keep the lance lower; add coolant in time.", "lines", 2.0, n_lines=2, guide=points((2, "any two measures")))
    )),
)  # fmt: skip
EN_TASK = (
    Question("E-11", 11, "task", "Blow one heat of Q235B on the simulator; aim 0.10 % C and 1650 °C.", (), "", "lines", 20.0, task=Task(
        45, 0, (Supply("Converter simulator", "120 t", "1", "set"),), (),
        ("Wear protective clothing.", "Work alone."),
        (TaskStep("Before the blow", "Check lance, water and interlocks", 5.0, (Deduction("each check left out", 1),)),
         TaskStep("Blow", "No slopping", 15.0, (Deduction("each slopping", 5), Deduction("carbon off by 0.01 %", 0.5)))),
        ("A breach of the safety rules that causes an accident.",))),
)  # fmt: skip


def paper_of(language: Language, sections: tuple[PaperSection, ...], subject: str, title: str) -> Paper:
    """Return a paper of these sections."""
    zh = language == "zh"
    return Paper(
        title=title, subject=subject, code="LG4-2026-02K" if zh else "SM4-2026-02K",
        digest="a1b2c3d4", language=language, minutes=120,
        marks=sum(question.marks for section in sections for question in section.questions),
        notices=("考试时间 120 分钟。", "请在密封线内填写姓名和准考证号。") if zh else ("Write in black or blue ink.",),
        fields=("准考证号", "姓名", "单位") if zh else ("Candidate number", "Name"),
        sections=sections, media=MEDIA,
    )  # fmt: skip


def zh_every_kind() -> Paper:
    """Return the Chinese paper with every kind of question."""
    sections = (
        PaperSection("单项选择题", "选择一个正确的答案，将相应的字母填入题内的括号中。", 1.0, ZH_CHOICES),
        PaperSection("多项选择题", "选择所有正确的答案，多选、少选、错选均不得分。", 2.0, ZH_MULTIPLE),
        PaperSection("判断题", "正确的填“√”，错误的填“×”。", 1.0, ZH_JUDGED),
        PaperSection("填空题", "将正确的答案填入题内的横线上。", 2.0, ZH_FILLED),
        PaperSection("计算填空题", "将计算结果填在题内的横线上。", 5.0, ZH_NUMERIC),
        PaperSection("匹配题", "将右侧的字母填入左侧的括号中。", 4.0, ZH_MATCHED),
        PaperSection("排序题", "按先后顺序填写字母。", 2.0, ZH_ORDERED),
        PaperSection("简答与论述题", "", 5.0, ZH_SHORT),
        PaperSection("案例分析题", "阅读材料后回答问题。", 8.5, ZH_CASE),
        PaperSection("操作技能题", "按要求操作。", 40.0, ZH_TASK),
    )
    return paper_of("zh", sections, "炼钢工（转炉炼钢工）三级/高级工", "职业技能等级认定试卷")


def en_every_kind() -> Paper:
    """Return the English paper with every kind of question."""
    sections = (
        PaperSection("Single choice", "Choose the one right answer.", 1.0, EN_CHOICES),
        PaperSection("Multiple choice", "Choose every right answer.", 2.0, EN_MULTIPLE),
        PaperSection("Short questions", "Answer in the place provided.", 2.0, EN_OTHERS),
        PaperSection("Case", "Read, then answer.", 3.5, EN_CASE),
        PaperSection("Practical task", "Do as asked.", 20.0, EN_TASK),
    )
    return paper_of("en", sections, "Steelmaker (converter), level 3", "Examination")


def zh_tasks() -> Paper:
    """Return a Chinese paper of nothing but tasks."""
    return paper_of("zh", (PaperSection("操作技能", "", 40.0, ZH_TASK),), "炼钢工 三级/高级工", "职业技能等级认定操作技能考核")
