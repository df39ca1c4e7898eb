"""A place for a ledger of one's own on either engine; the PostgreSQL server is started here where none is named.

``QBANK_TEST_POSTGRES`` names a running server by URL (its user may create databases). Else one is started from the
binaries of the machine, in a temporary folder, as an unprivileged user, once for each worker; it ends with the tests,
however they end.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ENGINES = ("sqlite", "postgresql")
ENVIRONMENT = "QBANK_TEST_POSTGRES"
PASSWORD = "station-7"
_numbers = itertools.count(1)


class NoServer(Exception):
    """There is no PostgreSQL to test with, and why."""


@functools.cache
def binaries() -> Path:
    """Return the folder of PostgreSQL's programs."""
    folders = []
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, encoding="utf-8", check=False)
        folders.append(Path(said.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise NoServer(f"neither {ENVIRONMENT} nor initdb and postgres in pg_config --bindir or /usr/lib/postgresql/*/bin")


@functools.cache
def server() -> str:
    """Return the URL of the server, started when it is first asked for; raises `NoServer`."""
    return os.environ.get(ENVIRONMENT) or _started()


def _started() -> str:
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="qbank-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    as_whom: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}}
    if os.name == "posix" and os.geteuid() == 0:
        user = next((name for name in ("postgres", "nobody") if _is_user(name)), None)
        if user is None:
            raise NoServer("no user postgres or nobody to run the server as")
        entry = pwd.getpwnam(user)
        as_whom |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o644)
    made = subprocess.run(
        [programs / "initdb", "-D", folder / "data", "--no-sync", "-U", "qbank", "-E", "UTF8", "--locale=C.UTF-8",
         "-A", "scram-sha-256", f"--pwfile={secret}"],
        capture_output=True, encoding="utf-8", check=False, **as_whom,
    )  # fmt: skip
    if made.returncode:
        raise NoServer(f"initdb: {made.stderr.strip()}")
    port = _free_port()
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off",
        "full_page_writes": "off", "synchronous_commit": "off", "max_connections": 60, "shared_buffers": "64MB",
    }  # fmt: skip
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *words], stdout=log, stderr=log,
            preexec_fn=_end_with_parent, **as_whom,
        )  # fmt: skip
    atexit.register(_stop, process)
    url = f"postgresql://qbank:{PASSWORD}@127.0.0.1:{port}/postgres"
    _wait(url, process, folder / "log")
    return url


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    """Let the kernel end the server when the tests die without a word (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # "fast": open connections are ended
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + 180
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as fault:
            if process.poll() is not None or time.monotonic() > end:
                raise NoServer(f"the server did not start: {fault}\n{log.read_text('utf-8', 'replace')}") from fault
            time.sleep(0.1)


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement outside of the ledger, by itself, and return its rows."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement)  # type: ignore[arg-type]
        return done.fetchall() if done.description else []


@contextmanager
def postgres_database() -> Iterator[str]:
    """Yield the URL of a database of one's own; the test skips, saying why, where there is no server."""
    try:
        url = server()
    except (NoServer, ModuleNotFoundError) as fault:
        pytest.skip(f"no PostgreSQL to test with: {fault}")
    name = f"qbank_{os.getpid()}_{next(_numbers)}_{secrets.token_hex(3)}"
    execute(url, f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING \'UTF8\'')
    head, _, query = url.partition("?")
    own = head.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    try:
        yield own
    finally:
        execute(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def place_on(engine: str, folder: Path) -> Iterator[str]:
    """Yield where a ledger may be made: a file in the folder, or a database of its own."""
    if engine == "sqlite":
        yield str(folder / "ledger.db")
        return
    with postgres_database() as url:
        yield url
