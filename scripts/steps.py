"""A folder in which a script runs the commands that a person could type: each is shown before it runs."""

from __future__ import annotations

import csv
import json
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
BANK = "banks/steelmaking"


def say(words: str) -> None:
    """Print a line at once."""
    print(words, flush=True)


class Workspace:
    """A fresh workspace with copies of the project's banks and blueprints."""

    def __init__(self, root: Path) -> None:
        """Empty the folder and fill it."""
        self.root = root
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        for name in ("banks", "blueprints"):
            shutil.copytree(ROOT / name, root / name)
        shutil.copy(ROOT / "qbank.yaml", root)

    def qbank(self, *words: str, most: int = 200) -> str:
        """Show and run one command, and at most so many lines of what it printed; returns all of it."""
        say(f"\n$ qbank {' '.join(words)}")
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "qbank", "--lang", "zh", *words], cwd=self.root, capture_output=True, encoding="utf-8",
            check=False,
        )  # fmt: skip
        lines = (done.stderr + done.stdout).rstrip().splitlines()
        shown = lines if done.returncode else lines[:most]
        for line in shown:
            say(f"  {line}")
        if len(lines) > len(shown):
            say(f"  … ({len(lines)})")
        say(f"  [{time.perf_counter() - begun:.1f} s]")
        if done.returncode:
            sys.exit(f"it stops here: status {done.returncode}")
        return done.stderr + done.stdout

    def quiet(self, *words: str) -> str:
        """Run one command without showing it; returns what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "qbank", *words], cwd=self.root, capture_output=True, encoding="utf-8", check=True
        ).stdout

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the items of the bank as written, what a file says for all of them included."""
        for path in sorted((self.root / BANK / "items").rglob("*.yaml")):
            whole = yaml.safe_load(path.read_text("utf-8"))
            for entry in whole.get("items") or []:
                yield {**whole.get("defaults", {}), **entry}

    def key_line(self, item: str) -> tuple[Path, int, str] | None:
        """Return the file with the key of a single choice, where its letter stands, and the letter."""
        for path in sorted((self.root / BANK / "items").rglob("*.yaml")):
            text = path.read_text("utf-8")
            line = rf"^( *)- id: {re.escape(item)}\n(?:(?!\1- ).*\n)*?\1  key: ([A-D])$"
            if found := re.search(line, text, flags=re.MULTILINE):
                return path, found.start(2), found.group(2)
        return None

    def write_key(self, item: str, letter: str) -> Path:
        """Write another key into the copy of the bank, as an editor would; returns the file."""
        place = self.key_line(item)
        if place is None:
            sys.exit(f"no key of item {item}")
        path, at, _ = place
        text = path.read_text("utf-8")
        path.write_text(text[:at] + letter + text[at + 1 :], "utf-8")
        return path

    def slip_of_the_pen(self, blueprint: str, as_of: str) -> tuple[str, str, str]:
        """Spoil one key that the next papers will hold; returns (item, right option, wrong option).

        A trial assembly tells which items these are: a key does not change what is drawn. The item is of middling
        difficulty, if there is one from the second half of its section; no note says why the wrong option is chosen.
        """
        self.quiet("assemble", blueprint, "--series", "trial", "--as-of", as_of, "--out", "trial")
        form = yaml.safe_load(sorted((self.root / "trial").glob("*-trial-A.yaml"))[0].read_text("utf-8"))
        shutil.rmtree(self.root / "trial")
        middling = {entry["id"]: entry for entry in self.entries() if entry.get("grade") == 3 and "parameters" not in entry}
        places = form["sections"][0]["items"]
        likely = [place["id"] for place in places[len(places) // 2 :] + places if place["id"] in middling]
        item, right, slip = next(
            (item, found[2], letter) for item in likely if (found := self.key_line(item))
            for letter in "BCDA" if letter in middling[item]["options"].keys() - {found[2]} - {*middling[item].get("misconception", {})}
        )  # fmt: skip
        self.write_key(item, slip)
        return item, right, slip

    def linked(self, blueprint: str, earlier: str, n_items: int = 20) -> str:
        """Write a blueprint whose papers share some items with papers of an earlier series; returns its file.

        As a designer would: the same rules and one more, so that the new papers stand on the old scale.
        """
        source = self.root / blueprint
        name, new = source.stem, f"{source.stem}-linked"
        text = source.read_text("utf-8").replace(f"blueprint: {name}\n", f"blueprint: {new}\n")
        rule = f"  - anchor: {{items: {n_items}, from: [{earlier}]}}   # 与往期试卷共有的题\n"
        text = text.replace("constraints:\n", f"constraints:\n{rule}")
        (source.parent / f"{new}.yaml").write_text(text, "utf-8")
        return f"blueprints/{new}.yaml"

    def keep_the_rest(self, sitting: str) -> None:
        """Decide that every flagged item for which nothing was decided keeps its marks."""
        while undecided := next(
            (stage["items"] for stage in json.loads(self.quiet("gate", sitting, "--json"))["result"]["stages"]
             if stage["hindered_by"] == "undecided"), []
        ):  # fmt: skip
            for item in undecided:
                self.qbank("decide", sitting, item, "keep", "--why", "内容无误，得分照算", "--who", "组长")

    def known_items(self, forms: list[str], calibrated: list[str]) -> dict[str, float]:
        """Return the difficulties of the items of some papers that earlier sittings calibrated well."""
        known: dict[str, float] = {}
        for sitting in calibrated:
            path = self.root / f"results/{sitting}/{sitting}-calibration.csv"
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    if row["b"] and float(row["se_b"]) < 0.2 and float(row["a"]) > 0.8:
                        known[row["item"]] = float(row["b"])
        places = [
            place["id"] for form in forms
            for section in yaml.safe_load((self.root / form).read_text("utf-8"))["sections"][:1]
            for place in section["items"]
        ]  # fmt: skip
        found = {item: known[item] for item in places if item in known}
        if len(found) < 2:
            sys.exit("the later papers share too few items with the earlier ones")
        return found


def worth_leaking(known: dict[str, float]) -> str:
    """Return a rather hard item: who knows the answer of an easy one beforehand gains nothing that shows."""
    return min(known, key=lambda item: abs(known[item] - 1.2))


def middling(known: dict[str, float]) -> str:
    """Return an item of middling difficulty, which can become harder for everybody."""
    return min(known, key=lambda item: abs(known[item]))
