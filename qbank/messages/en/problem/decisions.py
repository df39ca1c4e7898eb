"""Decisions about items after a sitting."""

TEXTS: dict[str, str] = {
    "V301": "the bank's key of {item} was not changed: {key} is more than one letter of one item",
    "V301.hint": "the sitting is scored by it; change the item in the bank by hand",
    "V302": "the bank's key of {item} was not changed to {key}: the item is no longer what was printed",
    "V302.hint": "the sitting is scored by the new key; look at the present item and change it by hand where it is still wrong",
    "V303": "{item} cannot be an enemy of itself",
    "V303.hint": "name the other item",
    "V304": "{verdict} needs the other item of {item}",
    "V304.hint": "qbank decide SITTING ITEM enemy OTHER --why …",
    "V305": "{verdict} needs a key for {item}",
    "V305.hint": "qbank decide SITTING ITEM {verdict} KEY --why …; B|C accepts both, KEY@PAPER is for one paper",
    "V306": "{verdict} names nothing, but {named!r} was given",
    "V306.hint": "leave it out; another key: rekey KEY or accept KEY",
    "V307": "the bank {bank} is not in this workspace, so {item} cannot be changed there",
    "V307.hint": "name its folder with --bank, or record the decision only: --ledger-only",
}
