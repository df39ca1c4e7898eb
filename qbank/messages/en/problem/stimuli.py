"""What is wrong with stimuli and with the items that name one."""

TEXTS: dict[str, str] = {
    "I156": "stimulus {stimulus} is not in this bank, or says something else here",
    "I156.hint": "a merge brings in items only: copy the stimulus into this bank first, or give it another id",
    "I207": "{n} items share a stimulus; the table holds its id only",
    "I207.hint": "the text stays under stimuli in the bank; copy it before you import the table into another one",
    "I208": "{n} items share a stimulus; its text now stands before the stem of each",
    "I208.hint": "imported again it is part of the stems, no longer shared; export xlsx to keep items as they are",
    "Q401": "stimulus {id} stands twice (first at {first})",
    "Q401.hint": "give it another id",
    "Q402": "there is no stimulus {stimulus}",
    "Q402.hint": "correct the id, or write it under stimuli; the nearest one: {suggestion}",
    "Q403": "stimulus is a list of {n}; an item belongs to one stimulus, so write its id alone",
    "Q403.hint": "keep one id; where both are needed, write them as one stimulus",
    "Q404": "there is no stimulus {enemy} to be an enemy of",
    "Q404.hint": "correct the id or delete it; the nearest one: {suggestion}",
    "Q405": "no item uses stimulus {id}",
    "Q405.hint": "write stimulus: {id} in its items, or delete it",
}
