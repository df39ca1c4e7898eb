"""print and export of QTI packages."""

TEXTS: dict[str, str] = {
    "print.option.--shuffle": "QTI packages: the player orders options anew, pinned ones in their place; without it they stand as printed",
}
