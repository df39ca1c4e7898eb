"""Papers that the render tests print: realistic questions of a converter steelmaker, and an English one."""

from __future__ import annotations

from dataclasses import replace

from qbank.core.presentation import Paper, PaperSection, Question

SINGLE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "炉渣碱度 $R$ 通常用（　　）表示。",
        (
            r"$w(\mathrm{CaO})/w(\mathrm{SiO_2})$",
            r"$w(\mathrm{SiO_2})/w(\mathrm{CaO})$",
            r"$w(\mathrm{MgO})/w(\mathrm{SiO_2})$",
            r"$w(\mathrm{FeO})/w(\mathrm{CaO})$",
        ),
        "A",
    ),
    ("氧气顶吹转炉吹炼前期，熔池中最先被大量氧化的元素是（　　）。", ("碳", "硅", "磷", "硫"), "B"),
    (
        r"脱磷反应 $\ce{2[P] + 5(FeO) + 4(CaO) -> (4CaO*P2O5) + 5[Fe]}$ 是放热反应，"
        "因此有利于脱磷的热力学条件是（　　）。",
        (
            "高温、低碱度、低氧化性",
            "低温、高碱度、高氧化性",
            "高温、高碱度、低氧化性",
            "低温、低碱度、高氧化性",
        ),
        "B",
    ),
    (
        "某炉钢水 120 t，残余硅含量为 0.02 %，成品硅目标为 0.27 %，使用含硅 75 % 的硅铁，硅收得率为 80 %，"
        "应加入硅铁（　　）kg（忽略合金对钢水量的影响）。",
        ("300", "400", "500", "625"),
        "C",
    ),
    (
        "溅渣护炉操作中，对终渣成分的要求，下列说法**不正确**的是（　　）。",
        (
            "终渣 MgO 含量应控制在饱和溶解度附近或略高，使炉渣具有合适的耐火度",
            "终渣 TFe 含量越高越好，以便炉渣保持良好的流动性并在炉衬上迅速铺开",
            "渣量不足时应适当留渣或补加调渣剂，保证溅渣层达到所需的厚度",
            "炉渣过稀时可加入轻烧白云石或生白云石调渣，降低过热度后再进行溅渣",
        ),
        "B",
    ),
    (
        "转炉煤气回收的必要条件之一是煤气中氧的体积分数小于（　　）。",
        ("2 %", "5 %", "8 %", "10 %"),
        "A",
    ),
    (
        r"碳氧浓度积 $m = [\%\mathrm{C}]\cdot[\%\mathrm{O}]$ 在 1600 ℃、"
        r"$p_{\mathrm{CO}} = 101.3\ \mathrm{kPa}$ 时约为（　　）。",
        (
            r"$2.5\times10^{-2}$",
            r"$2.5\times10^{-3}$",
            r"$2.5\times10^{-4}$",
            r"$2.5\times10^{-5}$",
        ),
        "B",
    ),
    (
        "连铸坯产生中心偏析的主要原因是（　　）。",
        (
            "钢水过热度低，柱状晶不发达",
            "凝固末期富集溶质的钢液流动和补缩",
            "结晶器冷却水流量过大",
            "保护渣的熔点过低",
        ),
        "B",
    ),
    (
        "与温度合适的炉次相比，出钢温度过高的危害主要是（　　）。",
        ("钢水吸气、炉衬侵蚀加剧", "结瘤", "水口冻结", "炉渣变稠"),
        "A",
    ),
    (
        r"钢液中夹杂物上浮速度可用斯托克斯公式 $v=\dfrac{2}{9}\cdot\dfrac{(\rho_m-\rho_s)gr^2}{\mu}$ 估算。"
        "其他条件不变，夹杂物半径增大到 2 倍时，上浮速度变为原来的（　　）倍。",
        (r"$\sqrt{2}$", "2", "4", "8"),
        "C",
    ),
)

JUDGED: tuple[tuple[str, str], ...] = (
    ("溅渣过程中适当变化枪位，可以使炉衬不同高度的部位都挂上渣。", "√"),
    ("采用底吹搅拌后，转炉吹炼的喷溅倾向比单纯顶吹时增大。", "×"),
    ("氩气在炼钢温度下不与钢水发生化学反应。", "√"),
    (
        "同一试样两次化验结果不同时，操作人员可选取对本班考核有利的一次填入记录，但应当在交接班时向接班人员口头说明情况。",
        "×",
    ),
    ("进入煤气区域作业必须携带便携式一氧化碳报警仪，并且至少两人同行。", "√"),
)

NUMERIC: tuple[tuple[str, str], ...] = (
    (
        "某转炉装入铁水 110 t，铁水硅含量为 0.50 %，要求终渣碱度为 3.0，石灰有效氧化钙含量为 80 %。"
        "若不计其他来源的二氧化硅，石灰加入量为 ________ kg（取整数）。",
        "4420 kg",
    ),
    (
        "某铸机铸坯断面为 230 mm × 1400 mm，拉速为 1.2 m/min，单流每分钟浇注钢水多少吨？"
        "（钢的密度取 7.6 t/m³，保留两位小数）",
        "2.94 t",
    ),
)

