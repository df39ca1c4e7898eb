"""Order, versions and unscored places on the command line."""

TEXTS: dict[str, str] = {
    "option.--versions": "versions of each paper (1–8): the same questions, in another order and with other letters",
    "assemble.version": "version: {path} (of {paper})",
}
