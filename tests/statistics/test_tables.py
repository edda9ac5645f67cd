"""Every table against a second count: plain Python over the bytes of the entries, nothing shared."""

import json
from collections import defaultdict
from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.extensions import db
from marketplace.ledger.models import LedgerEntry
from marketplace.rules import current_rules
from marketplace.statistics.asking import as_of, period_called, select_table
from marketplace.statistics.definitions import Basis, current_definitions
from marketplace.statistics.documents import document
from tests.statistics.factories import a_random_ledger, a_registration, enter

TODAY = date(2026, 11, 25)
GROUPS = {"01": "1", "02": "2", "03": "3", "1": "4", "2": "4", "3": "4", "4": "4"}
MEMBERS = {"020": "24", "021": "21", "022": "22", "023": "23", "024": "24"}


def naive(table: str, part: int, first: str, last: str, size: int, basis: str, region: str):
    """Cell → sums, straight from the definition."""
    cells: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for content in db.session.scalars(select(LedgerEntry.content)):
        said = json.loads(content)
        facts = said["facts"]
        if said["position"] < size and first <= facts["date"] <= last:
            for seller, buyer, sums in readings(facts, table, basis):
                if in_scope(basis, region, facts, seller, buyer):
                    for cell in cells_of(table, part, facts, seller, buyer):
                        cells[cell] = [a + b for a, b in zip(cells[cell], sums, strict=True)]
    return cells


def readings(facts, table, basis):
    """The parties that matter to a table divide an entry; the others are the first of their side."""
    both = table in ("T11", "T17")
    sellers = (
        facts["sellers"]
        if both or table in ("T6", "T9") or basis == "output"
        else facts["sellers"][:1]
    )
    buyers = (
        facts["buyers"]
        if both or table in ("T7", "T10") or basis == "absorbed"
        else facts["buyers"][:1]
    )
    pairs = [(s, b, weight(s, sellers) * weight(b, buyers)) for s in sellers for b in buyers]
    money = {name: facts[name] for name in ("deal", "technology", "income")}
    whole = sum(w for _s, _b, w in pairs)
    shares = [
        {name: toward_zero(amount * w, whole) for name, amount in money.items()}
        for _s, _b, w in pairs
    ]
    for name in money:
        shares[0][name] += money[name] - sum(share[name] for share in shares)
    for number, ((seller, buyer, _w), share) in enumerate(zip(pairs, shares, strict=True)):
        lines = int(number == 0 and facts["count"] == 0 and facts["income"] != 0)
        count = facts["count"] if number == 0 else 0
        yield seller, buyer, [count, share["deal"], share["technology"], share["income"], lines]


def weight(one, side):
    return one["share"] if len(side) > 1 else 1


