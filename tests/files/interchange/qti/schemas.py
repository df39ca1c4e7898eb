"""The official schemas beside the repository, loaded once; without them the tests that need them are skipped, by name."""

from __future__ import annotations

import os
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qbank.files.interchange.qti import Version
from tests.workflow.places import REPOSITORY

SCHEMAS = Path(os.environ.get("QBANK_QTI_SCHEMAS") or REPOSITORY.parent / "shared" / "reference" / "qti" / "xsd")
FILES: dict[tuple[Version, bool], str] = {
    ("qti3", False): "qtiv3p0/imsqti_asiv3p0_sbacv1p0_v1p0.xsd",
    ("qti3", True): "manifest3/imsqtiv3p0_imscpv1p2_v1p0.xsd",
    ("qti21", False): "v2/qtiv2p1/imsqti_v2p1.xsd",
    ("qti21", True): "v2/imscp_v1p1.xsd",
}
with_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the QTI schemas are not here (QBANK_QTI_SCHEMAS)")


@cache
def schema(version: Version, manifest: bool) -> Any:
    """Return the schema of items, tests and stimuli, or of manifests."""
    return etree.XMLSchema(etree.parse(SCHEMAS / FILES[version, manifest]))


def faults(name: str, data: bytes, version: Version) -> list[str]:
    """Return what the schema says against a file of a package."""
    checked = schema(version, name == "imsmanifest.xml")
    checked.validate(etree.fromstring(data))
    return [f"{name}:{fault.line}: {fault.message}" for fault in checked.error_log]


def files_of(package: bytes) -> dict[str, bytes]:
    """Return the files of a package by name."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def package_faults(package: bytes, version: Version) -> list[str]:
    """Return what the schemas say against all files of a package."""
    found = files_of(package)
    return [fault for name in found if name.endswith(".xml") for fault in faults(name, found[name], version)]
