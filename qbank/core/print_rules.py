"""What a centre puts on everything it prints: ``print:`` in qbank.yaml."""

from __future__ import annotations

from qbank.core.authored import Authored, FilledText, Many, WrittenText


class PrintRules(Authored):
    """centre : the name above titles ; logo : a picture, by its path in the workspace ; footer : a line below every footer ;
    notices : the instructions on the first page, instead of the customary ones ; template : the folder of the centre's own
    Typst blocks (``centre.typ``)"""

    centre: WrittenText = ""
    logo: WrittenText = ""
    footer: WrittenText = ""
    notices: Many[FilledText] = ()
    template: WrittenText = ""
