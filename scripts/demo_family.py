"""The demo's second part: one paper a person – a pilot of 1,200 papers, its calibration, and a family that counts.

Runs in a process and a workspace of its own, beside the first part.
"""

from __future__ import annotations

import csv
import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

from steps import Workspace, say

from qbank.files.family import write_secret

BLUEPRINT = "blueprints/hr-4-family.yaml"
PILOT, COUNTING = "2026-12-P", "2027-06-F"
FOLDER, OUTPUT = "one-paper-each", "one-paper-each.txt"
PERSONS, COUNTED, ROOM, ROOMS = 1200, 600, 30, 10
OVERLAP = 45
ENOUGH = 200
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静磊洋勇艳杰娟涛明超兰霞平刚桂英华建国志强文斌"


def begun_beside(out: Path) -> subprocess.Popen[bytes]:
    """Start this part with a workspace in the folder; what it says goes into a file there."""
    with (out / OUTPUT).open("wb") as file:
        return subprocess.Popen([sys.executable, __file__, str(out / FOLDER)], stdout=file, stderr=subprocess.STDOUT)


def told(process: subprocess.Popen[bytes], out: Path) -> None:
    """Show what the process has said and goes on saying; ends this one where that failed."""
    with (out / OUTPUT).open(encoding="utf-8") as file:
        while True:
            status = process.poll()
            if words := file.read():
                print(words, end="", flush=True)
            if status is not None:
                break
            time.sleep(0.2)
    if status:
        sys.exit(status)


def one_paper_each(place: Workspace) -> None:
    """Run the steps in the workspace of the demo."""
    say("\n第二部分：一人一卷 / part two: one paper a person")
    secret = demonstration_secret(place.root)
    say("\n11. 试测：1200 人，每人一份不同的试卷 / a pilot: 1,200 persons, each another paper")
    pilot = ("--pilot", "--persons", str(PERSONS), "--tolerance", "20", "--score-tolerance", "5")
    sat(place, PILOT, "2026-12-05", secret, "1", *pilot, persons=PERSONS, first=1)
    place.qbank("gate", PILOT, most=12)
    say("\n12. 标定：每题不少于 200 份作答 / every item has at least 200 answers")
    place.qbank("calibrate", PILOT, "--model", "2pl", most=24)
    at_least(place, PILOT)
    say("\n13. 用标定参数建计分的试卷族：另外 600 人各一份 / the family that counts")
    sat(place, COUNTING, "2027-06-05", secret, "2", "--tolerance", "10", persons=COUNTED, first=PERSONS + 1)
    place.qbank("audit", "forms/hr-4-family-2", most=16)
    say("   一个考场的上机试卷 / the exams of one room")
    room = one_room(place.root / "roster-2-papers.csv")
    place.qbank("print", "forms/hr-4-family-2", "--to", "exam", "--roster", room.name, most=6)
    place.qbank("family", "report", "families/hr-4-family-2.family.json", most=30)
    say("\n14. 处理有标记的题，再把各卷放到同一尺度：每卷的及格分 / flagged items decided; then one scale, each paper its own cut")
    place.keep_the_rest(COUNTING)
    place.qbank("equate", COUNTING, "--family", "families/hr-4-family-2.family.json", "--accept", "--why", "各卷同一尺度", "--who", "组长", most=24)
    say("\n15. 放行、发布 / passed, released")
    for stage in ("keys", "scored", "calibrated"):
        place.qbank("gate", COUNTING, "pass", stage, "--why", "复核无误", "--who", "组长")
    place.qbank("release", COUNTING, "--why", "成绩可以公布", "--who", "质量督导")
    place.qbank("results", COUNTING, most=12)


def sat(place: Workspace, sitting: str, date: str, secret: str, series: str, *words: str, persons: int, first: int) -> None:
    """Make a family, give everyone on a roster a paper, let them answer, add, score and analyse the answers."""
    name = f"hr-4-family-{series}"
    forms, family = f"forms/{name}", f"families/{name}.family.json"
    place.qbank(
        "family", BLUEPRINT, "--overlap", str(OVERLAP), "--count", str(persons), "--series", series, "--as-of", date[:8] + "01",
        "--secret", secret, *words,
    )  # fmt: skip
    roster = f"roster-{series}.csv"
    write_roster(place.root / roster, persons, first)
    place.qbank("family", "paper", family, "--roster", roster, "--secret", secret)
    place.qbank("simulate", forms, "--persons", str(persons), "--seed", f"11{series}", "--id", sitting, "--date", date, "--miskey", "none")
    place.qbank("sitting", "add", f"sittings/{sitting}/responses.csv", "--forms", forms, "--id", sitting, most=12)
    place.qbank("score", sitting, most=12)
    place.qbank("analyse", sitting, most=24)


def demonstration_secret(root: Path) -> str:
    """Write a secret that everybody knows, so that the demo gives the same papers each time; returns its file.

    A centre leaves `--secret` out: qbank then draws one.
    """
    write_secret(hashlib.sha256(b"qbank demonstration: not a secret").digest(), root / "demonstration.secret")
    return "demonstration.secret"


def write_roster(path: Path, persons: int, first: int) -> None:
    """Write a list of made-up candidates in rooms."""
    draw = random.Random(first)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(("准考证号", "姓名", "考点", "考场", "座位"))
        for place in range(persons):
            site, room = divmod(place // ROOM, ROOMS)
            name = draw.choice(SURNAMES) + "".join(draw.sample(GIVEN, draw.choice((1, 2))))
            table.writerow((f"2026{first + place:08d}", name, f"A{site + 1:02d}", f"{room + 1:02d}", place % ROOM + 1))


def one_room(path: Path) -> Path:
    """Write the lines of the first room apart; returns the file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))[: ROOM + 1]
    target = path.with_name(f"{path.stem}-room.csv")
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)
    return target


def at_least(place: Workspace, sitting: str) -> None:
    """End the demo if an item has too few answers to count."""
    with (place.root / f"results/{sitting}/{sitting}-calibration.csv").open(encoding="utf-8-sig", newline="") as file:
        answers = [int(row["answers"]) for row in csv.DictReader(file)]
    say(f"  {len(answers)} 题，每题作答 {min(answers)}–{max(answers)} 份")
    if min(answers) < ENOUGH:
        sys.exit(f"an item has {min(answers)} answers; {ENOUGH} are needed")


if __name__ == "__main__":
    one_paper_each(Workspace(Path(sys.argv[1])))
