"""What an entry's bytes are, and what no entry may say."""

import json
from datetime import UTC, datetime

import pytest
import rfc8785
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.ledger.entry import (
    Draft,
    Kind,
    Place,
    Posting,
    canonical,
    commitment,
    content_of,
    day_of,
    same_facts,
)
from marketplace.ledger.facts import problems
from tests.factories import entry_facts

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)  # already the 26th in Huhhot
PLACE = Place("market.example/ledger", 7, bytes(32))


def draft_of(**facts: object) -> Draft:
    return Draft(Kind.REGISTERED, "contract/9", entry_facts(date="2026-11-26") | facts, 1, "2026")


def wrong(**facts: object) -> dict[str, list[str]]:
    return problems(draft_of(**facts), NOW)


def test_the_bytes_are_sorted_compact_and_in_utf_8() -> None:
    content = content_of(draft_of(note="包头"), PLACE, NOW)
    assert content.startswith(b'{"algorithm":"sha256","at":"2026-11-25T18:30:00.000000+00:00",')
    assert '"note":"包头"'.encode() in content
    assert content.endswith(b'"rules":"2026","subject":"contract/9","version":1}')


def test_an_entry_names_its_ledger_its_place_and_the_entry_before() -> None:
    said = json.loads(content_of(draft_of(), PLACE, NOW))
    assert (said["ledger"], said["position"]) == ("market.example/ledger", 7)
    assert said["previous"] == "00" * 32
    assert (said["kind"], said["rules"]) == ("registered", "2026")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner)
    ),
)


@given(values)
def test_what_is_written_is_read_back_and_written_the_same_again(value: object) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_facts_are_the_same_in_whatever_order_they_are_given() -> None:
    content = content_of(draft_of(), PLACE, NOW)
    turned = dict(reversed([*draft_of().facts.items()]))
    assert same_facts(content, turned)
    assert not same_facts(content, turned | {"deal": 999_999})


def test_the_day_is_that_of_china() -> None:
    assert day_of(NOW).isoformat() == "2026-11-26"


def test_an_ordinary_registration_has_no_problem(app: Flask) -> None:
    assert wrong() == {}


@pytest.mark.parametrize(
    "fact, value",
    [
        ("deal", 10_000.5), ("deal", 2**53), ("deal", "1000"), ("deal", True),
        ("count", None), ("number", "123"), ("number", "２０２６１５０１０３０００００１"), ("date", "2026-2-1"),
        ("related", "yes"), ("ip", "11"), ("ip", [11]), ("type", "a code that is too long"), ("trade", "abroad"),
        ("sellers", [{"nature": "150"}]), ("buyers", {}), ("project", "平板玻璃"),
        ("postings", []), ("postings", [{"account": "buyer", "fen": 1.0}]), ("reverses", "3"),
    ],
)  # fmt: skip
def test_a_fact_of_the_wrong_shape_is_refused_by_its_name(
    app: Flask, fact: str, value: object
) -> None:
    assert fact in " ".join(wrong(**{fact: value}))


def test_every_account_of_an_entry_is_balanced(app: Flask) -> None:
    postings = [Posting("buyer", -100).as_fact(), Posting("seller:technology", 90).as_fact()]
    assert "-10 分" in wrong(postings=postings)["postings"][0]


def test_an_account_stands_once_in_an_entry(app: Flask) -> None:
    postings = [{"account": "buyer", "fen": 1}, {"account": "buyer", "fen": -1}]
    assert "同一账户" in wrong(postings=postings)["postings"][0]


def test_technology_is_never_more_than_the_deal_nor_of_another_sign(app: Flask) -> None:
    assert "technology" in wrong(technology=1_000_001)
    assert "technology" in wrong(technology=-800_000)
    assert wrong(technology=-800_000, deal=-1_000_000) == {}


@pytest.mark.parametrize("day", ["2026-11-27", "2026-02-30"])
def test_a_day_that_has_not_been_is_refused(app: Flask, day: str) -> None:
    assert day in wrong(date=day)["date"][0]


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_text_that_no_database_keeps_is_refused(app: Flask, text: str) -> None:
    assert "不能保存" in wrong(note=text)["note"][0]


def test_a_name_that_is_not_ascii_is_refused(app: Flask) -> None:
    assert "英文" in wrong(备注="")["备注"][0]


def test_a_missing_fact_is_named(app: Flask) -> None:
    facts = entry_facts(date="2026-11-26")
    del facts["income"]
    found = problems(Draft(Kind.REGISTERED, "contract/9", facts, 1, "2026"), NOW)
    assert "income" in found["income"][0]


def test_an_entry_needs_a_subject_a_version_and_its_rules(app: Flask) -> None:
    for subject, version, rules in (("", 1, "2026"), ("contract/9", -1, "2026"), ("c/9", 1, "")):
        draft = Draft(Kind.REGISTERED, subject, entry_facts(date="2026-11-26"), version, rules)
        assert "entry" in problems(draft, NOW)


def test_a_commitment_is_of_its_salt_its_field_and_its_value() -> None:
    salt = bytes(range(32))
    sealed = commitment(salt, "buyer", "包头市某厂")
    assert sealed == commitment(salt, "buyer", "包头市某厂") and len(sealed) == 64
    assert sealed not in (
        commitment(bytes(32), "buyer", "包头市某厂"),
        commitment(salt, "seller", "包头市某厂"),
        commitment(salt, "buyer包", "头市某厂"),
    )


def test_a_commitment_needs_all_of_its_salt() -> None:
    with pytest.raises(ValueError):
        commitment(b"short", "buyer", "包头市某厂")
