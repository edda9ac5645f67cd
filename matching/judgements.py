"""Judged sets: queries, documents and grades, read from JSONL files that others wrote.

What can only be meant one way is taken so: a number as an id or a grade in quotes, a missing title
or text, a byte order mark, blank lines, further fields. What cannot is refused, naming file and
line. A lone surrogate, which no text can hold, becomes U+FFFD. Of two documents or queries with
one id the first counts, of two grades of a pair the last; both, and grades of what neither file
has, are noted.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from matching.document import Document

Part = Literal["tune", "report", "all"]
Grades = Mapping[str, float]


class UnreadableJudgements(ValueError):
    """Raised for a file of a judged set that cannot be read as one; names file, line and remedy."""


@dataclass(frozen=True)
class Judged:
    """Queries, documents, grades by query and document, and what was odd about the files."""

    queries: tuple[Document, ...]
    documents: tuple[Document, ...]
    grades: Mapping[str, Grades]
    notes: tuple[str, ...] = ()

    def part(self, part: Part) -> Judged:
        """Return the judged set with the queries of one part."""
        queries = tuple(query for query in self.queries if part in {"all", part_of(query.key)})
        return replace(self, queries=queries)


def part_of(query_id: str) -> Part:
    """Return the part of a query by a hash of its id: half tune, half report, always the same."""
    return "tune" if sha256(query_id.encode("utf-8", "replace")).digest()[0] < 128 else "report"


def read_judged(queries: Path, documents: Path, qrels: Path) -> Judged:
    """Read three JSONL files: id/title/text twice, and query_id/document_id/grade.

    UnreadableJudgements names the line that cannot be read, or a file without documents or queries.
    """
    asked, offered, grades = _documents(queries), _documents(documents), _grades(qrels)
    for path, found in ((queries, asked), (documents, offered)):
        if not found:
            raise UnreadableJudgements(f'{path}: no line with an "id"')
    keys = [Counter(one.key for one in found) for found in (asked, offered)]
    notes = (
        (f"{queries}: ids that repeat, the first counts", keys[0].total() - len(keys[0])),
        (f"{documents}: ids that repeat, the first counts", keys[1].total() - len(keys[1])),
        (f"{qrels}: queries that {queries} lacks", len(grades.keys() - keys[0].keys())),
        (f"{qrels}: grades of documents that {documents} lacks", _lost(grades, keys[1])),
        (
            f"{queries}: without a grade, taken to have no answer",
            len(keys[0].keys() - grades.keys()),
        ),
    )
    noted = tuple(f"{note}: {count}" for note, count in notes if count)
    return Judged(_first(asked), _first(offered), grades, noted)


def _first(documents: list[Document]) -> tuple[Document, ...]:
    return tuple({one.key: one for one in reversed(documents)}.values())[::-1]


def _lost(grades: Mapping[str, Grades], keys: Mapping[str, int]) -> int:
    return sum(key not in keys for graded in grades.values() for key in graded)


def _lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (where it stands, what it says) for each line that is not blank."""
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            said = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError) as failure:  # ValueError: no UTF-8, no JSON, no end
            raise UnreadableJudgements(f"{where}: no JSON in UTF-8: {failure}") from failure
        if not isinstance(said, dict):
            raise UnreadableJudgements(f"{where}: an object {{…}} is wanted on each line")
        yield where, said


def _documents(path: Path) -> list[Document]:
    return [
        Document(
            _id(said, "id", where),
            _text(said, "title", where),
            _text(said, "text", where),
            _facets(said.get("facets"), where),
        )
        for where, said in _lines(path)
    ]


def _grades(path: Path) -> dict[str, dict[str, float]]:
    grades: dict[str, dict[str, float]] = {}
    for where, said in _lines(path):
        query, document = _id(said, "query_id", where), _id(said, "document_id", where)
        grades.setdefault(query, {})[document] = _grade(said.get("grade"), where)
    return grades


def _id(said: Mapping[str, Any], field: str, where: str) -> str:
    """Return a field that names something; ``7``, ``7.0`` and ``"7"`` are one name."""
    value = said.get(field)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise UnreadableJudgements(f'{where}: "{field}" must be text or a whole number, not empty')
    return _whole(str(value))


def _text(said: Mapping[str, Any], field: str, where: str) -> str:
    value = said.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnreadableJudgements(f'{where}: "{field}" must be text')
    return _whole(str(value))


def _facets(given: Any, where: str) -> dict[str, tuple[str, ...]]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise UnreadableJudgements(f'{where}: "facets" must be an object of lists')
    lists = {
        facet: [values] if isinstance(values, str) else values for facet, values in given.items()
    }
    if not all(isinstance(v, list) and all(isinstance(x, str) for x in v) for v in lists.values()):
        raise UnreadableJudgements(f'{where}: "facets" must be an object of lists of text')
    return {_whole(facet): tuple(map(_whole, values)) for facet, values in lists.items()}


def _grade(value: Any, where: str) -> float:
    """Return a grade, 0 at least; one in quotes counts as the number."""
    try:
        grade = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        grade = math.nan
    if not 0 <= abs(grade) <= 100:
        raise UnreadableJudgements(f'{where}: "grade" must be a number, 0 to 3 as a rule')
    return max(0.0, grade)


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
