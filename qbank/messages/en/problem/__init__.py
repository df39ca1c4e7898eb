"""What is wrong with data, by code; the hint says what to do. One module a family of codes."""

from qbank.messages.en.problem import (
    coverage,
    editorial,
    explain,
    files,
    interchange,
    items,
    kinds,
    layout,
    papers,
    quality,
    relations,
    sittings,
    standard,
    stimuli,
    templates,
    whatif,
)

TEXTS: dict[str, str] = {
    **coverage.TEXTS,
    **editorial.TEXTS,
    **explain.TEXTS,
    **files.TEXTS,
    **interchange.TEXTS,
    **items.TEXTS,
    **kinds.TEXTS,
    **layout.TEXTS,
    **papers.TEXTS,
    **quality.TEXTS,
    **relations.TEXTS,
    **sittings.TEXTS,
    **standard.TEXTS,
    **stimuli.TEXTS,
    **templates.TEXTS,
    **whatif.TEXTS,
}
