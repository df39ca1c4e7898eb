"""One run of the compiler on a folder: in this process, or in one beside it where a centre's own file takes part.

What a centre writes in Typst may never come to an end, or ask for more memory than there is; a process of its own can
be stopped. It is kept from one paper to the next, so that fonts and pages are read once.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import typst

SECONDS = 120.0
"""How long a document with a centre's own file may take; the papers of a room of 1,000 take a fifth of it."""
MOST_BYTES = 4_000_000_000
STANDARDS: list[Literal["ua-1", "a-2b"]] = ["ua-1", "a-2b"]
TIMESTAMP = 0  # a paper carries its date in its code; the clock never enters the file
MAIN, RESULT = "main.typ", "main.pdf"


@dataclass(frozen=True, slots=True)
class Typeset:
    """error : what the compiler says first, "" where the file was made ; diagnostic : all that it says ; warning : the
    first one, all the same"""

    error: str = ""
    diagnostic: str = ""
    warning: str = ""


@cache
def fonts() -> typst.Fonts:
    """Return the fonts of the package and the mathematics font inside typst; never those of the machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[Path(__file__).parent / "fonts"])


def typeset(root: Path, *, tagged: bool) -> Typeset:
    """Compile ``main.typ`` of a folder into ``main.pdf`` beside it; tagged : as PDF/UA-1 and PDF/A-2b."""
    try:
        pdf, warnings = typst.compile_with_warnings(
            root / MAIN, root=root, font_paths=fonts(), format="pdf", pdf_standards=[*STANDARDS] if tagged else [],
            pdf_tags=tagged, timestamp=TIMESTAMP, package_path=root / "no-packages", package_cache_path=root / "no-packages",
        )  # fmt: skip
    except typst.TypstError as found:
        return Typeset(found.message, found.diagnostic or found.message)
    (root / RESULT).write_bytes(bytes(pdf))
    return Typeset(warning=warnings[0].diagnostic if warnings else "")


class Apart:
    """The process beside this one; it answers one line for each that it is sent."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def typeset(self, root: Path, *, tagged: bool, seconds: float) -> Typeset | None:
        """Return what `typeset` does, or nothing where the process had to be stopped or broke off."""
        with self._lock:
            process = self._process = self._process or _started()
            assert process.stdin is not None and process.stdout is not None
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            try:
                process.stdin.write(json.dumps([str(root), tagged]) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except OSError:
                answer = ""
            finally:
                timer.cancel()
            if not answer:
                self.stop()
                return None
            return Typeset(**json.loads(answer))

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


APART = Apart()
atexit.register(APART.stop)


def _started() -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "qbank.render.typesetting"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", env=environment,
    )  # fmt: skip


def _serve() -> None:
    """Answer until nobody asks; where the system can, with no more memory than `MOST_BYTES`."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    except (ImportError, ValueError, OSError):
        pass
    for line in sys.stdin:
        root, tagged = json.loads(line)
        print(json.dumps(asdict(typeset(Path(root), tagged=tagged))), flush=True)


if __name__ == "__main__":
    _serve()
