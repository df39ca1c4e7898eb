"""Who is known by document in one sitting and by number in another is nobody's repeater: that is said when a file is added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qbank.ledger import repeaters_of
from qbank.messages import problem_hint, problem_message
from qbank.problem import Problem, has_errors
from qbank.workflow.sitting import Intaking, add_responses
from tests.workflow.places import Place, read_table, write_table


def file_of(place: Place, name: str, numbers: Sequence[str], documents: Sequence[str] | None = None) -> Path:
    """Write the answers of the first persons again, under other numbers, with a column of documents where there are some."""
    header, rows = read_table(place.responses)
    rows = [[number, *row[1:]] for number, row in zip(numbers, rows, strict=False)]
    if documents is not None:
        header, rows = [*header, "身份证号"], [[*row, document] for row, document in zip(rows, documents, strict=True)]
    return write_table(place.root / name / "answers.csv", header, rows)


def put(place: Place, id: str, date: str, file: Path, *, replace: bool = False, part: str | None = None) -> list[Problem]:
    """Add a file and return the warnings of persons who cannot be matched."""
    done, problems = add_responses(
        file, (place.form_folder,), place.workspace, id=id, date=date, design="spiralled", part=part,
        how=Intaking(replace=replace, why="with documents" if replace else ""),
    )  # fmt: skip
    assert done is not None and not has_errors(problems), problems
    return [problem for problem in problems if problem.code in ("R240", "R241")]


def numbers_of(first: int, n: int = 6) -> list[str]:
    return [f"N{first + k:04}" for k in range(n)]


DOCUMENTS = [f"11010119900101{n:04}" for n in range(6)]


def test_a_file_without_documents_after_one_with_them_says_how_many_may_be_repeaters(place: Place) -> None:
    assert put(place, "2025-05", "2025-05-10", file_of(place, "a", numbers_of(1), DOCUMENTS)) == []
    [found] = put(place, "2025-11", "2025-11-10", file_of(place, "b", [*numbers_of(1, 2), *numbers_of(901, 4)]))
    assert (found.code, found.severity, found.span.path.endswith("answers.csv")) == ("R240", "warning", True)
    assert dict(found.facts) == {"n": "6", "of": "6", "same": "2", "sittings": "2025-05", "id": "2025-11"}
    assert "身份证号" in problem_hint(found, "zh") and "document" in problem_hint(found, "en")
    assert "6 名考生中有 6 名" in problem_message(found, "zh") and "numbers that stand there too: 2" in problem_message(found, "en")


def test_the_column_that_it_names_helps(place: Place) -> None:
    put(place, "2025-05", "2025-05-10", file_of(place, "a", numbers_of(1), DOCUMENTS))
    assert put(place, "2025-11", "2025-11-10", file_of(place, "b", numbers_of(901)))
    ledger = place.workspace.open()
    assert repeaters_of(ledger, "2025-11") == {}
    ledger.close()
    assert put(place, "2025-11", "2025-11-10", file_of(place, "c", numbers_of(901), DOCUMENTS), replace=True) == []
    ledger = place.workspace.open()
    assert len(repeaters_of(ledger, "2025-11")) == 6
    ledger.close()


def test_documents_after_a_sitting_known_by_numbers_name_the_sitting_to_mend(place: Place) -> None:
    assert put(place, "2025-05", "2025-05-10", file_of(place, "a", numbers_of(1))) == []
    [found] = put(place, "2025-11", "2025-11-10", file_of(place, "b", numbers_of(901), DOCUMENTS))
    assert (found.code, dict(found.facts)["n"], dict(found.facts)["sittings"], dict(found.facts)["id"]) == ("R241", "6", "2025-05", "2025-05")


def test_only_persons_without_a_document_and_without_a_match_are_counted(place: Place) -> None:
    put(place, "2025-05", "2025-05-10", file_of(place, "a", numbers_of(1), DOCUMENTS))
    put(place, "2025-06", "2025-06-10", file_of(place, "b", numbers_of(501)))
    found = put(place, "2025-11", "2025-11-10", file_of(place, "c", [*numbers_of(501, 2), *numbers_of(901, 4)], ["", "", "", *DOCUMENTS[3:]]))
    # N0501 and N0502 are found in 2025-06 by their numbers, the last three in 2025-05 by their documents: one is left
    assert [(one.code, dict(one.facts)["n"], dict(one.facts)["sittings"]) for one in found] == [("R240", "1", "2025-05")]
