"""The whole loop in demo-out/: check, assemble, audit, print, sit, score, analyse, correct, calibrate, assemble again; then
one paper a person.

Every step is a `qbank` command that a person could type; it is shown before it runs.
"""

from __future__ import annotations

import re
import sys
import time

from demo_family import FOLDER, begun_beside, told
from steps import BANK, ROOT, Workspace, middling, say, worth_leaking

OUT = ROOT / "demo-out"
SITTING = "2026-11-A"
LATER = "2027-05"
LEAK_SITE = "B02"
BLUEPRINT = "blueprints/bof-4-theory.yaml"
FORMS = "forms/bof-4-theory"


def main() -> None:
    """Run the demo."""
    begun = time.perf_counter()
    place = Workspace(OUT)
    second = begun_beside(OUT)
    say("第二部分（一人一卷）同时在另一进程中运行，输出列在最后 / part two runs beside; what it says comes last")
    qbank = place.qbank
    item, right, slip = place.slip_of_the_pen(BLUEPRINT, "2026-11-23")
    say(f"这次演示先在题库副本里弄错一题的答案：{item} 的 {right} 写成了 {slip} / one key is spoiled on purpose")
    say("1. 题库：检查全部文件 / the bank is checked")
    qbank("check", BANK)
    qbank("coverage", BANK, "--forms", "2", "--csv", "commission.csv", "--stubs", "stubs.yaml", most=16)
    qbank("similar", BANK)
    qbank("show", next(entry["id"] for entry in place.entries() if "parameters" in entry), "--variants", "3")
    qbank("export", BANK, "--to", "xlsx", "--output", "bank.xlsx", most=6)
    qbank("import", "bank.xlsx", BANK, "--dry-run", most=6)
    say("\n   各种题型的试卷、评分标准、操作技能三单 / a paper with every kind of item")
    qbank("assemble", "blueprints/all-kinds.yaml", "--as-of", "2026-11-23")
    qbank("print", "forms/all-kinds", "--to", "pdf")
    say("\n2. 组卷：两份平行试卷 / two parallel papers")
    qbank("assemble", BLUEPRINT, "--series", "2026-11", "--as-of", "2026-11-23")
    qbank("audit", FORMS)
    say("\n3. 排印：试卷、标准答案、答题卡 / papers, keys, answer sheets")
    qbank("print", FORMS, "--to", "pdf")
    say("\n   Word、上机考试、QTI；加密封装、开启、核对 / Word, on screen, QTI; sealed, opened, verified")
    for kind in ("docx", "exam", "qti3"):
        qbank("print", FORMS, "--to", kind, most=4)
    qbank("seal", "--new-key", "centre")
    qbank("seal", "print/bof-4-theory", FORMS, "--to", "centre.pub", "--out", "sealed/2026-11.age", most=12)
    qbank("open", "sealed/2026-11.papers.age", "--identity", "centre.key", "--into", "opened", "--ledger", most=6)
    qbank("verify", "opened", most=6)
    say("\n4. 考试（模拟 1200 人）与录入 / a simulated sitting goes into the ledger")
    qbank("simulate", FORMS, "--persons", "1200", "--seed", "7", "--id", SITTING, "--date", "2026-11-23",
          "--miskey", f"{item}={right}")  # fmt: skip
    qbank("sitting", "add", f"sittings/{SITTING}/responses.csv", "--forms", FORMS, "--id", SITTING)
    qbank("score", SITTING)
    say("\n5. 分析：找出埋设的错误答案 / the planted mis-key is found")
    found = qbank("analyse", SITTING)
    if not re.search(rf"{item}.* {right}[；;]", found):
        sys.exit(f"the planted mis-key {item} was not found")
    path = place.write_key(item, right)
    say(f"\n6. 编辑更正答案，重新计分 / the editor corrects the key in {path.relative_to(OUT)}; answers are scored again")
    qbank("check", BANK)
    qbank("score", SITTING, "--corrected", "--why", f"{item} = {right}")
    qbank("analyse", SITTING)
    say("\n7. 标定：参数进入试题历史 / parameters join the items' history")
    qbank("calibrate", SITTING, "--model", "2pl")
    qbank("show", item)
    say("\n8. 再次组卷：用标定参数和使用记录 / the next papers use what was learned")
    linked = place.linked(BLUEPRINT, f"bof-4-theory-{SITTING[:7]}")
    say(f"   {linked} 比 {BLUEPRINT} 多一条规则：20 道锚题 / twenty items tie the new papers to the old scale")
    qbank("assemble", linked, "--series", LATER, "--as-of", "2027-05-10")
    later = [f"{FORMS}-linked/bof-4-theory-linked-{LATER}-{letter}.yaml" for letter in "AB"]
    qbank("audit", *later)
    known = place.known_items(later, [SITTING])
    leaked = worth_leaking(known)
    drifted = middling({item: b for item, b in known.items() if item != leaked})
    say(f"\n9. 半年后再考一次：{leaked} 在 {LEAK_SITE} 泄题，{drifted} 变难，另有 40 人第二次参加考试（均为模拟埋设）")
    say(f"   half a year later: {leaked} leaked at {LEAK_SITE}, {drifted} drifted, 40 persons come again")
    again = f"{LATER}-A"
    qbank("simulate", *later, "--persons", "1200", "--seed", "11", "--id", again, "--date", "2027-05-10",
          "--miskey", "none", "--leak", f"{leaked}=0.45@{LEAK_SITE}", "--drift", f"{drifted}=1.6",
          "--again", f"sittings/{SITTING}/responses.csv", "--n-again", "40")  # fmt: skip
    qbank("sitting", "add", f"sittings/{again}/responses.csv", *(word for form in later for word in ("--forms", form)),
          "--id", again)  # fmt: skip
    qbank("analyse", again, most=8)
    found = qbank("calibrate", again, "--model", "2pl")
    for planted, words in ((leaked, "泄题"), (drifted, "漂移")):
        if not re.search(rf"{planted}.*{words}", found):
            sys.exit(f"{planted} was not found")
    qbank("history", leaked)
    say("\n10. 处理、计分、放行、发布成绩 / decided, scored, released")
    qbank("decide", again, leaked, "credit", "--why", f"{LEAK_SITE} 泄题", "--who", "组长")
    place.keep_the_rest(again)
    qbank("score", again)
    for stage in ("keys", "scored", "calibrated"):
        qbank("gate", again, "pass", stage, "--why", "复核无误", "--who", "组长")
    qbank("release", again, "--why", "成绩可以公布", "--who", "质量督导")
    qbank("results", again)
    qbank("stats")
    qbank("ledger", "verify")
    told(second, OUT)
    say(f"\n全部完成，用时 {time.perf_counter() - begun:.0f} 秒；文件在 demo-out/ / done; files are in demo-out/")
    say("  试卷 papers   demo-out/print/bof-4-theory/")
    say(f"  报告 report   demo-out/reports/{SITTING}/{SITTING}.html")
    say(f"  一人一卷 families  demo-out/{FOLDER}/reports/")
    say("接下来 / next:")
    say("  编辑 editor            qbank new my-bank")
    say("  组卷 designer          qbank assemble blueprints/bof-4-theory.yaml --forms 3 --series trial")
    say(f"  测量 psychometrician   qbank calibrate {SITTING} --model rasch --json      (in demo-out/)")


if __name__ == "__main__":
    main()
