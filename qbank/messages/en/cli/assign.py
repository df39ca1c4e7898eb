"""assign."""

TEXTS: dict[str, str] = {
    "assign.short": "Give registered persons papers that they have not seen",
    "assign.example": "qbank assign roster.csv --forms forms/bof-4-theory --seed 7",
    "assign.working": "assigning…",
    "assign.done": "{persons} persons: {papers} (seed {seed})",
    "assign.repeaters": "{n} of them sat before; at most {most} questions of a paper may have been seen",
    "assign.left": "{n} persons have no paper",
    "assign.wrote": "wrote {path}",
    "assign.option.--forms": "files or folders of papers, repeatable",
    "assign.option.--max-seen": "questions of a paper that a person may have had before; by default the blueprint's overlap, else 0",
    "assign.option.--out": "the file to write (.csv or .xlsx)",
}
