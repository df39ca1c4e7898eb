"""The whole loop in demo-out/: check, assemble, audit, print, sit, score, analyse, correct, calibrate, assemble again.

Every step is a `qbank` command that a person could type; it is shown before it runs.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "demo-out"
SITTING = "2026-11-A"
LATER = "2027-05"
LEAK_SITE = "B02"
BANK = "banks/steelmaking"
BLUEPRINT = "blueprints/bof-4-theory.yaml"
FORMS = "forms/bof-4-theory"


def say(words: str) -> None:
    """Print a line at once."""
    print(words, flush=True)


def qbank(*words: str, fails: bool = False, most: int = 200) -> str:
    """Show and run one command in demo-out, and at most so many lines of what it printed; returns all of it."""
    say(f"\n$ qbank {' '.join(words)}")
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "qbank", "--lang", "zh", *words], cwd=OUT, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    lines = (done.stderr + done.stdout).rstrip().splitlines()
    for line in lines[:most]:
        say(f"  {line}")
    if len(lines) > most:
        say(f"  … ({len(lines)})")
    say(f"  [{time.perf_counter() - begun:.1f} s]")
    if done.returncode and not fails:
        sys.exit(f"the demo stops: status {done.returncode}")
    return done.stderr + done.stdout


def entries(folder: str) -> Iterator[dict[str, Any]]:
    """Yield the items of a bank of the demo as written, what a file says for all of them included."""
    for path in sorted((OUT / folder / "items").rglob("*.yaml")):
        whole = yaml.safe_load(path.read_text("utf-8"))
        for entry in whole.get("items") or []:
            yield {**whole.get("defaults", {}), **entry}


def key_line(item: str) -> tuple[Path, int, str] | None:
    """Return the file with the key of a single choice, where its letter stands, and the letter."""
    for path in sorted((OUT / BANK / "items").rglob("*.yaml")):
        text = path.read_text("utf-8")
        found = re.search(rf"^( *)- id: {re.escape(item)}\n(?:(?!\1- ).*\n)*?\1  key: ([A-D])$", text, flags=re.MULTILINE)
        if found:
            return path, found.start(2), found.group(2)
    return None


def correct_key(item: str, right: str) -> Path:
    """Correct one key in the demo's copy of the bank, as an editor would."""
    place = key_line(item)
    if place is None:
        sys.exit(f"no key of item {item}")
    path, at, _ = place
    text = path.read_text("utf-8")
    path.write_text(text[:at] + right + text[at + 1 :], "utf-8")
    return path


