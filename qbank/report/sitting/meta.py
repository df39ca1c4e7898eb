"""What a report needs to be told: the sitting, its papers, the items as printed."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.analysis import Raised
from qbank.report.blocks import Facts, Figure, Rich, Table, Text, Verdict

NOTHING = Rich()


@dataclass(frozen=True, slots=True)
class PaperInfo:
    """A paper of the sitting as the report names it: its form's id, a title, the digest printed on it, its family and that one's digest."""

    form: str
    title: str = ""
    digest: str = ""
    family: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision about an item: verdict : a word of `qbank decide` ; named : the key or the other item ; at : as written ;
    number : its place in the log of the sitting, from 1"""

    item: str
    verdict: str
    named: str = ""
    why: str = ""
    who: str = ""
    at: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class ScoringLine:
    """One marking of the answers. n : persons with a total ; current : the one that counts"""

    number: int
    at: str
    who: str
    why: str
    n: int
    n_passed: int
    current: bool


@dataclass(frozen=True, slots=True)
class SittingMeta:
    """What the numbers cannot tell. Dates are words: nothing here is taken from the clock.

    versions : (name, version) pairs, e.g. ("qbank", "0.1.0"), ("bank", "3f2a…")
    group_titles : column name → the word for it, e.g. ("site", "考点") ; rules : how answers became marks, (what, how)
    decisions, scorings : in the order in which they were taken and done ; raised : flags that earlier sittings or a
    calibration put on the items ; credited, dropped : items whose marks went to everybody, that count for nobody ;
    numbers : of each person of the analysis, None until results are released ;
    standings : how many were registered, present, absent, void, withheld; could not be matched with earlier sittings, sat one, had
    items of this one there
    """

    title: str
    sitting: str
    date: str = ""
    place: str = ""
    papers: tuple[PaperInfo, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    group_titles: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    scorings: tuple[ScoringLine, ...] = ()
    raised: tuple[Raised, ...] = ()
    credited: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    numbers: tuple[str, ...] | None = None
    standings: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemText:
    """An item as it was printed: fragments made by `render` (trusted), and where it belongs.

    options : aligned with the analysis' labels of the item (empty: only the labels are shown) ; words : label → as a reader
    knows it, e.g. ("true", "√"), where that is not the label itself
    """

    stem: Rich = NOTHING
    options: tuple[Rich, ...] = ()
    key: str = ""
    domain: str = ""
    competency: str = ""
    words: tuple[tuple[str, str], ...] = ()

    def shown(self, label: str) -> str:
        """Return a label as a reader knows it.

        >>> ItemText(words=(("true", "√"),)).shown("true"), ItemText().shown("B")
        ('√', 'B')
        """
        return dict(self.words).get(label, label)


NO_TEXT = ItemText()


@dataclass(frozen=True, slots=True, eq=False)
class CardExtra:
    """What a card shows besides the numbers of this sitting.

    figures : beside the quantile plot ; more : below the options, e.g. the item's control chart ; verdict : the box at its foot
    """

    figures: tuple[Figure, ...] = ()
    more: tuple[Text | Table | Facts | Figure, ...] = ()
    verdict: Verdict | None = None


NO_EXTRA = CardExtra()
