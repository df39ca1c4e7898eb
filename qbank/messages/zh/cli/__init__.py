"""What the command line says."""

from qbank.messages.zh.cli import (
    audit,
    authoring,
    calibrate,
    certificate,
    coverage,
    editorial,
    explain,
    gate,
    interchange,
    layout,
    searching,
    similar,
    stimuli,
    verbs,
    whatif,
)

TEXTS: dict[str, str] = {
    **audit.TEXTS,
    **authoring.TEXTS,
    **calibrate.TEXTS,
    **certificate.TEXTS,
    **coverage.TEXTS,
    **editorial.TEXTS,
    **explain.TEXTS,
    **gate.TEXTS,
    **interchange.TEXTS,
    **layout.TEXTS,
    **searching.TEXTS,
    **similar.TEXTS,
    **stimuli.TEXTS,
    **verbs.TEXTS,
    **whatif.TEXTS,
}