ZH_NOTICES = (
    "本试卷依据《国家职业技能标准　炼钢工》命制，考试时间 90 分钟。",
    "请首先按要求在试卷密封线内填写您的姓名、准考证号和所在单位的名称。",
    "请仔细阅读各种题目的回答要求，在规定的位置填写您的答案。",
    "不要在试卷上乱写乱画，不要在密封线以内填写无关的内容。",
)
SINGLE_INSTRUCTION = "选择一个正确的答案，将相应的字母填入题内的括号中。"
JUDGED_INSTRUCTION = "判断下列说法，正确的在括号内填“√”，错误的填“×”。"


def single_question(number: int, source: tuple[str, tuple[str, ...], str]) -> Question:
    """Return a single-choice question."""
    stem, options, answer = source
    lettered = tuple(zip("ABCDEFGH", options, strict=False))
    return Question(f"BOF4-{number:04d}", number, "single", stem, lettered, answer, "bracket", 1.0)


def judged_question(number: int, source: tuple[str, str]) -> Question:
    """Return a true-or-false question."""
    return Question(f"BOF4-{number:04d}", number, "true_false", source[0], (), source[1], "tick", 1.0)


def numeric_question(number: int, source: tuple[str, str]) -> Question:
    """Return a question whose answer is a number."""
    return Question(f"BOF4-{number:04d}", number, "numeric", source[0], (), source[1], "blank", 5.0)


def zh_paper(n_single: int = 10, n_judged: int = 5, n_numeric: int = 2) -> Paper:
    """Return a Chinese paper of so many questions, the same few texts again and again."""
    single = [single_question(n + 1, SINGLE[n % len(SINGLE)]) for n in range(n_single)]
    judged = [judged_question(n_single + n + 1, JUDGED[n % len(JUDGED)]) for n in range(n_judged)]
    first = n_single + n_judged + 1
    numeric = [numeric_question(first + n, NUMERIC[n % len(NUMERIC)]) for n in range(n_numeric)]
    sections = (
        PaperSection("单项选择题", SINGLE_INSTRUCTION, 1.0, tuple(single)),
        PaperSection("判断题", JUDGED_INSTRUCTION, 1.0, tuple(judged)),
        PaperSection("计算填空题", "将计算结果填在题内的横线上。", 5.0, tuple(numeric)),
    )
    sections = tuple(section for section in sections if section.questions)
    return Paper(
        title="职业技能等级认定理论知识试卷",
        subject="炼钢工（转炉炼钢工）四级/中级工",
        code="LG4-2026-01A",
        digest="3f9a1c07",
        language="zh",
        minutes=90,
        marks=sum(question.marks for section in sections for question in section.questions),
        notices=ZH_NOTICES,
        fields=("准考证号", "姓名", "单位"),
        sections=sections,
    )


def en_paper() -> Paper:
    """Return a small English paper."""
    questions = (
        Question(
            "EN-1",
            1,
            "single",
            r"The basicity of a slag is the ratio (    ).",
            (
                ("A", r"$w(\mathrm{CaO})/w(\mathrm{SiO_2})$"),
                ("B", r"$w(\mathrm{SiO_2})/w(\mathrm{CaO})$"),
                ("C", r"$w(\mathrm{MgO})/w(\mathrm{CaO})$"),
                ("D", "none of these"),
            ),
            "A",
            "bracket",
            1.0,
        ),
        Question("EN-2", 2, "true_false", "Argon does not react with liquid steel.", (), "√", "tick", 1.0),
        Question(
            "EN-3",
            3,
            "numeric",
            r"How much carbon, in kg, does 100 t of hot metal with 4.2 % C hold?",
            (),
            "4200 kg",
            "blank",
            2.0,
        ),
    )
    return Paper(
        title="Theory paper",
        subject="Steelmaker (converter), level 4",
        code="SM4-2026-01A",
        digest="77b0e2d4",
        language="en",
        minutes=30,
        marks=4.0,
        notices=("Write in black or blue ink.", "Do not write in the left margin except your particulars."),
        fields=("Candidate number", "Name", "Employer"),
        sections=(
            PaperSection("Multiple choice", "Choose the one best answer.", 1.0, questions[:1]),
            PaperSection("True or false", "Mark √ for true, × for false.", 1.0, questions[1:2]),
            PaperSection("Calculation", "Write the number on the line.", 2.0, questions[2:]),
        ),
    )


def with_stem(paper: Paper, stem: str) -> Paper:
    """Return the paper with the stem of its first question replaced."""
    section = paper.sections[0]
    first = replace(section.questions[0], stem=stem)
    changed = replace(section, questions=(first, *section.questions[1:]))
    return replace(paper, sections=(changed, *paper.sections[1:]))
