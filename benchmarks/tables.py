"""All tables over a large ledger, beside the bare GROUP BY statements of the same run.

``python benchmarks/tables.py [ENTRIES]`` fills a ledger of its own (SQLite in a temporary folder,
or an empty database by BENCHMARK_DATABASE_URL) with the projection alone, then prints for each table
the seconds of its document, of the bare statements, and their ratio. A document holds two periods,
so two statements stand against it for every part. Five in a hundred entries have two sellers, ten
have two kinds of rights.
"""

import os
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from sqlalchemy import func, insert, select

from config import Settings
from marketplace import create_app
from marketplace.extensions import db
from marketplace.ledger.models import LedgerEntry, LedgerFigure, LedgerFigurePart
from marketplace.statistics import queries
from marketplace.statistics.counting import Sorter
from marketplace.statistics.definitions import Basis, current_definitions
from marketplace.statistics.documents import count_cells
from marketplace.statistics.periods import Span, period_of
from marketplace.statistics.selection import AsOf, Selection

BATCH = 20_000
NOON = datetime(2025, 1, 1, 4, tzinfo=UTC)
REGIONS = ("150102", "150203", "150602", "150781", "152502", "110000", "310000", "440000")


def fill(entries: int) -> None:
    """So many entries of two years; their bytes are empty, for statistics read the projection alone."""
    random = Random(1)
    for start in range(0, entries, BATCH):
        positions = range(start, min(start + BATCH, entries))
        rows = [figure(random, position) for position in positions]
        parts = [part for position in positions for part in parts_of(random, position)]
        stubs = [stub(position) for position in positions]
        for table, values in (
            (LedgerEntry, stubs),
            (LedgerFigure, rows),
            (LedgerFigurePart, parts),
        ):
            db.session.execute(insert(table.__table__), values)
        db.session.commit()


def stub(position: int) -> dict:
    hash_ = position.to_bytes(32, "big")
    return {"position": position, "content": b"{}", "leaf_hash": hash_, "previous": hash_,
            "subject": f"contract/{position}", "kind": "registered", "version": 1,
            "at": NOON}  # fmt: skip


def figure(random: Random, position: int) -> dict:
    day = date(2023, 1, 1) + timedelta(days=random.randrange(731))
    deal = random.randrange(10**6, 10**10)
    return {
        "position": position, "number": f"{position:016d}", "date": day, "month": f"{day:%Y-%m}",
        "count": 1, "deal": deal, "technology": deal // 2, "income": 0, "commission": 0,
        "type": random.choice(("11", "12", "21", "31", "40", "51")),
        "field": random.choice(("01", "05", "0702", "0706", "09")), "goal": random.choice(("01", "10")),
        "industry": random.choice(("C26", "A01", "D44", "I65", "M73")), "ip": random.choice(("11", "2", "9")),
        "plan": random.choice(("13", "3", "5")), "payment": "1",
        "point": random.choice(("150103", "150201", "152501")), "trade": random.choice(("domestic", "export")),
        "related": position % 30 == 0, "zone": position % 4 == 0, "listed": position % 20 == 0,
        "demonstration": False, "seller_nature": random.choice(("0221", "150", "170")),
        "seller_region": random.choice(REGIONS), "seller_country": "156",
        "buyer_nature": random.choice(("150", "170", "012")), "buyer_region": random.choice(REGIONS),
        "buyer_country": "156",
    }  # fmt: skip


def parts_of(random: Random, position: int) -> list[dict]:
    common = {"position": position, "country": "156"}
    found = []
    if position % 20 == 0:
        found += [
            common
            | {
                "role": "seller",
                "number": n,
                "code": "150",
                "region": random.choice(REGIONS),
                "share": share,
            }
            for n, share in enumerate((6000, 4000))
        ]
    if position % 10 == 0:
        found += [
            common | {"role": "ip", "number": n, "code": code, "region": "", "share": 0}
            for n, code in enumerate(("11", "2"))
        ]
    return found


def bare(selection: Selection, sorter: Sorter) -> float:
    """Seconds of the statements that anybody would write: group, sum, nothing divided."""
    columns = [queries._column(name) for name in sorter.columns]
    sums = [func.sum(queries._measure(name)) for name in selection.table.measures]
    began = perf_counter()
    for period in (selection.seen, selection.before):
        days = LedgerFigure.date.between(period.first, period.last)
        db.session.execute(select(*columns, *sums).where(days).group_by(*columns)).all()
    return perf_counter() - began


def counted(selection: Selection, sorter: Sorter) -> float:
    began = perf_counter()
    for period in (selection.seen, selection.before):
        count_cells(selection, sorter, period)
    return perf_counter() - began


def measure(entries: int) -> None:
    as_of = AsOf(entries, date(2024, 12, 31))
    total = [0.0, 0.0]
    print(f"{entries:,} entries, {db.engine.dialect.name}; seconds: table, bare, ratio")
    for table in current_definitions().tables.values():
        selection = Selection(
            table, period_of(Span.YEAR, 2024), table.basis or Basis.REGISTERED, "150000", as_of
        )
        seconds = [0.0, 0.0]
        for part in table.parts:
            sorter = Sorter(part, queries.names_for(selection))
            bare(selection, sorter)  # both find the pages in memory
            seconds[0] += counted(selection, sorter)
            seconds[1] += bare(selection, sorter)
        total = [a + b for a, b in zip(total, seconds, strict=True)]
        print(f"{table.id:4} {seconds[0]:7.2f} {seconds[1]:7.2f} {seconds[0] / seconds[1]:6.2f}")
    print(f"all  {total[0]:7.2f} {total[1]:7.2f} {total[0] / total[1]:6.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("BENCHMARK_DATABASE_URL", f"sqlite:///{folder}/market.db")
        app = create_app(Settings(home=Path(folder), database_url=url, secret_key="x"))
        with app.test_request_context():
            db.create_all()
            entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
            fill(entries)
            measure(entries)
            db.session.remove()
            db.engine.dispose()
