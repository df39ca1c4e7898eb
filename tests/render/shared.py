"""Papers whose questions share stimuli, in Chinese and in English: runs, a run of one, a table, a picture, a title."""

from __future__ import annotations

from dataclasses import replace

from qbank.core.presentation import Paper, PaperSection, Question, SharedText
from tests.render.every_kind import MEDIA, lettered, points
from tests.render.samples import en_paper, zh_paper

ZH_RECORD = SharedText(
    "S-REC", "某厂 120 t 转炉一炉钢的操作记录",
    "铁水 110 t，温度 1 320 ℃；废钢 15 t。终渣碱度 $R=3.2$，终点碳、磷的质量分数如下。\n\n"
    "| 取样 | $w_\\mathrm{C}$／% | $w_\\mathrm{P}$／% | 温度／℃ |\n|---|---|---|---|\n| 副枪 | 0.35 | 0.028 | 1 590 |\n"
    "| 终点 | 0.06 | 0.012 | 1 655 |\n\n终点后静置 2 min 出钢，出钢过程加入硅铁和锰铁。",
    3, 5,
)  # fmt: skip
ZH_DRAWING = SharedText(
    "S-LANCE", "", "氧枪喷头与熔池如图。\n\n![氧枪喷头与熔池的示意图，喷头为 A，射流为 B，熔池为 C](media/lance.svg)", 6, 6
)


def zh_shared() -> Paper:
    """Return a Chinese paper with a run of three, a run of one and a written question on the record above."""
    paper = zh_paper(2, 0, 0)
    ask = ("本炉铁水占金属料的比例约为（　　）。", "从副枪测定到终点，碳的质量分数下降了（　　）。", "终点磷的去除主要依靠（　　）。")
    answers = (("75 %", "80 %", "88 %", "95 %"), ("0.06 %", "0.29 %", "0.35 %", "0.41 %"), ("碱性渣", "增碳", "真空", "废钢"))
    run = tuple(
        Question(f"S-{n}", n, "single", stem, lettered(*options), key, "bracket", 1.0)
        for n, (stem, options, key) in enumerate(zip(ask, answers, "CBA", strict=True), start=3)
    )
    run = (replace(run[0], shared=ZH_RECORD), *run[1:])
    drawn = Question("S-6", 6, "single", "图中 A 处是（　　）。", lettered("喷头", "射流", "熔池", "炉衬"), "A", "bracket", 1.0, shared=ZH_DRAWING)
    after = Question("S-7", 7, "single", "转炉炼钢的主要氧化剂是（　　）。", lettered("氧气", "氩气", "氮气", "煤气"), "A", "bracket", 1.0)
    written = Question(
        "S-8", 8, "short", "根据记录，说明终点碳偏低的两个后果。", (), "渣中氧化铁高；钢水氧化性强。", "lines", 6.0,
        guide=points((3, "渣中氧化铁高"), (3, "钢水氧化性强")), shared=replace(ZH_RECORD, first=8, last=8),
    )  # fmt: skip
    (section,) = paper.sections
    return replace(
        paper, media=MEDIA, marks=12.0,
        sections=(
            replace(section, questions=(*section.questions, *run, drawn, after)),
            PaperSection("简答题", "简要回答下列问题。", 6.0, (written,)),
        ),
    )  # fmt: skip


def en_shared() -> Paper:
    """Return a small English paper whose first two questions share a stimulus."""
    paper = en_paper()
    first, *others = paper.sections
    (question,) = first.questions
    shared = SharedText("S-HEAT", "A heat of steel", "The converter holds 110 t of hot metal and 15 t of scrap.", 1, 2)
    second = Question("EN-1b", 2, "single", "The share of scrap is about (    ).", lettered("8 %", "12 %", "15 %", "20 %"), "B", "bracket", 1.0)
    third = replace(others[0].questions[0], number=3)
    sections = (
        replace(first, questions=(replace(question, shared=shared), second)),
        replace(others[0], questions=(third,)),
    )
    return replace(paper, marks=3.0, sections=sections)
