"""Customary words of a paper: title, notices, instructions, levels."""

TEXTS: dict[str, str] = {
    "title": "Theory examination",
    "fields": "Organisation|Candidate number|Name",
    "level_5": "level 5",
    "level_4": "level 4",
    "level_3": "level 3",
    "level_2": "level 2",
    "level_1": "level 1",
    "notice_1": "Time allowed: {minutes} minutes.",
    "notice_2": "First write your name, candidate number and organisation where asked.",
    "notice_3": "Read the instructions of each section and answer in the place provided.",
    "notice_4": "Write in blue or black ink and keep the paper clean.",
    "notice_5": "Do not write anything that identifies you anywhere else on the paper.",
    "instruction_single": "Choose the one right answer and write its letter in the blank.",
    "instruction_true_false": "Write T if the statement is true, F if it is false.",
    "instruction_numeric": "Work out the number and write it in the blank.",
}
