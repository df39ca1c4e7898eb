"""What printing costs: a paper of 100 questions cold and warm, and the papers of a room, by number of candidates.

`python benchmarks/print.py [--case cold] [--seed N] [--json]`. CPU seconds are those of the process and its children
(pandoc). `cold` is the first paper of a process, after the modules are loaded; `warm` the same paper
again in the same process, one stem corrected; `docx` and `docx-warm` the same two as Word files; `version` the same
questions in another order; `room` the papers of 1,000 candidates, three versions, 34 rooms, each with the own name and
code, lists and hashes of the rooms included; `accessible` the same of 300 of them with tags.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qbank.core.presentation import Paper
from qbank.render.docx import render_docx
from qbank.render.layout import Layout
from qbank.render.pdf import render_pdf
from qbank.render.room import Candidate, Room, personal_base, room_pdf
from qbank.render.room_lists import lists_pdf
from qbank.render.room_tables import Bundle
from qbank.render.tagged_room import tagged_room_pdf
from tests.render.samples import zh_paper

CASES = ("cold", "warm", "version", "a3", "docx", "docx-warm", "room", "accessible")
PERSONS, TAGGED_PERSONS, SEATS = 1000, 300, 30


def shuffled(paper: Paper, seed: int) -> Paper:
    """Return the paper with its questions in another order."""
    rng = random.Random(seed)
    sections = []
    for section in paper.sections:
        order = rng.sample(section.questions, len(section.questions))
        questions = tuple(replace(one, number=old.number) for one, old in zip(order, section.questions, strict=True))
        sections.append(replace(section, questions=questions))
    return replace(paper, sections=tuple(sections), digest=f"{seed:08d}", version=chr(ord("A") + seed % 26))


def corrected(paper: Paper) -> Paper:
    """Return the paper with one stem corrected."""
    section = paper.sections[0]
    first = replace(section.questions[4], stem=section.questions[4].stem.replace("下列", "以下"))
    questions = (*section.questions[:4], first, *section.questions[5:])
    return replace(paper, sections=(replace(section, questions=questions), *paper.sections[1:]))


def cpu() -> float:
    """Return the CPU seconds of this process and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def room_of_all(papers: list[Paper], n_persons: int = PERSONS, *, tagged: bool = False) -> int:
    """Make the papers and lists of all candidates; returns the bytes."""
    layout = Layout()
    printed = [[personal_base(paper, part, layout) for part in ("paper", "answer-sheet")] for paper in papers]
    bundles = [Bundle(paper, 8, "0" * 64) for paper in papers]
    size = 0
    for start in range(0, n_persons, SEATS):
        persons = range(start, min(start + SEATS, n_persons))
        candidates = tuple(Candidate(f"2026{n:08d}", f"考生{n}", str(n - start + 1), n % len(papers)) for n in persons)
        room = Room("一号考点", f"{start // SEATS + 1:02d}", candidates)
        made = tagged_room_pdf if tagged else room_pdf
        size += len(made(room, printed, layout)) + len(lists_pdf(room, bundles, "0" * 64, layout))
    return size


def measured(case: str, seed: int) -> dict[str, object]:
    """Return one line of the table."""
    paper = zh_paper(80, 20, 0)
    if case == "docx-warm":
        render_docx(paper, "paper")
        paper = corrected(paper)
    if case in ("warm", "version"):
        render_pdf(paper, "paper")
        paper = corrected(paper) if case == "warm" else shuffled(paper, seed)
    papers = [shuffled(paper, seed + n) for n in range(3)] if case in ("room", "accessible") else []
    began, wall = cpu(), time.perf_counter()
    if case == "room":
        size = room_of_all(papers)
    elif case == "accessible":
        size = room_of_all(papers, TAGGED_PERSONS, tagged=True)
    elif case.startswith("docx"):
        size = len(render_docx(paper, "paper"))
    else:
        layout = Layout(sheet="a3" if case == "a3" else "a4")
        size = len(render_pdf(paper, "paper", layout))
    used, passed = cpu() - began, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"case": case, "seed": seed, "cpu_s": round(used, 3), "wall_s": round(passed, 3), "peak_mb": round(peak), "kb": size // 1000}


def main() -> None:
    """Print the table; each case in a process of its own, so that nothing is warm by accident."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    if words.case:
        record = measured(words.case, words.seed)
        print(json.dumps(record) if words.json else "  ".join(f"{name} {value}" for name, value in record.items()))
        return
    import subprocess

    for case in CASES:
        more = ["--json"] if words.json else []
        subprocess.run([sys.executable, __file__, "--case", case, "--seed", str(words.seed), *more], check=True)


if __name__ == "__main__":
    main()