def toward_zero(amount, whole):
    return int(abs(amount) // whole) * (1 if amount >= 0 else -1) if whole else 0


def in_scope(basis, region, facts, seller, buyer):
    if basis == "registered":
        return region == "150000" or facts["point"][:4] == region[:4]
    place = (seller if basis == "output" else buyer)["region"]
    return place[:2] == "15" if region == "150000" else unit(place) == region


def unit(region):
    if region in ("150781", "152501"):
        return region
    return region[:4] + "00" if region[:2] == "15" else ""


def province(party):
    if party["region"]:
        return party["region"][:2] + "0000"
    special = {"344": "810000", "446": "820000", "158": "710000", "": ""}
    return special.get(party["country"], "000000")


def place_of(party):
    return unit(party["region"]) or ("990000" if party["region"] or party["country"] else "")


def chain(*path):
    return [path[:n] for n in range(len(path) + 1)]


def nature(code):
    if not code:
        return chain("")
    if code == "900":
        return chain("5")
    if code == "910":
        return chain("4", "45")
    if code == "920":
        return chain("6")
    if code[:2] in ("01", "03"):
        return chain(GROUPS[code[:2]])
    if code[:2] == "02":
        return chain("2", MEMBERS[code[:3]])
    return chain("4", "4" + code[0])


def listed(kind, code, width, rules):
    top = code[:width]
    below = [c for c in rules.codes_of(kind) if c.startswith(top) and c != top]
    if len(code) > width:
        return chain(top, code)
    return chain(top, top + "-") if below and code else chain(top)


def cross(row, column):
    return [(), (row, "*"), ("*", column), (row, column)]


def of_type(code, rules):
    if not code:
        return chain("")
    group = rules.types[code].group if code in rules.types else code[0] + "0"
    return chain(group) if group == code else chain(group, code)


def flow(seller, buyer):
    ends, partners = (province(seller), province(buyer)), ("110000", "310000", "440000")
    if ends[0] == "150000" and ends[1] in partners:
        return chain(ends[1], ends[1] + ">1")
    if ends[1] == "150000" and ends[0] in partners:
        return chain(ends[0], ends[0] + ">2")
    return []


def of_band(deal):
    return "1" if deal >= 10**10 else "2" if deal >= 10**9 else "3" if deal >= 5 * 10**8 else "4"


def cells_of(table, part, facts, seller, buyer):
    rules = current_rules()[0]  # every period of these tests ends before 2026
    flags, key = ("zone", "listed", "related"), (place_of, province)[part % 2]
    makers = {
        "T1": lambda: of_type(facts["type"], rules),
        "T2": lambda: listed("field", facts["field"], 2, rules),
        "T3": lambda: chain(facts["goal"]),
        "T4": lambda: {cell for code in facts["ip"] for cell in listed("ip", code, 1, rules)},
        "T5": lambda: listed("plan", facts["plan"], 1, rules),
        "T6": lambda: nature(seller["nature"]),
        "T7": lambda: nature(buyer["nature"]),
        "T8": lambda: listed("industry", facts["industry"], 1, rules),
        "T9": lambda: chain(place_of(seller)),
        "T10": lambda: chain(place_of(buyer)),
        "T11": lambda: cross(key(seller), key(buyer)),
        "T12": lambda: chain(facts["trade"]),
        "T13": lambda: chain(of_band(abs(facts["deal"]))),
        "T14": lambda: chain(facts["point"]),
        "T15": lambda: chain(str(int(facts[flags[part]]))),
        "T16": lambda: of_type(facts["type"], rules),
        "T17": lambda: flow(seller, buyer),
    }
    return makers[table]()


MEASURES = {"count": 0, "deal": 1, "technology": 2, "income": 3, "lines": 4}
PERIODS = ("2023", "2024", "2023-H1", "2023-Q3", "2024-02", "2024-to-0515")
REGIONS = ("150000", "150100", "150700", "150781")


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(0, 10**6),
    st.sampled_from(PERIODS),
    st.sampled_from(REGIONS),
    st.sampled_from(Basis),
)
def test_every_table_is_what_the_bytes_of_the_entries_say(
    app: Flask, seed: int, key: str, region: str, basis: Basis
) -> None:
    db.session.remove()  # a transaction that only read would keep the tables
    db.drop_all()
    db.create_all()
    drafts = a_random_ledger(seed, 40)
    size = len(drafts) - seed % 7
    for table in current_definitions().tables.values():
        scope = table.basis or basis
        moment = as_of(f"{size}@2024-12-31", today=TODAY)
        selection = select_table(table.id, period_called(key), moment, basis=scope, region=region)
        made = document(selection)
        for number, part in enumerate(made["parts"]):
            for time, period in (("now", selection.seen), ("before", selection.before)):
                days = (period.first.isoformat(), period.last.isoformat())
                expected = naive(table.id, number, *days, size, scope, region)
                wanted = [MEASURES[m] for m in table.measures if m in MEASURES]
                found = {tuple(row["cell"]): row[time] for row in part["rows"]}
                for cell, sums in expected.items():
                    counted = dict(zip(table.measures, found[cell], strict=True))
                    assert [counted[m] for m in table.measures if m in MEASURES] == [
                        sums[i] for i in wanted
                    ], (table.id, number, cell, time)
                rest = {c: v for c, v in found.items() if c not in expected}
                assert not any(any(v) for v in rest.values()), (table.id, rest)


def a_table(key: str, period: str = "2024", moment: str = "", **scope: str) -> dict:
    return document(select_table(key, period_called(period), as_of(moment, today=TODAY), **scope))


def figures(made: dict, part: int = 0) -> dict[tuple, list[int]]:
    return {tuple(row["cell"]): row["now"] for row in made["parts"][part]["rows"]}


def a_party(region: str, share: int = 10_000, **facts: str) -> dict:
    return {"nature": "150", "region": region, "country": "156", "share": share} | facts


