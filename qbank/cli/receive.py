"""sitting receive."""

from __future__ import annotations

import contextlib
import datetime
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, say_problems, shown
from qbank.messages import Language, problem_message, text
from qbank.problem import Problem

FILE = click.Path(path_type=Path)


@click.command(cls=HelpCommand)
@click.argument("folder", type=FILE)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option("--room-code", "room_codes", multiple=True)
@click.option("--unsigned", is_flag=True)
@click.option("--forms", "forms", multiple=True, type=FILE)
@click.option("--serve", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None)
@common
def receive(
    folder: Path, host: str, port: int, room_codes: tuple[str, ...], unsigned: bool, forms: tuple[Path, ...],
    serve: Path | None, lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    from qbank.files.answers.exam.documents import MOST_BYTES
    from qbank.files.answers.exam.inbox import Taken
    from qbank.web.desk import Desk, DeskServer, Reply, reply_of
    from qbank.workflow import receiving as work

    language = here(lang).language
    how = work.Receiving(host, port, forms, room_codes, unsigned, serve)
    opened, problems = work.open_inbox(folder, how)
    if opened is None:
        finish(problems, language, as_json=as_json)
        return
    takings: list[Taken] = []
    speaking = threading.Lock()

    def tell(taken: Taken, sender: str) -> None:
        with speaking:
            takings.append(taken)
            if not as_json:
                with contextlib.suppress(OSError):  # nobody reads any more; the candidate is answered all the same
                    click.echo(line_of(taken, sender, language))

    take = work.takes(opened.inbox, tell)

    def answer(data: bytes, sender: str) -> Reply:
        taken = take(data, sender)
        if taken.outcome == "refused":
            return reply_of(taken.problems[0], problem_message(taken.problems[0], language))
        return Reply(200, {"receipt": taken.receipt, "outcome": taken.outcome})

    desk = Desk(answer, opened.pages, text(language, "cli.receive.title"), work.host_is_ours, MOST_BYTES)
    with DeskServer(host, port, desk) as server:
        if not as_json:
            say_problems(problems, language, "text")
            address = work.address_of(host, server.server_port)
            click.echo(text(language, "cli.receive.open", address=address, folder=shown(folder), n=opened.inbox.n_persons))
            for name in opened.pages:
                click.echo(f"  {address.removesuffix('submit')}{name}")
        with ended_by_signals():
            server.serve_forever()
    counts = work.counted(takings)
    late = [problem for taken in takings for problem in taken.problems if problem.code in ("Z732", "Z733")]
    if not as_json:
        click.echo(text(language, "cli.receive.closed", n=opened.inbox.n_persons, **counts))
    result = {"folder": str(folder), "persons": opened.inbox.n_persons, **counts, "submissions": [record_of(one) for one in takings]}
    finish([*(problems if as_json else []), *late], language, as_json=as_json, result=result)


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what runs inside, and nothing more."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def record_of(taken: Any) -> dict[str, Any]:
    """Return what became of one submission as plain data."""
    said = taken.answers
    return {
        "outcome": taken.outcome, "person": said.candidate.number if said else "", "name": said.candidate.name if said else "",
        "paper": said.paper if said else "", "answers": len(said.answers) if said else 0, "file": taken.file,
        "receipt": taken.receipt, "codes": [problem.code for problem in taken.problems],
    }  # fmt: skip


def line_of(taken: Any, sender: str, language: Language) -> str:
    """Return the line that tells of one submission; signs that would steer a terminal are shown as such."""
    at = datetime.datetime.now().strftime("%H:%M:%S")
    if taken.outcome == "refused":
        problem: Problem = taken.problems[0]
        reason = plain_signs(f"{problem.code} {problem_message(problem, language)}")
        return text(language, "cli.receive.refused", at=at, sender=sender, reason=reason)
    record = {name: plain_signs(str(value)) for name, value in record_of(taken).items()}
    words = {name: record[name] for name in ("person", "name", "paper", "answers", "file", "receipt")}
    line = text(language, f"cli.receive.{taken.outcome}", at=at, **words)
    warnings = [problem for problem in taken.problems if problem.code != "Z732"]
    return line + "".join(f"\n    {problem.code} {plain_signs(problem_message(problem, language))}" for problem in warnings)


def plain_signs(words: str) -> str:
    r"""Return words in which nothing steers a terminal.

    >>> plain_signs("张\x1b[31m")
    '张\\x1b[31m'
    """
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in words)
