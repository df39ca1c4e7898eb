"""Headers of Moodle's quiz reports, in the languages in which centres use it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

PERSON_WORDS: dict[str, tuple[str, ...]] = {
    "idnumber": ("idnumber", "id号", "id号码", "学号", "编号", "idnummer", "numérodidentification", "númerodeid", "准考证号", "考号"),
    "username": ("username", "用户名", "登录名", "anmeldename", "nutzername", "benutzername", "nomdutilisateur", "nombredeusuario"),
    "email": ("emailaddress", "email", "电子邮件", "电子邮件地址", "电子邮箱", "email地址", "邮箱", "邮箱地址", "emailadresse",
              "adressedecourriel", "direccióndecorreo"),
    "last": ("lastname", "surname", "姓", "姓氏", "nachname", "nom", "nomdefamille", "apellidos"),
    "first": ("firstname", "名", "名字", "vorname", "prénom", "nombre"),
    "full": ("fullname", "姓名", "全名", "名字姓氏", "vollständigername", "firstnamelastname", "lastnamefirstname"),
    "state": ("state", "status", "状态", "答题状态", "état", "estado"),
    "started": ("startedon", "started", "开始于", "开始时间", "开始", "begonnenam", "begonnen", "commencéle", "comenzadoel"),
    "completed": ("completed", "完成", "已完成", "完成时间", "结束时间", "beendet", "terminé", "finalizado"),
    "taken": ("timetaken", "duration", "耗时", "用时", "所用时间", "所花时间", "verbrauchtezeit", "dauer", "tempsutilisé", "tiemporequerido"),
}  # fmt: skip
"""What Moodle calls the columns that say who and when: letters and digits only, in lower case."""
_GRADE = re.compile(r"(?:grade|mark|成绩|分数|评分|得分|bewertung|note|calificación|总分)(?:[0-9]*)")
_NUMBERED = {
    "response": re.compile(r"(?:response|回应|回答|答案|响应|作答|答复|antwort|réponse|respuesta)([0-9]{1,3})"),
    "question": re.compile(r"(?:question|问题|题目|试题|frage|pregunta)([0-9]{1,3})"),
    "right": re.compile(r"(?:rightanswer|correctanswer|正确答案|richtigeantwort|réponsecorrecte|bonneréponse|respuestacorrecta)([0-9]{1,3})"),
}  # fmt: skip
_MARKS = re.compile(r"(?:q|f|p|question|frage|试题|题目|问题|题|第)\.?\s*([0-9]{1,3})\s*题?\s*/\s*([0-9]{1,4}(?:[.,][0-9]{1,5})?)", re.IGNORECASE)
_MARKS_KEY = re.compile(r"q([0-9]{1,3})([0-9]{1,4}[0-9]{2})")
FINISHED = frozenset({"finished", "已完成", "完成", "已结束", "beendet", "abgeschlossen", "terminé", "finalizado", "submitted", "已提交"})
AVERAGES = frozenset({"overallaverage", "groupaverage", "总平均分", "总平均", "整体平均", "平均分", "gesamtdurchschnitt", "gruppendurchschnitt",
                      "moyennegénérale", "promediogeneral"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class MoodleColumn:
    """What a column holds.

    role : ``response``, ``question``, ``right``, ``marks``, ``grade`` or one of `PERSON_WORDS`, "" for none of them ;
    number : of the question in the quiz ; most : its marks there, where the column is of marks
    """

    role: str
    number: int = 0
    most: float = 0.0


def squeezed(text: str) -> str:
    """Return a header as Moodle's own JSON calls it: letters and digits alone, in lower case.

    >>> squeezed("Grade/100.00"), squeezed(" Last name"), squeezed("回应 1")
    ('grade10000', 'lastname', '回应1')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


_ROLE_OF = {word: role for role, words in PERSON_WORDS.items() for word in words}


def moodle_column(header: str) -> MoodleColumn:
    """Return what a column of a report is.

    >>> moodle_column("Antwort 12"), moodle_column("Q. 3 /0.50"), moodle_column("姓")
    (MoodleColumn(role='response', number=12, most=0.0), MoodleColumn(role='marks', number=3, most=0.5), MoodleColumn(role='last', number=0, most=0.0))
    """
    plain = unicodedata.normalize("NFKC", header).strip()
    if match := _MARKS.fullmatch(plain):
        return MoodleColumn("marks", int(match.group(1)), float(match.group(2).replace(",", ".")))
    word = squeezed(header)
    for role, pattern in _NUMBERED.items():
        if match := pattern.fullmatch(word):
            return MoodleColumn(role, int(match.group(1)))
    if word in _ROLE_OF:
        return MoodleColumn(_ROLE_OF[word])
    return MoodleColumn("grade" if _GRADE.fullmatch(word) else "")


def looks_like_moodle(headers: Sequence[str]) -> bool:
    """Return whether a table is one of Moodle's reports: answers or marks by number, beside when or in which state.

    >>> looks_like_moodle(["Last name", "State", "Grade/100.00", "Response 1"]), looks_like_moodle(["person", "1", "2"])
    (True, False)
    """
    roles = {moodle_column(header).role for header in headers}
    return bool(roles & {"response", "marks"}) and bool(roles & {"state", "started", "completed", "taken"})
