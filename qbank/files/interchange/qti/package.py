"""The zip of a package: the same files, the same bytes, whatever the clock says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

MANIFEST = "imsmanifest.xml"


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip: the manifest first, then by name, all of the first of January 1980.

    >>> packed({"b.xml": b"b", MANIFEST: b"m"}) == packed({MANIFEST: b"m", "b.xml": b"b"})
    True
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files, key=lambda name: (name != MANIFEST, name)):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()
