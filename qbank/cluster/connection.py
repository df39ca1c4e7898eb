"""A cluster: one of this machine's cores, or one whose scheduler listens at an address."""

from __future__ import annotations

import logging
import os
import signal
import socket
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Literal

from qbank import __version__

# Seconds to find the scheduler, and to wait for a worker where all are lost.
CONNECT_SECONDS = 5
LOST_SECONDS = 60
# A scheduler's first words are shorter than this.
MOST_BYTES = 1 << 24
# How often a block may lose its worker before it is held for what kills them.
LOSSES = 20

Reason = Literal["missing", "address", "unreachable", "no workers", "version", "lost", "worker"]


class ClusterError(OSError):
    """A cluster cannot be used.

    reason : the extra is not installed, the address is none, nobody answers there, it has no workers, the workers'
        qbank is missing or another, all workers were lost, or a worker failed in what `detail` says
    """

    def __init__(self, reason: Reason, place: str, detail: object = "") -> None:
        super().__init__(f"{place}: {reason}" + (f": {detail}" if str(detail) else ""))
        self.reason, self.place, self.detail = reason, place, str(detail)


@dataclass(slots=True)
class Cluster:
    """An open cluster; client: of dask.distributed; place: as the user named it.

    in_order : whether this cluster, and not another that was open before, lets SIGTERM end the process in order
    """

    client: Any
    place: str
    own: Any = None
    folder: tempfile.TemporaryDirectory[str] | None = None
    in_order: bool = False
    _count: int = field(default=0)

    def name(self, what: str) -> str:
        """Return a name for a task that no other has."""
        self._count += 1
        return f"qbank-{what}-{os.getpid()}-{id(self)}-{self._count}"

    @property
    def n_workers(self) -> int:
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    def result(self, future: Any) -> Any:
        """Return what a task found; where no worker is left for a minute, `ClusterError`."""
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        for _ in range(10**9):
            try:
                return future.result(timeout=LOST_SECONDS)
            except KilledWorker as fault:
                raise ClusterError("worker", self.place, fault) from fault
            except CancelledError:
                raise ClusterError("lost", self.place) from None
            except TimeoutError:
                if self.client.status != "running" or not self.n_workers:
                    raise ClusterError("lost", self.place) from None
        raise AssertionError

    def finish(self, future: Any) -> None:
        """Wait for a task whose result stays where it is; what failed in it is raised."""
        import distributed

        wait: Any = distributed.wait
        try:
            # No task of its own, which would queue behind all that were submitted before it.
            with self.client.as_current():
                wait([future], timeout=LOST_SECONDS)
        except TimeoutError:
            self.result(future)
        if future.status != "finished":
            self.result(future)

    def results(self, futures: Sequence[Any]) -> list[Any]:
        """Return what tasks found, in their order."""
        return [self.result(future) for future in futures]

    def close(self) -> None:
        """Leave the cluster; one of this machine ends with it."""
        with _quiet():
            self.client.close()
            if self.own is not None:
                self.own.close()
        if self.folder is not None:
            self.folder.cleanup()
        if self.in_order:
            _end_as_usual()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_cluster(where: str) -> Cluster:
    """Return a cluster: "local", a worker a core of this machine; "local:2", two workers; or "tcp://HOST:PORT".

    A local one listens on the loopback interface only, holds each worker to one thread and opens no dashboard. While it
    is open, SIGTERM ends the process by SystemExit, unless something else was to happen: so the workers' folder goes too.
    Raises `ClusterError`; nobody answering at an address takes about ten seconds.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as fault:
        raise ClusterError("missing", where) from fault
    word, _, number = where.partition(":")
    if word == "local":
        if number and not (number.isdecimal() and 1 <= int(number) <= 1024):
            raise ClusterError("address", where)
        return _local(where, int(number) if number else os.cpu_count() or 1)
    return _remote(where)


def _local(where: str, n_workers: int) -> Cluster:
    import dask
    import distributed

    make_cluster: Any = distributed.LocalCluster
    make_client: Any = distributed.Client
    folder = tempfile.TemporaryDirectory(prefix="qbank-cluster-", ignore_cleanup_errors=True)
    settings = {
        "distributed.scheduler.allowed-failures": LOSSES,
        # A block that moves with its work would be held twice.
        "distributed.scheduler.work-stealing": False,
        "distributed.admin.system-monitor.gil.enabled": False,
        "temporary-directory": folder.name,
    }
    in_order = _end_in_order()
    try:
        with _quiet(), dask.config.set(settings):
            own = make_cluster(
                n_workers=n_workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                dashboard=False,
                # Blocks are held in memory, whatever share of it they take: they are small and cannot be spilled usefully.
                memory_limit=0,
                local_directory=folder.name,
                silence_logs=logging.CRITICAL,
            )
            client = make_client(own, set_as_default=False)
    except BaseException:
        if in_order:
            _end_as_usual()
        raise
    return Cluster(client, where, own, folder, in_order)


def _leave(number: int, _: FrameType | None) -> None:
    """End the process in order; a second signal ends it at once."""
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(128 + number)


def _end_in_order() -> bool:
    """Let SIGTERM raise SystemExit, where nobody else wants to know of it; return whether that is new."""
    usual = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if usual:
        signal.signal(signal.SIGTERM, _leave)
    return usual


def _end_as_usual() -> None:
    """Let SIGTERM end the process at once again."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is _leave:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _remote(where: str) -> Cluster:
    import distributed

    make_client: Any = distributed.Client
    address = where if "://" in where else f"tcp://{where}"
    scheme, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    if scheme not in ("tcp", "tls") or not host or not port.isdecimal() or int(port) > 65535:
        raise ClusterError("address", where)
    if scheme == "tcp" and not _answers(host.strip("[]"), int(port)):
        raise ClusterError("unreachable", where)
    with _quiet():
        try:
            client = make_client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except Exception as fault:
            raise ClusterError("unreachable", where, fault) from fault
    found = Cluster(client, where)
    try:
        _check_workers(found)
    except BaseException:
        found.close()
        raise
    return found


def _answers(host: str, port: int) -> bool:
    """Return whether a scheduler speaks at an address: it begins by itself, with the number of frames that follow.

    Anything else that listens there would keep a client waiting, or be misread as a message of any size.
    """
    try:
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS) as line:
            line.settimeout(CONNECT_SECONDS)
            head = line.recv(8, socket.MSG_WAITALL)
    except (OSError, UnicodeError):
        return False
    return len(head) == 8 and int.from_bytes(head, "little") < MOST_BYTES


def _check_workers(found: Cluster) -> None:
    """Raise unless there are workers, all with this qbank."""
    try:
        found.client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        versions = found.client.run(_version)
    except TimeoutError as fault:
        raise ClusterError("no workers", found.place) from fault
    except Exception as fault:
        # A worker without qbank cannot even read what it is asked.
        raise ClusterError("version", found.place, fault) from fault
    for worker, version in versions.items():
        if version != __version__:
            raise ClusterError("version", found.place, f"{worker}: {version}")


def _version() -> str:
    return __version__


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the cluster's own words from the user's terminal: what went wrong is said by `ClusterError`."""
    for name in ("distributed", "distributed.scheduler", "distributed.nanny", "distributed.worker", "bokeh"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
