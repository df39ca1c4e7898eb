"""What is said while papers are searched for."""

TEXTS: dict[str, str] = {
    "assemble.option.--seconds": "cut the search off after so many seconds and keep the best papers (then another run may find others)",
    "assemble.stopping": "stopping: the best papers so far are kept (Ctrl-C again ends at once)",
    "assemble.stage.pooled": "choosing the items of all papers together",
    "assemble.stage.partition": "dealing the items out",
    "assemble.stage.search": "exchanging items",
    "assemble.stage.direct": "solving exactly",
    "assemble.progress.best": "{stage}: best so far {best}",
    "assemble.progress.broken": "{stage}: rules still broken by {broken}",
}
