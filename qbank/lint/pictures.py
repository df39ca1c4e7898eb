"""Rules over pictures: what their words say to who cannot see them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.core.picture import image_paths
from qbank.kinds.kind import folded
from qbank.lint.rule import ItemInput
from qbank.problem import Problem, warning

_NOTHING_SAID = re.compile(
    r"(?:[如见上下题插附配]?图[片像形示]?|示意图|照片|截图|image|img|picture|photo|figure|fig|diagram|drawing|alt|untitled|screenshot)?"
    r"[\W_]*(?:\d{1,6}|[a-z一二三四五六七八九十])?[\W_\d]*"
)
_FILE = re.compile(r"\S{1,200}\.(?:svg|png|jpe?g|gif|bmp|webp)")


def poor_alternative_text(given: ItemInput) -> Iterator[Problem]:
    """W186: the words of a picture say what it shows.

    ``图 1``, ``image`` or the name of the file tells nothing to who cannot see the picture, nor to who proofreads the
    text. No words at all is an error (Q304).

    Bad: ``stem: 图中 ![图1](media/lance.svg) 的部件是（　　）。``
    Good: ``stem: 图中 ![氧枪喷头剖面，箭头指向喉口](media/lance.svg) 的部件是（　　）。``
    """
    for passage in given.reading.passages:
        for words, path in image_paths(passage.text):
            if words.strip() and _says_nothing(folded(words).casefold(), path.casefold()):
                yield warning("W186", given.place(*passage.steps), picture=path, words=words.strip()[:60])


def _says_nothing(words: str, path: str) -> bool:
    """Return whether words are a bare number, a word for any picture, or the name of the file.

    >>> [_says_nothing(words, "media/lance.svg") for words in ("图 1-2", "image", "lance", "a.png", "氧枪", "figure of eight")]
    [True, True, True, True, False, False]
    """
    name = path.rpartition("/")[2]
    names = (path, name, name.rpartition(".")[0])
    return words in names or bool(_NOTHING_SAID.fullmatch(words) or _FILE.fullmatch(words))
