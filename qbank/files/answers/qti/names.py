"""Which item and which paper the identifiers of results mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qbank.core.form import Form, answer_names, answer_places, papers_of
from qbank.files.answers.placed import near_word
from qbank.files.answers.qti.documents import PersonResults
from qbank.files.answers.reading import Reading
from qbank.problem import Problem, Span, error


class Names:
    """What the items and papers of a sitting are called in results."""

    def __init__(self, forms: tuple[Form, ...], reading: Reading) -> None:
        self.reading = reading
        self.forms = [form.id for form in forms]
        self.papers = papers_of(forms)[1]
        self.items = list(dict.fromkeys(place.id for form in forms for place in answer_places(form)))
        self.by_id = {id.casefold(): id for id in self.items}
        self.positions = [
            dict(zip(answer_names(form), (place.id for place in answer_places(form)), strict=True)) for form in forms
        ]
        self.holding = [{place.id for place in answer_places(form)} for form in forms]

    def item(self, identifier: str, paper: int) -> str:
        """Return the id behind an identifier: mapped, the id itself, or the printed number on a paper; "" for none."""
        word = self.reading.columns.get(identifier, identifier)
        for one in (word, re.sub(r"^(?:item|question|i|q)[\s_.:-]*", "", word, flags=re.IGNORECASE), word.lstrip("_")):
            if id := self.by_id.get(one.casefold()):
                return id
            if id := (self.positions[paper].get(one.replace("-", ".").replace("_", ".")) if paper >= 0 else None):
                return id
        return ""

    def unknown(self, persons: Sequence[PersonResults]) -> list[Problem]:
        """Return an error for each identifier that is no item on any paper, where it stands first."""
        every = dict.fromkeys(identifier for person in persons for identifier in person.results)
        wrong = {identifier for identifier in every if not any(self.item(identifier, n) for n in range(len(self.forms)))}
        if not wrong:
            return []
        count = Counter(identifier for person in persons for identifier in person.results if identifier in wrong)
        first: dict[str, Span] = {}
        for person in persons:
            for identifier, (_, result) in person.results.items():
                if identifier in wrong:
                    first.setdefault(identifier, Span(person.path, result.line, 1))
        return [
            error("R305", span, identifier=identifier[:100], n=count[identifier], suggestion=near_word(identifier, self.items))
            for identifier, span in first.items()
        ]


def paper_of(person: PersonResults, names: Names, reading: Reading) -> int:
    """Return the paper that a person sat: as it is called, as the mapping says, or the only one with the items; or −1."""
    said = reading.forms.get(person.paper, person.paper)
    if said in names.forms:
        return names.forms.index(said)
    if len(names.forms) == 1:
        return 0
    fitting = [
        n for n, holding in enumerate(names.holding) if all(names.item(one, n) in holding for one in person.results)
    ]
    # A version of a paper has the same questions: which of them it was changes no answer.
    return fitting[0] if fitting and person.results and len({names.papers[n] for n in fitting}) == 1 else -1
