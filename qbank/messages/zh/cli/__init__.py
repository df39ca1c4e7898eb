"""What the command line says."""

from qbank.messages.zh.cli import (
    authoring,
    coverage,
    editorial,
    interchange,
    searching,
    similar,
    verbs,
    whatif,
)

TEXTS: dict[str, str] = {
    **authoring.TEXTS,
    **coverage.TEXTS,
    **editorial.TEXTS,
    **interchange.TEXTS,
    **searching.TEXTS,
    **similar.TEXTS,
    **verbs.TEXTS,
    **whatif.TEXTS,
}
