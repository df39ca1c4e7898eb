"""The tar of a package: read by others, and read here as nothing but what is written here."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.files.sealing.tar import END, TarError, TarReader, header, padding

names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=200).map(lambda name: f"f{name}f")


class Kept:
    """Keeps the files that it is given."""

    def __init__(self) -> None:
        self.files: list[tuple[str, int, bytes]] = []
        self.ended = 0

    def begin(self, name: str, size: int) -> None:
        self.files.append((name, size, b""))

    def take(self, piece: bytes) -> None:
        name, size, data = self.files[-1]
        self.files[-1] = (name, size, data + piece)

    def end(self) -> None:
        self.ended += 1


def tar_of(files: list[tuple[str, bytes]]) -> bytes:
    return b"".join(header(name, len(data)) + data + padding(len(data)) for name, data in files) + END


@given(st.lists(st.tuples(names, st.binary(max_size=2000)), max_size=4), st.integers(1, 3000))
def test_files_come_back_however_the_stream_is_cut_and_other_programs_read_them(files: list[tuple[str, bytes]], step: int) -> None:
    data = tar_of(files)
    kept = Kept()
    reader = TarReader(kept)
    for place in range(0, len(data), step):
        assert not reader.complete
        reader.write(data[place : place + step])
    assert reader.complete
    assert [(name, content) for name, _, content in kept.files] == files
    with tarfile.open(fileobj=io.BytesIO(data)) as other:
        assert [(entry.name, entry.size, entry.mtime, entry.uid) for entry in other] == [(n, len(c), 0, 0) for n, c in files]


@given(st.integers(0, 4000))
def test_a_tar_that_breaks_off_is_never_complete(length: int) -> None:
    data = tar_of([("a", b"x" * 700), ("长" * 60, b"y" * 100)])
    reader = TarReader(Kept())
    reader.write(data[: min(length, len(data) - 1)])
    assert not reader.complete


@pytest.mark.parametrize("type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_whatever_is_no_plain_file_is_refused(type_: bytes) -> None:
    entry = tarfile.TarInfo("a")
    entry.type, entry.linkname = type_, "/etc/passwd"
    kept = Kept()
    with pytest.raises(TarError):
        TarReader(kept).write(entry.tobuf(tarfile.USTAR_FORMAT) + END)
    assert kept.files == []


@pytest.mark.parametrize("headers", [{"size": "99"}, {"linkpath": "/etc"}, {"comment": "x" * 70000}, {"GNU.sparse.major": "1"}])
def test_records_of_other_programs_are_refused(headers: dict[str, str]) -> None:
    entry = tarfile.TarInfo("a")
    entry.pax_headers = headers
    with pytest.raises(TarError):
        TarReader(Kept()).write(entry.tobuf(tarfile.PAX_FORMAT) + bytes(1024))


@pytest.mark.parametrize("data", [b"x" * 512, bytes(512) + b"x" * 512, END + b"x", header("a", 3) + b"abc" + b"\1" * 509 + END])
def test_what_is_no_tar_is_refused(data: bytes) -> None:
    with pytest.raises(TarError):
        TarReader(Kept()).write(data)
