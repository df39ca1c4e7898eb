"""How a part is laid out: the sheet it stands on, the size of its letters, and what a centre puts on it.

The Typst templates read all this from one generated file, ``settings.typ``; the source of a paper says what is printed,
never how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qbank.core.picture import Picture, read_picture
from qbank.core.presentation import SheetName
from qbank.render.pictures import file_name
from qbank.render.typst_literals import typst_string

LARGE_POINTS, USUAL_POINTS = 18.0, 10.5
CENTRE_FILE = "centre.typ"


@dataclass(frozen=True, slots=True)
class Centre:
    """What a centre puts on its papers.

    name : above the title ; logo : the bytes of a picture, or none ; footer : a line below every footer ; files : its
    own Typst files and pictures by name, of which ``centre.typ`` overrides blocks ; folder : where they were read
    """

    name: str = ""
    logo: bytes = b""
    footer: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """sheet : A4, or A3 lying with two columns (a folded sheet, as 8K papers are) ; large : letters of 18 points ;
    personal : the sealed strip is left to the candidate's own overlay ; plain : without strip, table of scores and
    boxes to mark in, as a booklet is"""

    sheet: SheetName = "a4"
    large: bool = False
    personal: bool = False
    plain: bool = False
    centre: Centre = Centre()

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height of the sheet in millimetres."""
        return (420.0, 297.0) if self.sheet == "a3" else (210.0, 297.0)


A4 = Layout()


def settings_source(layout: Layout) -> str:
    """Return the file that the templates read: constants only, every word of the centre as a string."""
    centre = layout.centre
    logo = logo_name(centre)
    values = {
        "sheet": typst_string(layout.sheet),
        "sheet-width": f"{layout.size[0]:g}mm",
        "n-columns": "2" if layout.sheet == "a3" else "1",
        "k": f"{(LARGE_POINTS / USUAL_POINTS if layout.large else 1.0):.6g}",
        "personal": "true" if layout.personal else "false",
        "plain": "true" if layout.plain else "false",
        "centre-name": typst_string(centre.name),
        "centre-footer": typst_string(centre.footer),
        "centre-logo": typst_string(f"/{logo}") if logo else "none",
    }
    fonts = ['#let serif = ("Noto Serif SC",)', '#let sans = ("Noto Sans SC",)']
    return "\n".join([*fonts, *(f"#let {name} = {value}" for name, value in values.items()), ""])


def logo_name(centre: Centre) -> str:
    """Return the name under which the compiler meets the logo; empty where there is none that can be shown."""
    picture = read_picture(centre.logo) if centre.logo else None
    return f"logo-{file_name(centre.logo, picture)}" if isinstance(picture, Picture) else ""


def layout_files(layout: Layout) -> dict[str, bytes]:
    """Return the files beside the templates that make this layout, by the path below the compiler's root."""
    centre = layout.centre
    files = {f"centre/{name}": data for name, data in centre.files.items()}
    files.setdefault(f"centre/{CENTRE_FILE}", b"")
    if logo := logo_name(centre):
        files[logo] = centre.logo
    return {**files, "settings.typ": settings_source(layout).encode("utf-8")}
