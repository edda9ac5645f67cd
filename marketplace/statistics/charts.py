"""A document's parts as charts: plain values that ``static/charts.js`` draws beside the tables."""

from collections.abc import Mapping
from typing import Any

from marketplace.statistics.counting import ALL
from marketplace.statistics.renderings import wan

#: So many bars can still be read.
MOST_BARS = 20


def charts_of(document: Mapping[str, Any]) -> list[dict[str, Any] | None]:
    """One chart a part; ``None`` where nothing is to be seen."""
    return [
        _matrix(document, part) if part["matrix"] else _bars(document, part)
        for part in document["parts"]
    ]


def _measure(document: Mapping[str, Any]) -> tuple[int, str]:
    keys = [measure["key"] for measure in document["measures"]]
    place = keys.index("deal" if "deal" in keys else "income")
    return place, document["measures"][place]["name"]


def _bars(document: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any] | None:
    place, name = _measure(document)
    rows = [row for row in part["rows"] if len(row["cell"]) == 1 and row["now"]]
    rows = sorted(rows, key=lambda row: -row["now"][place])[:MOST_BARS]
    if not any(row["now"][place] for row in rows):
        return None
    period = document["period"]
    series = [
        {"name": label, "values": [row[time] and float(wan(row[time][place])) for row in rows]}
        for time, label in (("now", period["label"]), ("before", "上年同期"))
    ]
    return {
        "kind": "bars",
        "measure": name,
        "names": [r["names"][-1] for r in rows],
        "series": series,
    }


def _matrix(document: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any] | None:
    place, name = _measure(document)
    inner = [row for row in part["rows"] if row["cell"] and ALL not in row["cell"] and row["now"]]
    if not inner:
        return None
    rows, columns = (list(dict.fromkeys(row["names"][i] for row in inner)) for i in (0, 1))
    values = [
        [columns.index(r["names"][1]), rows.index(r["names"][0]), float(wan(r["now"][place]))]
        for r in inner
    ]
    return {"kind": "matrix", "measure": name, "rows": rows, "columns": columns, "values": values}


def months_chart(label: str, months: Mapping[str, list[int]]) -> dict[str, Any] | None:
    """项数 and 成交额 by month, for the overview."""
    if not months:
        return None
    numbers = [f"{month[5:].lstrip('0')}月" for month in months]
    series = [{"name": label, "values": [float(wan(sums[1])) for sums in months.values()]}]
    return {"kind": "columns", "measure": "成交额", "names": numbers, "series": series}
