"""What the command line says."""

from qbank.messages.zh.cli import (
    authoring,
    coverage,
    editorial,
    interchange,
    similar,
    verbs,
)

TEXTS: dict[str, str] = {
    **authoring.TEXTS,
    **coverage.TEXTS,
    **editorial.TEXTS,
    **interchange.TEXTS,
    **similar.TEXTS,
    **verbs.TEXTS,
}