def slip_of_the_pen() -> tuple[str, str, str]:
    """Spoil one key in the demo's copy of the bank; returns (item, right option, wrong option).

    A trial assembly tells which items the papers will hold: a key does not change what is drawn. The item is of middling
    difficulty, from the second half of its section.
    """
    qbank_quiet("assemble", BLUEPRINT, "--series", "trial", "--as-of", "2026-11-23", "--out", "trial")
    form = yaml.safe_load((OUT / "trial/bof-4-theory-trial-A.yaml").read_text("utf-8"))
    shutil.rmtree(OUT / "trial")
    middling = {entry["id"] for entry in entries(BANK) if entry.get("grade") == 3 and "parameters" not in entry}
    places = form["sections"][0]["items"]
    item = next(place["id"] for place in places[len(places) // 2 :] if place["id"] in middling and key_line(place["id"]))
    _, _, right = key_line(item) or sys.exit(f"no key of item {item}")
    slip = "ABCD"[("ABCD".index(right) + 1) % 4]
    correct_key(item, slip)
    return item, right, slip


def moved_items(forms: list[str]) -> tuple[str, str]:
    """Return two items of the later papers that are calibrated and discriminate: one rather hard, one of middling difficulty."""
    path = OUT / f"results/{SITTING}/{SITTING}-calibration.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["b"]]
    known = {row["item"]: row for row in rows if float(row["se_b"]) < 0.2 and float(row["a"]) > 0.8}
    places = [
        place["id"] for form in forms for section in yaml.safe_load((OUT / form).read_text("utf-8"))["sections"][:1]
        for place in section["items"] if place["id"] in known
    ]  # fmt: skip
    if len(places) < 2:
        sys.exit("the later papers share too few items with the earlier ones")
    by_distance = sorted(places, key=lambda item: abs(float(known[item]["b"]) - 0.5))
    return by_distance[0], by_distance[1]


def main() -> None:
    """Run the demo."""
    begun = time.perf_counter()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    for name in ("banks", "blueprints"):
        shutil.copytree(ROOT / name, OUT / name)
    shutil.copy(ROOT / "qbank.yaml", OUT)
    item, right, slip = slip_of_the_pen()
    say(f"这次演示先在题库副本里弄错一题的答案：{item} 的 {right} 写成了 {slip} / one key is spoiled on purpose")
    say("1. 题库：检查全部文件 / the bank is checked")
    qbank("check", BANK)
    qbank("coverage", BANK, "--forms", "2", "--csv", "commission.csv", "--stubs", "stubs.yaml", most=16)
    qbank("similar", BANK)
    qbank("show", next(entry["id"] for entry in entries(BANK) if "parameters" in entry), "--variants", "3")
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
    say("\n4. 考试（模拟 1200 人）与录入 / a simulated sitting goes into the ledger")
    qbank("simulate", FORMS, "--persons", "1200", "--seed", "7", "--id", SITTING, "--date", "2026-11-23",
          "--miskey", f"{item}={right}")  # fmt: skip
    qbank("sitting", "add", f"sittings/{SITTING}/responses.csv", "--forms", FORMS, "--id", SITTING)
    qbank("score", SITTING)
    say("\n5. 分析：找出埋设的错误答案 / the planted mis-key is found")
    found = qbank("analyse", SITTING)
    if not re.search(rf"{item}.* {right}[；;]", found):
        sys.exit(f"the planted mis-key {item} was not found")
    path = correct_key(item, right)
    say(f"\n6. 编辑更正答案，重新计分 / the editor corrects the key in {path.relative_to(OUT)}; answers are scored again")
    qbank("check", BANK)
    qbank("score", SITTING, "--corrected", "--why", f"{item} = {right}")
    qbank("analyse", SITTING)
    say("\n7. 标定：参数进入试题历史 / parameters join the items' history")
    qbank("calibrate", SITTING, "--model", "2pl")
    qbank("show", item)
    say("\n8. 再次组卷：用标定参数和使用记录 / the next papers use what was learned")
    qbank("assemble", BLUEPRINT, "--series", LATER, "--as-of", "2027-05-10")
    later = [f"{FORMS}/bof-4-theory-{LATER}-{letter}.yaml" for letter in "AB"]
    qbank("audit", *later)
    leaked, drifted = moved_items(later)
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
    qbank("score", again)
    for stage in ("keys", "scored", "calibrated"):
        qbank("gate", again, "pass", stage, "--why", "复核无误", "--who", "组长")
    qbank("release", again, "--why", "成绩可以公布", "--who", "质量督导")
    qbank("results", again)
    qbank("stats")
    qbank("ledger", "verify")
    say(f"\n全部完成，用时 {time.perf_counter() - begun:.0f} 秒；文件在 demo-out/ / done; files are in demo-out/")
    say("  试卷 papers   demo-out/print/bof-4-theory/")
    say(f"  报告 report   demo-out/reports/{SITTING}/{SITTING}.html")
    say("接下来 / next:")
    say("  编辑 editor            qbank new my-bank")
    say("  组卷 designer          qbank assemble blueprints/bof-4-theory.yaml --forms 3 --series trial")
    say(f"  测量 psychometrician   qbank calibrate {SITTING} --model rasch --json      (in demo-out/)")


def qbank_quiet(*words: str) -> str:
    """Run one command without showing it."""
    return subprocess.run(
        [sys.executable, "-m", "qbank", *words], cwd=OUT, capture_output=True, encoding="utf-8", check=True
    ).stdout


if __name__ == "__main__":
    main()