def test_members_sum_to_their_totals_in_every_table_that_does_not_say_otherwise(app: Flask) -> None:
    a_random_ledger(7)
    for key in current_definitions().tables:
        for part in a_table(key)["parts"]:
            if part["matrix"] or key == "T4":
                continue
            rows = {tuple(r["cell"]): r["now"] for r in part["rows"]}
            for cell, sums in rows.items():
                members = [v for c, v in rows.items() if c[:-1] == cell and c != cell]
                assert not members or [sum(n) for n in zip(*members, strict=True)] == sums, (
                    key,
                    cell,
                )


def test_a_contract_of_two_sellers_is_shared_to_the_fen(app: Flask) -> None:
    sellers = [a_party("150203", 3_333), a_party("150702", 6_667)]
    enter(a_registration(1, "2024-03-01", deal=100, technology=0, sellers=sellers))
    found = figures(a_table("T9"))
    assert found["150200",] == [1, 34, 0] and found["150700",] == [0, 66, 0]
    assert found[()] == [1, 100, 0]


def test_manzhouli_reports_beside_hulunbuir(app: Flask) -> None:
    enter(
        a_registration(1, "2024-03-01", sellers=[a_party("150781")]),
        a_registration(2, "2024-03-01", sellers=[a_party("150702")]),
    )
    found = figures(a_table("T9"))
    assert found["150781",][0] == found["150700",][0] == 1
    assert figures(a_table("T1", basis="output", region="150700"))[()][0] == 1


def test_what_stays_in_the_league_stands_on_the_diagonal(app: Flask) -> None:
    here, there = [a_party("150203")], [a_party("110000")]
    enter(
        a_registration(1, "2024-03-01", sellers=here, buyers=here),
        a_registration(2, "2024-03-01", sellers=here, buyers=there),
        a_registration(3, "2024-03-01", sellers=there, buyers=here),
    )
    leagues, provinces = (figures(a_table("T11"), part) for part in (0, 1))
    assert leagues["150200", "150200"][0] == 1 and leagues["150200", "*"][0] == 2
    assert provinces["150000", "150000"][0] == provinces["150000", "110000"][0] == 1
    flows = figures(a_table("T17"))
    assert flows["110000", "110000>1"][0] == flows["110000", "110000>2"][0] == 1


def test_a_contract_counts_under_each_kind_of_its_rights_and_once_in_the_total(app: Flask) -> None:
    enter(a_registration(1, "2024-03-01", ip=["11", "12", "3"]))
    made = a_table("T4")
    found = figures(made)
    assert found[()][0] == found["1",][0] == found["3",][0] == found["1", "12"][0] == 1
    assert any("大于合计" in note for note in made["notes"])


def test_a_hundred_million_is_in_the_highest_band_and_a_fen_less_is_not(app: Flask) -> None:
    enter(
        a_registration(1, "2024-03-01", deal=10_000_000_000),
        a_registration(2, "2024-03-01", deal=9_999_999_999),
    )
    found = figures(a_table("T13"))
    assert found["1",][0] == found["2",][0] == 1


@pytest.mark.parametrize("key", ["T7", "T10", "T11", "T17"])
def test_absorption_says_what_the_platform_cannot_know(app: Flask, key: str) -> None:
    assert any("外省登记" in note for note in a_table(key)["notes"])


def test_every_table_names_scope_unit_ledger_and_rules(app: Flask) -> None:
    enter(a_registration(1, "2024-03-01"))
    for key in current_definitions().tables:
        made = a_table(key)
        assert made["scope"]["name"] and made["scope"]["meaning"] and made["rules"] == "RV-2001"
        assert made["as_of"]["size"] == 1 and len(made["root"]) == 64
        assert made["definitions"] == current_definitions().version


def test_the_past_is_seen_as_the_ledger_then_was(app: Flask) -> None:
    enter(a_registration(1, "2024-03-01"))
    enter(a_registration(2, "2024-05-20"))
    assert figures(a_table("T1"))[()][0] == 2
    assert figures(a_table("T1", moment="1"))[()][0] == 1
    assert figures(a_table("T1", moment="2024-05-19"))[()][0] == 1
    assert a_table("T1", moment="2024-05-19")["as_of"]["size"] == 1


def test_a_code_that_no_list_knows_is_shown_and_not_lost(app: Flask) -> None:
    enter(a_registration(1, "2024-03-01", type="77", field="99", plan="", goal="55"))
    for key in ("T1", "T2", "T3", "T5"):
        found = figures(a_table(key))
        assert sum(v[0] for c, v in found.items() if len(c) == 1) == found[()][0] == 1
