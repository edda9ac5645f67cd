"""Precision and recall of the reading on texts whose answers are written beside them.

A line of a set has ``id``, ``title``, ``text``, ``technical``, ``type`` and ``fields``. A value counts as
right when it equals the written one (several names of a side stand with 、 between them); a clause
(deliverables, rights, acceptance, equipment) when it was found where there is one. What is not written
and was not found is neither right nor wrong.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketplace.contracts.reading.reading import Reader, Reading

NONE = "非技术"
TYPES = ("开发", "转让", "许可", "咨询", "服务", NONE)
CLAUSES = ("deliverables", "rights", "acceptance", "equipment")
VALUES = (
    "seller",
    "buyer",
    "amount",
    "fixed_amount",
    "signed_on",
    "begins_on",
    "ends_on",
    "payment",
)
SIDES = ("seller", "buyer")
DISAGREE = "amounts_disagree"


@dataclass
class Score:
    """How often a value was right, given wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Of what was given, the share that is right; ``None`` where nothing was given."""
        given = self.right + self.wrong
        return self.right / given if given else None

    @property
    def recall(self) -> float | None:
        """Of what is written, the share that was given rightly; ``None`` where nothing is."""
        written = self.right + self.missed
        return self.right / written if written else None

    def count(self, said: Any, written: Any) -> None:
        """Count one value; ``None`` and ``False`` say that there is none."""
        if said and said == written:
            self.right += 1
            return
        self.wrong += bool(said)
        self.missed += bool(written)


@dataclass
class Evaluation:
    """Scores by field and by type, and which texts were given another type than written."""

    texts: int = 0
    technical_right: int = 0
    type_right: int = 0
    fields: dict[str, Score] = field(default_factory=dict)
    types: dict[str, Score] = field(default_factory=dict)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    mistaken: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def macro_f1(self) -> float:
        """The mean F1 over the five types and what is no technical contract."""
        return sum(_f1(self.types.get(name, Score())) for name in TYPES) / len(TYPES)


def _f1(score: Score) -> float:
    given = 2 * score.right + score.wrong + score.missed
    return 2 * score.right / given if given else 0.0


def evaluate(reader: Reader, rows: Iterable[Mapping[str, Any]]) -> Evaluation:
    """Read every text of a set and count."""
    evaluation = Evaluation()
    for row in rows:
        reading = reader.read(row["text"], row.get("title", ""))
        _count_type(evaluation, row, reading.judgement.name or NONE)
        _count_fields(evaluation, row.get("fields", {}), values_of(reading))
    return evaluation


def _count_type(evaluation: Evaluation, row: Mapping[str, Any], said: str) -> None:
    written = row["type"] or NONE
    evaluation.texts += 1
    evaluation.type_right += said == written
    evaluation.technical_right += (said != NONE) == row["technical"]
    for name in TYPES:
        score = evaluation.types.setdefault(name, Score())
        score.count(said if said == name else None, written if written == name else None)
    if said != written:
        evaluation.confusions[written, said] += 1
        evaluation.mistaken.append((str(row["id"]), written, said))


def _count_fields(
    evaluation: Evaluation, written: Mapping[str, Any], said: Mapping[str, Any]
) -> None:
    for name in (*VALUES, DISAGREE, *CLAUSES):
        if name in written:
            answer = _sorted(written[name]) if name in SIDES else written[name]
            evaluation.fields.setdefault(name, Score()).count(said[name], answer)


def values_of(reading: Reading) -> dict[str, Any]:
    """The values of a reading as the sets write them."""
    stated = reading.registered
    values: dict[str, Any] = {
        "seller": _names(reading, "seller"),
        "buyer": _names(reading, "buyer"),
        "amount": reading.total.value.fen if reading.total else None,
        "fixed_amount": reading.fixed_part.value.fen if reading.fixed_part else None,
        "payment": reading.payment.value.value if reading.payment else None,
        DISAGREE: stated is not None and stated.value.agrees is False,
    }
    for name in ("signed_on", "begins_on", "ends_on"):
        day = getattr(reading, name)
        values[name] = day.value.isoformat() if day else None
    return values | {name: bool(getattr(reading, name)) for name in CLAUSES}


def _names(reading: Reading, role: str) -> str | None:
    """All names of a side, in an order of their own."""
    return _sorted("、".join(_folded(party.name.value) for party in reading.parties_as(role)))


def _sorted(names: str | None) -> str | None:
    return "、".join(sorted(names.split("、"))) if names else None


def _folded(name: str) -> str:
    """Brackets of either width are the same bracket."""
    return name.replace("(", "（").replace(")", "）")


def report(evaluation: Evaluation, name: str) -> Iterator[str]:
    """The lines that a command prints of one half."""
    count = evaluation.texts
    yield f"{name}：{count} 篇 · texts"
    yield (
        f"  是否技术合同 · technical {evaluation.technical_right}/{count}"
        f"   类别 · type {evaluation.type_right}/{count}   macro-F1 {evaluation.macro_f1:.3f}"
    )
    for title, scores in (
        ("类别 · by type", evaluation.types),
        ("字段 · by field", evaluation.fields),
    ):
        yield f"  {title:16}  precision  recall  right wrong missed"
        for key, score in scores.items():
            shares = f"{_share(score.precision):>9}  {_share(score.recall):>6}"
            yield f"    {key:16}{shares}  {score.right:5} {score.wrong:5} {score.missed:6}"
    for key, written, said in evaluation.mistaken:
        yield f"  ✗ {key}: {written} → {said}"


def _share(share: float | None) -> str:
    return "—" if share is None else f"{share:.3f}"


def report_of_folder(reader: Reader, folder: Path) -> Iterator[str]:
    """The report of every set ``*.jsonl`` of a folder, one after the other."""
    for path in sorted(folder.glob("*.jsonl")):
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        yield from report(evaluate(reader, rows), path.stem)
