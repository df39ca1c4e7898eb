"""What checking a bank costs, by number of items: whole processes of `qbank check`, first without a cache, then with it.

`python benchmarks/check.py [--case 10000] [--seed N] [--json]`. The bank is made up: 20 items a file, nine kinds, Chinese
texts put together from those of the steelmaking bank of tests/corpus, under its standard. CPU seconds are those of the
child process and its own children, start of Python included.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.corpus import CORPUS  # noqa: E402

BANK = CORPUS / "banks" / "steelmaking"
CASES = ("1000", "10000", "100000")
ITEMS_A_FILE = 20
TEAMS = ("甲班", "乙班", "丙班", "丁班")
STAGES = ("兑铁前", "吹炼前期", "吹炼中期", "吹炼后期", "出钢时", "溅渣护炉时")
ENTRY = Callable[[random.Random, dict[str, object], str], list[str]]


def quoted(text: object) -> str:
    """Return a text as a double-quoted scalar of YAML."""
    return json.dumps(str(text), ensure_ascii=False)


def single(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return the lines of a single choice with the options of a real one."""
    options = list(base["options"].values())  # type: ignore[attr-defined]
    key = options["ABCDEFGH".index(str(base["key"]))]
    rng.shuffle(options)
    lines = [f"      {letter}: {quoted(option)}" for letter, option in zip("ABCDEFGH", options, strict=False)]
    return [f"    stem: {quoted(stem)}", "    options:", *lines, f"    key: {'ABCDEFGH'[options.index(key)]}"]


