"""QTI, the format in which platforms exchange items and tests: version 3.0 and 2.1, written."""

from qbank.files.interchange.qti.asked import Asked, Convert, Passage
from qbank.files.interchange.qti.tree import Version
from qbank.files.interchange.qti.write_items import About, write_items
from qbank.files.interchange.qti.write_test import QtiPaper, QtiSection, write_test

QTI_VERSIONS: tuple[Version, ...] = ("qti3", "qti21")

__all__ = [
    "QTI_VERSIONS", "About", "Asked", "Convert", "Passage", "QtiPaper", "QtiSection", "Version", "write_items", "write_test",
]  # fmt: skip
