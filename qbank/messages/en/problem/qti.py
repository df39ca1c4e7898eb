"""QTI packages: X4xx, what does not travel."""

TEXTS: dict[str, str] = {
    "X402": "item {id} holds control characters that XML cannot; they were removed",
    "X402.hint": "delete them in the bank",
    "X403": "item {id}: QTI compares numbers only; a unit behind the answer, or another unit (1.88 t for 1880 kg), is not read",
    "X403.hint": "tell candidates to give the number in the unit asked for",
    "X404": "item {id}: blanks may be exchanged and their answers overlap; QTI counts the answers found, so one answer given twice may earn more",
    "X404.hint": "where the answers of the blanks differ, the marks are those of qbank",
    "X405": "item {id}: the pattern is written as it stands; full-width characters no longer count as plain ones",
    "X405.hint": "list the usual ways of writing under accept",
    "X406": "item {id}: the pattern says more than the expressions of QTI (XML Schema) can; only the listed answers count",
    "X406.hint": "list the usual ways of writing under accept",
    "X407": "item {id} is marked by people: the rubric is in the package, the machine gives 0",
    "X407.hint": "name markers on the platform",
    "X408": "item {id} is a practical task: task, supplies, steps and deductions are written as text; the record sheet does not travel",
    "X408.hint": "print it with qbank print --part task-record",
    "X409": "QTI 2.1 has no files of stimuli: those of {n} items stand before the stem of each",
    "X409.hint": "use qti3 where they must be shared",
    "X410": "the notices of paper {form} (pens, sealing line) are for paper and are not in the QTI package",
    "X410.hint": "put what is needed into the platform's own notice",
}
