"""Words that stand in QTI items."""

TEXTS: dict[str, str] = {
    "true": "True",
    "false": "False",
    "marks": " marks",
    "part": "({number}) ({marks} marks)",
    "task_time": "Time: {minutes} minutes ({preparation} minutes of preparation).",
    "site": "Made ready by the centre:",
    "candidate": "Brought by the candidate:",
    "requirements": "Requirements:",
    "step": "Step",
    "demand": "What is demanded",
    "worth": "Marks",
    "deducted": ": −{marks}",
    "veto": "What fails the task:",
}
