"""Invented contracts of 2022 to the present, as many and as large as the region's published figures say.

Counts and sums of 2022, 2023, the first half of 2023 and 2024-01-01 to 2024-05-15 are those that the
regional authority gave to the press; what comes later continues them and is invented altogether, as
are all parties and projects. The same seed invents the same contracts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any
from zlib import crc32

from stdnum.cn import uscc

from marketplace.listings.rights import check_digit
from marketplace.working_days import Calendar

YI, WAN = 10_000_000_000, 1_000_000


@dataclass(frozen=True)
class Window:
    """So many contracts registered between two days, with their sums in fen."""

    first: date
    last: date
    count: int
    deal: int
    technology: int

    def until(self, day: date) -> "Window":
        """What of it falls before ``day``, in proportion."""
        days, whole = (day - self.first).days, (self.last - self.first).days + 1
        if days >= whole:
            return self
        rest = [n * max(days, 0) // whole for n in (self.count, self.deal, self.technology)]
        return Window(self.first, day - timedelta(days=1), *rest)


def _window(first: str, last: str, contracts: int, deal: str, technology: str) -> Window:
    """Sums in hundredths of 亿元, as the press rounds them."""
    sums = (round(float(text) * 100) * YI // 100 for text in (deal, technology))
    return Window(date.fromisoformat(first), date.fromisoformat(last), contracts, *sums)


WINDOWS = (
    _window("2022-01-01", "2022-12-31", 1527, "52.49", "34.10"),
    _window("2023-01-01", "2023-06-30", 605, "18.66", "12.09"),
    _window("2023-07-01", "2023-12-31", 1614, "43.05", "27.90"),
    _window("2024-01-01", "2024-05-15", 444, "11.27", "7.33"),
    _window("2024-05-16", "2024-12-31", 1480, "58.80", "38.10"),
    _window("2025-01-01", "2025-12-31", 1900, "82.30", "53.20"),
    _window("2026-01-01", "2026-12-31", 1950, "95.60", "62.00"),
)
#: 77 % of the contracts of early 2023 were in 01, 07, 05 and 09.
FIELDS = {"01": 30, "0706": 12, "0702": 9, "05": 15, "09": 11, "06": 9, "03": 6, "04": 4, "11": 4}
GOALS = {"01": "10", "0706": "01", "0702": "01", "05": "10", "09": "09", "06": "02", "03": "10",
         "04": "03", "11": "05"}  # fmt: skip
INDUSTRIES = {"01": "I65", "0706": "C42", "0702": "N77", "05": "C30", "09": "A01", "06": "D44",
              "03": "C35", "04": "C27", "11": "E48"}  # fmt: skip
TYPES = {"11": 44, "12": 8, "21": 4, "23": 3, "31": 3, "40": 11, "51": 25, "52": 2}
TOPICS = {"01": "工业数据采集与分析平台", "0706": "工业固废资源化利用工艺", "0702": "高盐废水处理技术",
          "05": "稀土功能材料制备工艺", "09": "牧草与马铃薯良种繁育技术", "06": "风光储协同控制技术",
          "03": "矿用装备智能化改造", "04": "蒙药有效成分分析方法", "11": "寒区道路养护技术"}  # fmt: skip
ENDINGS = {"1": "研究开发", "2": "转让", "3": "实施许可", "4": "可行性咨询", "5": "技术服务"}
OUTSIDE = {
    "110000": 10,
    "310000": 5,
    "440000": 5,
    "120000": 3,
    "320000": 3,
    "610000": 2,
    "210000": 2,
}
PLANS = {"5": 78, "3": 12, "13": 4, "4": 6}
DEAREST_SHARE = 1.3


@dataclass(frozen=True)
class Applicant:
    """Who registers: a member of the market, in the place of a point."""

    id: int
    name: str
    uscc: str
    region: str
    is_institute: bool
    point: str


#: Of all contracts, up to which share something comes of them later.
FATES = ((0.03, "changed"), (0.037, "cancelled"), (0.04, "revoked"), (0.24, "paid"))
#: What is asked for, or objected to, before it comes.
ASKED_FOR = {"changed": "change_pending", "cancelled": "cancel_pending", "revoked": "reexam"}
ASKED_AFTER = timedelta(days=20)


@dataclass(frozen=True)
class Invention:
    """A contract, who registers it on which day, and what comes of it later: see ``FATES``."""

    day: date
    applicant: Applicant
    facts: Mapping[str, Any]
    fate: str
    fate_day: date


def distribute(total: int, weights: Sequence[float], grain: int) -> list[int]:
    """``total`` in proportion to ``weights``, each part whole grains, the rest with the largest."""
    whole = sum(weights)
    parts = [int(total * weight / whole) // grain * grain for weight in weights]
    parts[max(range(len(parts)), key=parts.__getitem__)] += total - sum(parts)
    return parts


def invent(
    applicants: Sequence[Applicant], calendar: Calendar, *, until: date, seed: int = 2022
) -> list[Invention]:
    """Every contract registered before ``until``, by day."""
    random, serial = Random(seed), count(1)
    buyers = [*_buyers(random)]
    found: list[Invention] = []
    for window in (w.until(until) for w in WINDOWS):
        if window.count > 0:
            found += _of_window(window, applicants, buyers, calendar, random, serial, until)
    return [*_signed_apart(sorted(found, key=lambda one: one.day))]


def _signed_apart(inventions: Sequence[Invention]) -> Iterator[Invention]:
    """No two contracts of the same parties were signed on one day: they would be one contract."""
    seen: set[tuple[int, str, date]] = set()
    for one in inventions:
        signed, buyer = one.facts["signed_on"], one.facts["buyers"][0]["name"]
        while (one.applicant.id, buyer, signed) in seen:
            signed -= timedelta(days=1)
        seen.add((one.applicant.id, buyer, signed))
        yield replace(one, facts={**one.facts, "signed_on": signed})


def _of_window(
    window: Window,
    applicants: Sequence[Applicant],
    buyers: Sequence[Mapping[str, Any]],
    calendar: Calendar,
    random: Random,
    serial: Iterator[int],
    until: date,
) -> Iterator[Invention]:
    weights = [random.lognormvariate(0, DEAREST_SHARE) + 0.02 for _ in range(window.count)]
    deals = distribute(window.deal, weights, WAN // 100)
    shares = [deal * random.uniform(0.2, 1) * (random.random() < 0.6) for deal in deals]
    deducted = _within(deals, distribute(window.deal - window.technology, shares, WAN // 100))
    days = [
        day
        for day in (
            window.first + timedelta(n) for n in range((window.last - window.first).days + 1)
        )
        if calendar.is_working(day)
    ]
    for deal, less in zip(deals, deducted, strict=True):
        day, applicant = random.choice(days), random.choice(applicants)
        facts = _facts(next(serial), day, applicant, buyers, deal, less, random)
        yield Invention(day, applicant, facts, *_fate(day, until, random))


def _within(deals: Sequence[int], deducted: Sequence[int]) -> list[int]:
    """The same deductions together, none above nine tenths of its deal: the rest goes to the largest."""
    most = [deal * 9 // 10 for deal in deals]
    kept = [min(pair) for pair in zip(deducted, most, strict=True)]
    excess = sum(deducted) - sum(kept)
    for place in sorted(range(len(deals)), key=lambda i: kept[i] - most[i]):
        more = min(excess, most[place] - kept[place])
        kept[place], excess = kept[place] + more, excess - more
    return kept


def _fate(day: date, until: date, random: Random) -> tuple[str, date]:
    """Three in a hundred are changed, one ends; a fifth has income that was verified.

    Whose day has not come by ``until`` is still being asked for, as far as it is asked for.
    """
    later = day + timedelta(days=random.randrange(40, 300))
    chosen = random.random()
    what = next((name for bound, name in FATES if chosen < bound), "")
    if later < until:
        return (what, later) if what else ("", day)
    asked = min(day + ASKED_AFTER, until - timedelta(days=1))
    return (ASKED_FOR[what], asked) if what in ASKED_FOR else ("", day)


def _buyers(random: Random) -> Iterator[dict[str, Any]]:
    """Three hundred invented buyers, a third of them outside the region, a few abroad."""
    inside = [f"1501{n:02d}" for n in (2, 3, 4, 5)] + [f"1502{n:02d}" for n in (2, 3, 4, 7)]
    inside += ["150602", "150622", "150627", "150402", "150403", "150502", "150702", "150781"]
    inside += ["150302", "150802", "150902", "152201", "152501", "152502", "152921"]
    for number in range(1, 301):
        outside = random.random() < 0.3
        region = _pick(OUTSIDE, random) if outside else random.choice(inside)
        yield _party(f"演示采购单位{number:03d}号有限公司", region, "170" if number % 3 else "150")
    for number, country in enumerate(("496", "643", "344"), start=301):
        yield _party(f"演示境外单位{number}", "", "910", country=country)


def _party(name: str, region: str, nature: str, **facts: Any) -> dict[str, Any]:
    is_enterprise = nature[0] in "1234"
    body = f"91159999MB{crc32(name.encode()) % 10**7:07d}"
    return {
        "name": name,
        "seal_name": name,
        "uscc": "" if nature == "910" else body + uscc.calc_check_digit(body),
        "nature": nature,
        "country": "156",
        "region": region,
        "industry": "C26",
        "scale": "small" if is_enterprise else "",
        "representative": f"代表{name[4:10]}",
        "contact": f"联系人{name[4:10]}",
        "share": 10_000,
    } | facts


def _pick(weights: Mapping[str, int], random: Random) -> str:
    return random.choices([*weights], [*weights.values()])[0]


def _facts(
    serial: int,
    day: date,
    applicant: Applicant,
    buyers: Sequence[Mapping[str, Any]],
    deal: int,
    less: int,
    random: Random,
) -> dict[str, Any]:
    kind, field, buyer = _pick(TYPES, random), _pick(FIELDS, random), dict(random.choice(buyers))
    name = f"{TOPICS[field]}{ENDINGS[kind[0]]}（演示{serial:05d}）"
    signed = day - timedelta(days=random.randrange(5, 60))
    related = buyer["nature"] != "910" and random.random() < 0.03
    return {
        "project_name": name,
        "type": kind,
        "content": f"{name}：方案、技术资料和验收报告各一份。本合同为演示而虚构。",
        "signed_on": signed,
        "begins_on": signed,
        "ends_on": day + timedelta(days=random.randrange(200, 900)),
        "deal_amount": deal,
        "technology_amount": deal - less,
        "payment": random.choice("122"),
        "related": related,
        "relation": "同一集团（虚构）" if related else "",
        "plan": _pick(PLANS, random),
        "field": field,
        "goal": GOALS[field],
        "industry": INDUSTRIES[field],
        **_trade(buyer),
        "sellers": _sellers(applicant, kind, random),
        "buyers": [buyer | _marks(buyer, random)],
        "rights": _rights(kind, serial, random),
        "brokers": [],
        "deductions": [
            {"kind": "equipment", "name": "配套设备（虚构）", "amount": less, "evidence": "第五条"}
        ]
        if less
        else [],
        **({"licence": "ordinary", "licence_until": day + timedelta(days=2000)} if kind == "31" else {}),
    }  # fmt: skip


def _trade(buyer: Mapping[str, Any]) -> dict[str, str]:
    country = buyer["country"]
    if country == "156":
        return {"trade": "domestic"}
    return {"trade": "hmt" if country == "344" else "export", "country": country}


def _marks(buyer: Mapping[str, Any], random: Random) -> dict[str, bool]:
    is_enterprise = buyer["nature"][0] in "1234"
    return {
        "in_zone": is_enterprise and random.random() < 0.25,
        "listed": is_enterprise and random.random() < 0.05,
    }


def _sellers(applicant: Applicant, kind: str, random: Random) -> list[dict[str, Any]]:
    """The applicant; of joint development at times with a partner from outside, who has its share."""
    nature = random.choice(("0211", "0221")) if applicant.is_institute else "150"
    share = random.choice((5000, 6000, 7000)) if kind == "12" and random.random() < 0.7 else 10_000
    own = _party(applicant.name, applicant.region, nature, uscc=applicant.uscc, share=share)
    if share == 10_000:
        return [own]
    place = _pick(OUTSIDE, random)
    return [own, _party(f"演示协作院所{place}", place, "0211", share=10_000 - share)]


def _rights(kind: str, serial: int, random: Random) -> list[dict[str, Any]]:
    body = f"20191{serial:07d}"
    patent = {"kind": "11", "number": f"ZL{body}.{check_digit(body)}"}
    secret, software, nothing = {"kind": "2"}, {"kind": "3"}, {"kind": "9"}
    if kind in ("21", "31"):
        return [patent, secret] if random.random() < 0.2 else [patent]
    if kind == "23":
        return [secret]
    return random.choice(([nothing], [nothing], [secret], [software], [patent, secret]))
