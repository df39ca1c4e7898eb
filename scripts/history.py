"""A history of three sittings, simulated: `python3 dev.py history [FOLDER] [--persons N] [--sittings N]`.

Fills a workspace (history-out/) as three half-yearly sittings of steelmaking level 4 would: papers, answers, scores, reports,
calibrations on one scale, decisions, released results. Made up: the persons and their answers. Planted, for whoever
looks for it: in the first sitting a slip in a key, found and corrected; in the second an item that became harder and
persons who come again; in the third an item that leaked at one site. The same seeds give the same history.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

from steps import BANK, ROOT, Workspace, middling, say, worth_leaking

BLUEPRINT = "blueprints/bof-4-theory.yaml"
DATES = ("2025-05-18", "2025-11-16", "2026-05-17")
LEAK_SITE = "B02"
HARDER = 1.6
LEAK = 0.45


def sit(place: Workspace, sittings: list[str], date: str, planted: list[str], forms: list[str], persons: int) -> None:
    """Let persons sit the papers of one sitting and take their answers into the ledger."""
    sitting = date[:7]
    place.qbank("simulate", *forms, "--persons", str(persons), "--seed", str(len(sittings) + 1), "--id", sitting,
                "--date", date, *planted)  # fmt: skip
    place.qbank("sitting", "add", f"sittings/{sitting}/responses.csv", *(w for form in forms for w in ("--forms", form)),
                "--id", sitting)  # fmt: skip
    place.qbank("score", sitting)


def finish(place: Workspace, sitting: str) -> None:
    """Calibrate, decide what is left, pass every stage and release the results."""
    place.qbank("calibrate", sitting, "--model", "2pl", most=30)
    place.keep_the_rest(sitting)
    for stage in ("keys", "scored", "calibrated"):
        place.qbank("gate", sitting, "pass", stage, "--why", "复核无误", "--who", "组长")
    place.qbank("release", sitting, "--why", "成绩可以公布", "--who", "质量督导")


def papers(place: Workspace, blueprint: str, date: str) -> list[str]:
    """Assemble the papers of a sitting; returns their files."""
    series, name = date[:7], Path(blueprint).stem
    place.qbank("assemble", blueprint, "--series", series, "--as-of", date)
    return [f"forms/{name}/{name}-{series}-{letter}.yaml" for letter in "AB"]


def first(place: Workspace, date: str, persons: int) -> None:
    """The base of the scale; a key was written wrong, and is found."""
    item, right, slip = place.slip_of_the_pen(BLUEPRINT, date)
    say(f"第一次考试：{item} 的答案 {right} 误写成 {slip} / the key of {item} is wrong")
    sitting = date[:7]
    sit(place, [], date, ["--miskey", f"{item}={right}"], papers(place, BLUEPRINT, date), persons)
    found = place.qbank("analyse", sitting, most=8)
    if not re.search(rf"{item}.* {right}[；;]", found):
        say(f"  {item} 没有查出 / was not found")
    place.write_key(item, right)
    place.qbank("check", BANK)
    place.qbank("score", sitting, "--corrected", "--why", f"{item} = {right}")
    place.qbank("analyse", sitting, most=8)
    finish(place, sitting)


def second(place: Workspace, date: str, persons: int, before: list[str]) -> None:
    """An item has become harder; some persons come again."""
    sitting, forms = date[:7], papers(place, place.linked(BLUEPRINT, f"bof-4-theory-{before[-1]}"), date)
    moved = middling(place.known_items(forms, before))
    say(f"\n第二次考试：{moved} 变难，{persons // 30} 人第二次参加 / {moved} has drifted, some come again")
    planted = ["--miskey", "none", "--drift", f"{moved}={HARDER}",
               "--again", f"sittings/{before[-1]}/responses.csv", "--n-again", str(persons // 30)]  # fmt: skip
    sit(place, before, date, planted, forms, persons)
    place.qbank("analyse", sitting, most=8)
    place.qbank("calibrate", sitting, "--model", "2pl", most=8)
    finish(place, sitting)


def third(place: Workspace, date: str, persons: int, before: list[str]) -> None:
    """An item leaked at one site: everybody gets its mark, and it is not used again."""
    sitting, forms = date[:7], papers(place, place.linked(BLUEPRINT, f"bof-4-theory-linked-{before[-1]}"), date)
    leaked = worth_leaking(place.known_items(forms, before))
    say(f"\n第三次考试：{leaked} 在 {LEAK_SITE} 泄题 / {leaked} leaked at {LEAK_SITE}")
    sit(place, before, date, ["--miskey", "none", "--leak", f"{leaked}={LEAK}@{LEAK_SITE}"], forms, persons)
    place.qbank("analyse", sitting, most=8)
    place.qbank("calibrate", sitting, "--model", "2pl", most=8)
    place.qbank("decide", sitting, leaked, "credit", "--why", f"{LEAK_SITE} 泄题", "--who", "组长")
    place.qbank("score", sitting)
    finish(place, sitting)
    place.qbank("history", leaked)


def main() -> None:
    """Make the history."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "history-out")
    parser.add_argument("--persons", type=int, default=1200, help="persons a sitting (1200)")
    parser.add_argument("--sittings", type=int, choices=(1, 2, 3), default=3, help="how many of the three (3)")
    words = parser.parse_args()
    begun = time.perf_counter()
    place = Workspace(words.folder)
    first(place, DATES[0], words.persons)
    for n, (step, date) in enumerate(zip((second, third), DATES[1 : words.sittings], strict=False), 1):
        step(place, date, words.persons, [earlier[:7] for earlier in DATES[:n]])
    place.qbank("stats")
    say(f"\n全部完成，用时 {time.perf_counter() - begun:.0f} 秒；文件在 {words.folder.name}/ / done")


if __name__ == "__main__":
    main()
