#!/usr/bin/env python3
"""Everything a developer runs: demo, history, test, check, bench, docs. Needs only Python ≥ 3.11; makes .venv by itself."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "qbank-installed"


def run(*words: str | Path, cwd: Path = ROOT) -> None:
    """Run a command; a failing one ends this program with its status."""
    status = subprocess.run([str(word) for word in words], cwd=cwd, check=False).returncode
    if status:
        sys.exit(status)


def install() -> None:
    """Make .venv with the exact versions of constraints.txt, once for each state of that file and pyproject.toml."""
    files = [ROOT / "constraints.txt", ROOT / "pyproject.toml"]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in files) + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text("utf-8") == state:
        return
    print("installing into .venv …", flush=True)
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--constraint", files[0], "setuptools")
    run(*pip, "--constraint", files[0], "--no-build-isolation", "--editable", f"{ROOT}[all,dev]")
    run(PYTHON, "-m", "compileall", "-q", ROOT / "qbank")  # a first run of any verb is not slower than the second
    STAMP.write_text(state, "utf-8")


def demo(words: list[str]) -> None:
    """The whole loop on banks/steelmaking, and one paper a person on banks/hot-rolling, in demo-out/."""
    run(PYTHON, ROOT / "scripts" / "demo.py", *words)


def history(words: list[str]) -> None:
    """Three simulated sittings of banks/steelmaking with their calibrations, in history-out/."""
    run(PYTHON, ROOT / "scripts" / "history.py", *words)


def test(words: list[str]) -> None:
    """The tests; further words go to pytest."""
    run(PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", *words)  # what a file prepares is made once


def check(words: list[str]) -> None:
    """Lint, types, import contract, and the project's own banks."""
    run(BIN / "ruff", "check", ".")
    run(BIN / "mypy")
    run(BIN / "lint-imports")
    for bank in sorted((ROOT / "banks").iterdir()):
        run(BIN / "qbank", "--lang", "en", "check", bank.relative_to(ROOT))


def bench(words: list[str]) -> None:
    """All benchmarks, or those named; options go to each: bench fuzz --case moodle --seconds 60."""
    first = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    names, options = words[:first], words[first:]
    for script in sorted((ROOT / "benchmarks").glob("*.py")):
        if not names or script.stem in names:
            print(f"== {script.stem}", flush=True)
            run(PYTHON, script, *options)


def docs(words: list[str]) -> None:
    """The manual's generated pages: rules, constraints, problem codes, verbs."""
    run(PYTHON, ROOT / "scripts" / "build_docs.py", *words)


COMMANDS = {"demo": demo, "history": history, "test": test, "check": check, "bench": bench, "docs": docs}


def main() -> None:
    """Run one command."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file may be run by any Python)
        sys.exit("Python 3.11 or newer is needed")
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        lines = [f"  {name:7} {function.__doc__}" for name, function in COMMANDS.items()]
        sys.exit("usage: python3 dev.py COMMAND\n" + "\n".join(lines))
    install()
    COMMANDS[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
