"""What the ledger costs: appends beside bare inserts, and proofs at a million entries.

    python benchmarks/ledger.py [--appends 400] [--entries 1000000] [--database URL]

The bare inserts put the same bytes into a plain table, one a transaction, through the same engine
and with the same durability, in turns with the appends, so that both meet the same disk. The
entries up to the million have the bytes, hashes, nodes and figures that ``append_many`` gives them,
put without its checks of facts and of repetitions, which would take most of an hour.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, func, insert, select

from config import Settings
from marketplace import create_app
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.ledger import operations, queries
from marketplace.ledger.entry import Draft, Kind, Place
from marketplace.ledger.operations import append, append_many, sign_head
from marketplace.ledger.verification import verify
from marketplace.ledger.verify_proof import check, read_head, written
from marketplace.transactions import transact

ROUNDS = 8
BATCH = 5_000
PROOFS = 200
BARE = Table(
    "bare_insert",
    MetaData(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary),
)
PARTY = {"nature": "150", "region": "150102", "country": "156", "share": 10_000}
CODES = {"type": "11", "field": "0702", "goal": "06", "industry": "C26", "plan": "13"}
FACTS = {
    "date": "2026-01-05",
    "count": 1,
    "deal": 1_000_000,
    "technology": 800_000,
    "income": 0,
    "ip": ["11"],
    "payment": "1",
    "point": "150103",
    "trade": "domestic",
    "related": False,
    "zone": True,
    "listed": False,
    "sellers": [PARTY],
    "buyers": [PARTY],
    "parties": {"sellers": ["5e" * 32], "buyers": ["b0" * 32]},
    "project": "c0" * 32,
    "reverses": None,
    "demonstration": True,
    "postings": [
        {"account": "buyer", "fen": -1_000_000},
        {"account": "seller:technology", "fen": 800_000},
        {"account": "seller:other", "fen": 150_000},
        {"account": "broker:commission", "fen": 50_000},
    ],
    **CODES,
}


def draft(serial: int) -> Draft:
    """The registration of contract ``serial``."""
    facts = FACTS | {"number": f"{2026150103000000 + serial:016d}"}
    return Draft(Kind.REGISTERED, f"contract/{serial}", facts, 1, "2026")


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def append_one(serial: int) -> None:
    """One append in a transaction of its own."""
    one = draft(serial)
    values = {"version": one.version, "rules": one.rules, "now": utcnow()}
    transact(lambda: append(one.kind, one.subject, one.facts, **values))


def insert_one(serial: int, content: bytes) -> None:
    """One bare insert in a transaction of its own."""
    row = {"position": serial, "content": content}
    transact(lambda: db.session.execute(insert(BARE), [row]))


def compare_appends(count: int) -> None:
    """Appends and bare inserts in turns; medians over the rounds."""
    append_one(0)
    content = queries.load(0).content
    each, rates = count // ROUNDS, []
    for turn in range(ROUNDS):
        serials = range(1 + turn * each, 1 + (turn + 1) * each)
        bare = seconds(lambda s=serials: [insert_one(n, content) for n in s])
        own = seconds(lambda s=serials: [append_one(n) for n in s])
        rates.append((each / own, each / bare))
    appends, inserts = (statistics.median(column) for column in zip(*rates, strict=True))
    ratio = statistics.median(own / bare for own, bare in rates)
    print(f"an entry                       {len(content):>10,} bytes")
    print(f"bare inserts                   {inserts:>10,.0f} /s")
    print(f"appends                        {appends:>10,.0f} /s   {ratio:.2f} of bare inserts")


def grow(entries: int) -> None:
    """Put honest entries in batches until the ledger has so many."""
    for start in range(queries.size(), entries, BATCH):
        transact(lambda s=start: put(range(s, min(s + BATCH, entries))))


def put(serials: range) -> None:
    """The rows that ``append_many`` would write for these contracts."""
    first = place = operations._lock_and_find_tail().place
    now, rows = utcnow(), []
    for serial in serials:
        rows.append(operations._row_of(draft(serial), place, now))
        place = Place(place.ledger, place.position + 1, rows[-1]["leaf_hash"])
    operations._write(rows, first)


def append_batch(count: int) -> None:
    """As many entries in one transaction, checks included."""
    first = queries.size()
    drafts = [draft(first + number) for number in range(count)]
    transact(lambda: append_many(drafts, now=utcnow()) and None)
    db.session.expunge_all()


def milliseconds(work: Callable[[int], object], positions: list[int]) -> str:
    """Median and 95th percentile of ``work`` over positions."""
    times = sorted(seconds(lambda p=p: work(p)) * 1000 for p in positions)
    return f"{statistics.median(times):>10.2f} ms  (95 %: {times[int(len(times) * 0.95)]:.2f})"


def measure_proofs(entries: int) -> None:
    """Heads, receipts, consistency proofs, their checks, and the check of everything."""
    first = read_head(transact(lambda: sign_head(now=utcnow()).note))
    positions = [entries * step // PROOFS for step in range(PROOFS)]
    batch = seconds(lambda: append_batch(BATCH))
    print(f"append_many, {BATCH:,} at once   {BATCH / batch:>10,.0f} /s")
    print(f"filling up to {entries:,}     {seconds(lambda: grow(entries)):>10,.0f} s")
    print(f"signing a head                 {seconds(lambda: transact(sign)) * 1000:>10.2f} ms")
    receipts = {p: written(queries.receipt(p)) for p in positions}
    assert all(check(receipt)[1] for receipt in receipts.values())
    newest = queries.latest_head()
    assert newest is not None
    proof = written(queries.consistency(first, newest))
    assert check(proof)[1]
    largest = max(len(receipt) for receipt in receipts.values())
    print(f"a root                         {milliseconds(queries.root_at, positions)}")
    print(f"a receipt                      {milliseconds(queries.receipt, positions)}")
    print(f"its check, signature included  {milliseconds(lambda p: check(receipts[p]), positions)}")
    print(f"its size                       {largest:>10,} bytes")
    print(f"a consistency proof            {milliseconds(lambda _p: prove(first), positions)}")
    print(f"its check                      {milliseconds(lambda _p: check(proof), positions)}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = seconds(lambda: print("faults", [*verify()]))
    grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"verify                         {entries / took:>10,.0f} entries/s, {took:.0f} s")
    print(f"memory that verify added       {grew:>10.0f} MB")


def sign() -> None:
    """Sign the head of the ledger."""
    sign_head(now=utcnow())


def prove(old: object) -> object:
    """The proof that the latest head extends ``old``."""
    return queries.consistency(old, queries.latest_head())  # type: ignore[arg-type]


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--appends", type=int, default=400)
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--database", default="", help="SQLite in a temporary folder if not given")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'market.db'}"
        app = create_app(Settings(home=Path(folder), database_url=url, secret_key="benchmark"))
        with app.test_request_context():
            db.create_all()
            BARE.create(db.engine)
            # A market that serves keeps a connection; SQLite would else tidy up at each close.
            with db.engine.connect() as kept:
                kept.execute(select(func.count()).select_from(BARE)).all()
                kept.rollback()
                compare_appends(given.appends)
                if given.entries:
                    measure_proofs(given.entries)
            db.session.remove()
            BARE.drop(db.engine)
            db.drop_all()
            db.engine.dispose()


if __name__ == "__main__":
    main()
