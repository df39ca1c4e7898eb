"""A search that is watched: Ctrl-C and the time limit keep the best papers, and what is shown is said in words."""

from __future__ import annotations

import os
import signal

import pytest

from qbank.assemble.watch import Progress
from qbank.cli.searching import progress_line, searching


def test_a_first_interrupt_asks_the_search_to_stop_and_a_second_ends_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    with searching("en", None) as watch:
        assert watch.should_stop is not None and not watch.should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert watch.should_stop() and watch.stopped()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_time_limit_asks_the_search_to_stop() -> None:
    with searching("en", 1e-9) as watch:
        assert watch.stopped()
    with searching("en", 1000.0) as watch:
        assert not watch.stopped()


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (Progress("search", 0.01234, 0.0), "exchanging items: best so far 0.0123"),
        (Progress("partition", float("inf"), 3.0), "dealing the items out: rules still broken by 3"),
    ],
)
def test_progress_is_said_in_words(step: Progress, line: str) -> None:
    assert progress_line(step, "en") == line
