"""Arrays as bytes: compressed, and with a checksum of what they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import zstandard
from numpy.typing import NDArray

LEVEL = 6
BLOCK_ROWS = 20_000
"""Persons of one block of answers: two megabytes of 100 items, work for a second on one core."""
DTYPES = {"int8": "<i1", "int16": "<i2", "int32": "<i4", "float64": "<f8"}


class DamagedBlock(ValueError):
    """Bytes that are not what was written."""


def packed(array: NDArray[np.generic]) -> tuple[str, bytes, str]:
    """Return the name of the type, the compressed bytes, and the SHA-256 of type, shape and bytes.

    >>> name, data, checksum = packed(np.array([[0, -1]], dtype=np.int16))
    >>> unpacked(name, (1, 2), data, checksum).tolist()
    [[0, -1]]
    """
    name = str(array.dtype)
    raw = np.ascontiguousarray(array, dtype=DTYPES[name]).tobytes()
    return name, zstandard.ZstdCompressor(level=LEVEL).compress(raw), checksum_of(name, array.shape, raw)


def unpacked(name: str, shape: tuple[int, ...], data: bytes, checksum: str) -> NDArray[np.generic]:
    """Return the read-only array again; raises `DamagedBlock` where anything is not as it was."""
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(DTYPES.get(name, "<i1")).itemsize
    try:
        if zstandard.frame_content_size(data) != size:  # a damaged head may ask for more memory than there is
            raise DamagedBlock("size")
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=size + 1)
    except zstandard.ZstdError as fault:
        raise DamagedBlock(str(fault)) from fault
    if name not in DTYPES or len(raw) != size or checksum_of(name, shape, raw) != checksum:
        raise DamagedBlock("checksum")
    return np.frombuffer(raw, dtype=DTYPES[name]).reshape(shape)


def checksum_of(name: str, shape: tuple[int, ...], raw: bytes) -> str:
    """Return 64 hexadecimal digits of an array's type, shape and bytes."""
    head = f"{name} {'x'.join(map(str, shape))}\n".encode()
    return hashlib.sha256(head + raw).hexdigest()


def narrow(answer: NDArray[np.int16]) -> NDArray[np.generic]:
    """Return the answers as int8 where all fit."""
    fits = answer.size == 0 or (answer.min() >= -128 and answer.max() <= 127)
    return answer.astype(np.int8) if fits else answer


def row_blocks(n_rows: int) -> Iterator[tuple[int, int]]:
    """Yield (first row, end) of each block; an empty table is one empty block.

    >>> list(row_blocks(45_000))
    [(0, 20000), (20000, 40000), (40000, 45000)]
    """
    for first in range(0, max(n_rows, 1), BLOCK_ROWS):
        yield first, min(first + BLOCK_ROWS, n_rows)
