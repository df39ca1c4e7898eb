"""What finding near copies costs, and whether all planted ones are found.

`python benchmarks/similar.py [--case NAME] [--seed N] [--json]`. Each case has items of about 80 characters, of which
500 are copies of others with 8 % of their characters changed: `clauses` strings clauses of the steelmaking bank of
tests/corpus together, `templates` has whole families of items that differ in a few words only, the worst case for any
filter.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qbank.lint.folding import folded
from qbank.lint.trigrams import Pairs, grams, join, nearest
from tests.corpus import CORPUS

BANK = CORPUS / "banks" / "steelmaking"
N_COPIES = 500
EDITED = 0.08
THRESHOLD = 0.5
N_SAMPLE = 300
CASES = {"clauses-10000": (10_000, 0), "templates-10000": (10_000, 50), "clauses-100000": (100_000, 0)}
"""case → (number of items, number of templates that the items come from; 0: none)"""


def clauses() -> list[str]:
    """Return the clauses of the stems and rationales of the corpus's bank."""
    found: set[str] = set()
    for path in sorted(BANK.rglob("items/**/*.yaml")):
        for line in re.findall(r"^    (?:stem|rationale): (.*)$", path.read_text("utf-8"), re.MULTILINE):
            found.update(part for part in re.split("[，。；：、（）？ ]", line) if 4 <= len(part) <= 30 and "\\" not in part)
    return sorted(found)


def make_texts(rng: random.Random, n_items: int, n_templates: int) -> list[str]:
    """Return texts of about 80 characters."""
    parts = clauses()
    words = [part[:4] for part in parts]
    if not n_templates:
        return [_of_length(rng, parts, 80) for _ in range(n_items)]
    templates = []
    for _ in range(n_templates):
        text = list(_of_length(rng, parts, 80))
        templates.append((text, sorted(rng.sample(range(4, len(text) - 8, 4), 6))))
    texts = []
    for _ in range(n_items):
        frame, slots = rng.choice(templates)
        text = list(frame)
        for slot in slots:
            text[slot : slot + 4] = rng.choice(words)
        texts.append("".join(text))
    return texts


def _of_length(rng: random.Random, parts: list[str], length: int) -> str:
    text = ""
    for part in rng.sample(parts, length // 4):
        text += part + "，"
        if len(text) >= length:
            break
    return text[: length + 5]


def edited(rng: random.Random, text: str) -> str:
    """Return the text with 8 % of its characters replaced."""
    marks = list(text)
    for at in rng.sample(range(len(marks)), round(EDITED * len(marks))):
        marks[at] = chr(rng.randrange(0x4E00, 0x9000))
    return "".join(marks)


def recall(pairs: Pairs, texts: list[str], rng: random.Random) -> float:
    """Return the share of the pairs found that a count of every pair with some texts gives; exactly 1 is expected."""
    sets = [{text[n : n + 3] for n in range(len(text) - 2)} for text in texts]
    found = {(first, second): value for first, second, value in pairs}
    hits = total = 0
    for one in [*rng.sample(range(len(texts)), min(N_SAMPLE, len(texts))), len(texts) - 1]:
        for other in range(len(texts)):
            shared = len(sets[one] & sets[other])
            value = shared / (len(sets[one]) + len(sets[other]) - shared)
            pair = (min(one, other), max(one, other))
            if one != other and value >= THRESHOLD:
                total += 1
                hits += pair in found and abs(found[pair] - value) < 1e-12
            elif one != other and pair in found:
                raise AssertionError(f"{pair} is no pair: {value}")
    return hits / total if total else 1.0


def measure(case: str, seed: int) -> dict[str, object]:
    """Return cost and findings of one case."""
    n_items, n_templates = CASES[case]
    rng = random.Random(seed)
    texts = make_texts(rng, n_items - N_COPIES, n_templates)
    originals = rng.sample(range(len(texts)), N_COPIES)
    texts += [edited(rng, texts[n]) for n in originals]
    wall, cpu = time.perf_counter(), time.process_time()
    plain = [folded(text) for text in texts]
    matrix = grams([[text] for text in plain])
    build = time.process_time() - cpu
    pairs = join(matrix, THRESHOLD)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    one = []
    for text in rng.sample(texts, 50):
        begun = time.perf_counter()
        nearest(matrix, [folded(text)])
        one.append(time.perf_counter() - begun)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    planted = sum((n, n_items - N_COPIES + index) in found for index, n in enumerate(originals))
    return {
        "case": case, "seed": seed, "cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "peak_mb": peak,
        "recall": planted / N_COPIES, "recall_sample": recall(pairs, plain, rng), "pairs": len(pairs),
        "build_s": round(build, 2), "one_ms": round(1000 * statistics.median(one), 2),
    }  # fmt: skip


def main() -> None:
    """Print one line, or one JSON object, a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=tuple(CASES))
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    for case in [words.case] if words.case else list(CASES)[:2]:
        found = measure(case, words.seed)
        print(json.dumps(found) if words.json else "  ".join(f"{name} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
