"""Ledgers to count: entries of many kinds, and what a second reader makes of their bytes."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any

from marketplace.database import utcnow
from marketplace.ledger import operations as ledger
from marketplace.ledger.entry import Draft, Kind
from marketplace.transactions import transact
from tests.factories import entry_facts, reversed_facts

DAY_ONE = date(2000, 1, 1)
NATURES = ("011", "0221", "021", "150", "170", "230", "310", "400", "900", "910", "920", "")
REGIONS = (
    "150102",
    "150203",
    "150781",
    "150702",
    "152501",
    "152502",
    "110000",
    "310000",
    "440000",
    "",
)
TYPES, FIELDS = (
    ("11", "12", "21", "31", "40", "51", "53", ""),
    ("01", "07", "0702", "0706", "11", ""),
)
INDUSTRIES, PLANS, IPS = (
    ("C26", "C", "A01", "M73"),
    ("13", "3", "5", "1"),
    ("11", "12", "2", "9", "1"),
)
MONTHS = (
    "2023-01-05",
    "2023-06-30",
    "2023-07-01",
    "2024-02-29",
    "2024-05-15",
    "2024-05-16",
    "2024-12-31",
)


def a_noon(day: str) -> datetime:
    """Noon of a day in China."""
    return datetime.fromisoformat(day).replace(hour=4, tzinfo=UTC)


def parties(random: Random, count: int) -> list[dict[str, Any]]:
    """So many parties, who share unevenly."""
    shares = [random.choice((3333, 1, 2500, 0)) for _ in range(count - 1)]
    rows = []
    for share in [10_000 - sum(shares), *shares]:
        region = random.choice(REGIONS)
        country = "156" if region else random.choice(("344", "840", ""))
        nature = random.choice(NATURES)
        rows.append({"nature": nature, "region": region, "country": country, "share": share})
    return rows


def random_facts(random: Random, serial: int) -> dict[str, Any]:
    """The registration of a contract as chance has it."""
    deal = random.choice((0, 1, 999, 10**7 + 3, 6 * 10**8, 2 * 10**9, 10**10, 12_345_678_901))
    technology = random.randrange(deal + 1)
    ips = random.sample(IPS, random.choice((1, 1, 1, 2, 3)))
    return entry_facts(
        serial,
        date=random.choice(MONTHS),
        number=f"2023{random.choice(('150103', '150201', '152501', '150701'))}{serial:06d}",
        deal=deal,
        technology=technology,
        type=random.choice(TYPES),
        field=random.choice(FIELDS),
        goal=random.choice(("01", "10", "")),
        industry=random.choice(INDUSTRIES),
        plan=random.choice(PLANS),
        ip=ips,
        point=random.choice(("150103", "150201", "152501", "150701")),
        trade=random.choice(("domestic", "domestic", "export", "import", "hmt")),
        related=random.random() < 0.2,
        zone=random.random() < 0.5,
        listed=random.random() < 0.1,
        sellers=parties(random, random.choice((1, 1, 1, 2, 3))),
        buyers=parties(random, random.choice((1, 1, 1, 2))),
        postings=[
            {"account": "buyer", "fen": -deal},
            {"account": "seller:technology", "fen": deal},
        ],
    )


def random_drafts(seed: int, count: int) -> list[Draft]:
    """Registrations, some of them changed, cancelled or paid later."""
    random, drafts = Random(seed), []
    for serial in range(1, count + 1):
        facts, subject = random_facts(random, serial), f"contract/{serial}"
        drafts.append(Draft(Kind.REGISTERED, subject, facts, 1, "RV-2001"))
        later = [day for day in MONTHS if day >= facts["date"]]
        fate = random.random()
        if fate < 0.15:
            back = reversed_facts(facts, len(drafts) - 1) | {"date": random.choice(later)}
            kind = random.choice((Kind.CANCELLED, Kind.REVOKED, Kind.REVERSED))
            drafts.append(Draft(kind, subject, back, 1, "RV-2001"))
            if kind == Kind.REVERSED:
                again = facts | {"date": back["date"], "type": "51", "deal": facts["deal"] + 7}
                drafts.append(Draft(Kind.REGISTERED, subject, again, 2, "RV-2001"))
        elif fate < 0.3:
            income = facts | {"date": random.choice(later), "count": 0, "deal": 0, "technology": 0}
            income |= {"income": facts["technology"], "voucher": "5e" * 32}
            drafts.append(Draft(Kind.INCOME_VERIFIED, subject, income, 1, "RV-2001"))
    return drafts


def a_random_ledger(seed: int, count: int = 60) -> list[Draft]:
    """A ledger of random contracts; the drafts it was made from."""
    drafts = random_drafts(seed, count)
    transact(lambda: ledger.append_many(drafts, now=utcnow()))
    return drafts


def a_registration(serial: int, day: str, **facts: Any) -> Draft:
    """The registration of contract ``serial`` on a day, with sums that balance."""
    deal = facts.get("deal", 1_000_000)
    money = [{"account": "buyer", "fen": -deal}, {"account": "seller:technology", "fen": deal}]
    said = entry_facts(serial, **({"date": day, "postings": money} | facts))
    return Draft(Kind.REGISTERED, f"contract/{serial}", said, 1, "RV-2001")


def enter(*drafts: Draft) -> None:
    """Enter them in one transaction."""
    transact(lambda: ledger.append_many(drafts, now=utcnow()))