def multiple(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return a multiple choice with two keys."""
    return [*single(rng, base, stem)[:-1], f"    key: [{', '.join(sorted(rng.sample('ABCD', 2)))}]", "    credit: share"]


def true_false(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return a statement."""
    return [f"    stem: {quoted(stem.replace('（　　）', '上述情况'))}", f"    key: {rng.choice(('true', 'false'))}"]


def numeric(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return a small calculation."""
    ore, lime = rng.randint(20, 180), rng.randint(10, 90)
    where = stem.partition("，")[0]
    return [f"    stem: {quoted(f'{where}：装入铁水 {ore} t，每吨加石灰 {lime} kg，共需石灰 ____ kg。')}",
            f"    key: {{value: {ore * lime}, tolerance: 1, unit: kg, formula: {quoted(f'{ore} * {lime}')}}}"]  # fmt: skip


def fill(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return two blanks."""
    return [f"    stem: {quoted(stem.replace('（　　）', '____') + '，即 ____，其余为 ____。'[: 9 if '（　　）' in stem else 20])}",
            "    key: [[脱碳, 脱碳反应], 造渣]"]  # fmt: skip


def short(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return a short answer with a rubric."""
    return [f"    stem: {quoted('简述' + stem.replace('（　　）', '的原因'))}", f"    key: {quoted(base.get('rationale', '见教材'))}",
            "    rubric: [{points: 2, text: 说明条件}, {points: 3, text: 说明原因}]", "    marks: 5"]  # fmt: skip


def matching(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return three prompts and four options."""
    options = single(rng, base, stem)
    return [options[0], "    prompts: [碳, 硅, 锰]", *options[1:-1], "    key: [B, A, C]", "    marks: 3"]


def ordering(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return four steps."""
    return [*single(rng, base, stem)[:-1], f"    key: [{', '.join(rng.sample('ABCD', 4))}]"]


def case(rng: random.Random, base: dict[str, object], stem: str) -> list[str]:
    """Return a stimulus with two questions."""
    return [f"    stem: {quoted(stem.replace('（　　）', '如下') + '炉次记录见下表。')}", "    marks: 3", "    parts:",
            "      - {kind: true_false, stem: 该炉次终点温度合格。, marks: 1, key: true}",
            "      - {kind: single, stem: 该炉次应先采取的措施是（　　）。, marks: 2, options: {A: 降枪, B: 提枪, C: 加石灰, D: 出钢}, key: B}"]  # fmt: skip


KINDS: dict[str, tuple[int, ENTRY]] = {
    "single": (45, single), "true_false": (20, true_false), "multiple": (10, multiple), "numeric": (7, numeric),
    "fill": (5, fill), "short": (5, short), "matching": (3, matching), "ordering": (3, ordering), "case": (2, case),
}  # fmt: skip


def real_items() -> list[dict[str, object]]:
    """Return the single choices of the real bank with four options."""
    from qbank.files.yaml_text import parse_yaml, plain

    found = []
    for path in sorted((BANK / "items").rglob("*.yaml")):
        node, _ = parse_yaml(path.read_text("utf-8"), path.name)
        whole = plain(node)
        found += [{**whole.get("defaults", {}), **item} for item in whole["items"] if "parameters" not in item]
    needed = {"competency", "stem", "options", "key", "cognitive", "rationale", "reference"}
    return [item for item in found if item["kind"] == "single" and needed <= item.keys() and len(item["options"]) == 4]


def make_bank(folder: Path, n_items: int, seed: int) -> None:
    """Write a bank of n_items items, 20 a file."""
    rng = random.Random(seed)
    bases = real_items()
    (folder / "items").mkdir(parents=True)
    for name in ("bank.yaml", "standard.yaml"):
        (folder / name).write_bytes((BANK / name).read_bytes())
    kinds = rng.choices(list(KINDS), [weight for weight, _ in KINDS.values()], k=n_items)
    for first in range(0, n_items, ITEMS_A_FILE):
        lines = ["# 基准测试用，自动生成", "defaults: {level: 4, status: live}", "items:"]
        for number in range(first, min(first + ITEMS_A_FILE, n_items)):
            base = rng.choice(bases)
            where = f"{rng.choice(TEAMS)}第 {rng.randint(1, 9999)} 炉{rng.choice(STAGES)}"
            kind = kinds[number]
            lines += [f"  - id: GEN-{number + 1:06d}", f"    kind: {kind}", f"    competency: {base['competency']}",
                      *KINDS[kind][1](rng, base, f"{where}，{base['stem']}"), f"    grade: {rng.randint(1, 5)}",
                      f"    cognitive: {base['cognitive']}", f"    seconds: {rng.randint(4, 18) * 5}",
                      f"    rationale: {quoted(base['rationale'])}", f"    reference: {quoted(base['reference'])}"]  # fmt: skip
        (folder / "items" / f"part-{first // ITEMS_A_FILE:05d}.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def run_check(bank: Path, cache: Path) -> tuple[float, float, int, str]:
    """Return CPU seconds, wall seconds, peak MB and the last line of one `qbank check`, run in a process of its own."""
    script = (
        "import resource, subprocess, sys, time\n"
        "wall = time.perf_counter()\n"
        "done = subprocess.run([sys.executable, '-m', 'qbank', '--lang', 'en', 'check', sys.argv[1]], capture_output=True)\n"
        "wall = time.perf_counter() - wall\n"
        "cost = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "last = (done.stdout or done.stderr).decode().strip().splitlines()[-1]\n"
        "print(cost.ru_utime + cost.ru_stime, wall, cost.ru_maxrss // 1024, last, sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(bank)], cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
        env={**os.environ, "QBANK_CACHE_DIR": str(cache), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    cpu, wall, peak, last = done.stdout.splitlines()
    return float(cpu), float(wall), int(peak), last


def measure(name: str, seed: int) -> dict[str, object]:
    """Return cost and findings of one case: ``cpu_s``, ``wall_s`` and ``peak_mb`` are those of the cold check."""
    with tempfile.TemporaryDirectory() as folder:
        bank, cache = Path(folder) / "bank", Path(folder) / "cache"
        begin = time.perf_counter()
        make_bank(bank, int(name), seed)
        made = time.perf_counter() - begin
        cpu, wall, peak, last = run_check(bank, cache)
        warm_cpu, warm_wall, warm_peak, again = run_check(bank, cache)
        assert again == last, (last, again)
        size = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
        return {
            "case": name, "seed": seed, "cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "peak_mb": peak,
            "cold_cpu_s": round(cpu, 2), "warm_cpu_s": round(warm_cpu, 2), "warm_wall_s": round(warm_wall, 2),
            "warm_peak_mb": warm_peak, "files": -(-int(name) // ITEMS_A_FILE), "cache_mb": round(size / 1e6, 1),
            "made_s": round(made, 1), "found": last,
        }  # fmt: skip


def main() -> None:
    """Print one line, or one JSON object, a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    for name in [words.case] if words.case else CASES:
        found = measure(name, words.seed)
        line = json.dumps(found, ensure_ascii=False) if words.json else "  ".join(f"{key} {value}" for key, value in found.items())
        print(line, flush=True)


if __name__ == "__main__":
    main()
