"""A search that a person watches: what it has reached so far, and Ctrl-C or a time limit that keeps the best."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from qbank.assemble.watch import Progress, Watch
from qbank.messages import Language, has_text, text


@contextmanager
def searching(language: Language, seconds: float | None) -> Iterator[Watch]:
    """Give a watch that a first Ctrl-C or the time limit stops; a second Ctrl-C ends the program as usual."""
    interrupted = False
    deadline = time.monotonic() + seconds if seconds else None

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True
        print(text(language, "cli.assemble.stopping"), file=sys.stderr, flush=True)

    def should_stop() -> bool:
        return interrupted or (deadline is not None and time.monotonic() > deadline)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with _shown(language) as progress:
            yield Watch(progress, should_stop)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown(language: Language) -> Iterator[Callable[[Progress], None] | None]:
    """Show the best so far on one line of a terminal, nothing elsewhere."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status(text(language, "cli.assemble.working")) as status:
        yield lambda step: status.update(progress_line(step, language))


def progress_line(step: Progress, language: Language) -> str:
    """Return what a search has reached, in words."""
    key = f"cli.assemble.stage.{step.stage}"
    facts: dict[str, Any] = {"stage": text(language, key) if has_text(language, key) else step.stage}
    if step.broken > 0:
        return text(language, "cli.assemble.progress.broken", broken=f"{step.broken:.4g}", **facts)
    return text(language, "cli.assemble.progress.best", best=f"{step.objective:.4f}", **facts)
