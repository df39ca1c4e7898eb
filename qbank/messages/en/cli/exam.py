"""Exams on screen: options of print --to exam and of sitting add."""

TEXTS: dict[str, str] = {
    "print.option.--roster": "a roster of candidates (CSV, XLSX); each gets one of their own",
    "print.option.--minutes": "minutes allowed on screen; by default those of the paper",
    "print.option.--submit": "the address that answers are posted to (this machine or a local network); by default they are saved as a file",
    "sitting_add.option.--room-code": "a room code, by which signatures of answers given on screen are checked; repeatable",
    "sitting_add.option.--unsigned": "take in answers given on screen whose signature does not fit or is missing (with a warning)",
    "sitting_add.option.--written": "write answers that people must mark into a table (CSV, XLSX)",
    "sitting.reading.signatures": "signatures",
    "sitting.reading.is.checked": "checked",
    "sitting.reading.is.unchecked": "unchecked",
    "sitting.reading.is.exam": "exam",
}
