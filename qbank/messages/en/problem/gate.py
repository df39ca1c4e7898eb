"""The release gate, official results, papers for registered persons."""

TEXTS: dict[str, str] = {
    "H101": "the results of sitting {id} are not released: the stage '{stage}' is missing",
    "H101.hint": "run {command} first; qbank gate {id} lists the stages. A preliminary list: qbank score {id}",
    "H102": "the earlier stage '{stage}' does not stand",
    "H102.hint": "run {command} first",
    "H103": "{n} flagged items are not decided: {items}",
    "H103.hint": 'decide on each: qbank decide {id} {first} keep|credit --why "…" (credit gives everybody the marks)',
    "H104": "the work of the stage '{stage}' is not done, or answers or decisions have changed since",
    "H104.hint": "run {command} first",
    "H105": "sitting {id} has no calibration made after the latest changes",
    "H105.hint": "run {command} first; with few persons, and papers that are parallel by assembly, --why passes without",
    "H106": "the stage '{stage}' is passed for a reason only",
    "H106.hint": "{command}",
    "H107": "sitting {id}: neither '{stage}' nor a later stage stands, so there is nothing to take back",
    "H107.hint": "qbank gate {id} lists the stages",
    "word.imported": "answers imported",
    "word.analysed": "preliminary analysis",
    "word.keys": "key validation",
    "word.scored": "scoring",
    "word.calibrated": "calibration and equating",
    "word.released": "release",
}
