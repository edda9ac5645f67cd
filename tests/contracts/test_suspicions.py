"""Duplicates and splits: found among the same parties, told apart from honest neighbours."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.contracts.states import Action
from marketplace.contracts.suspicions import suspicions_of
from marketplace.contracts.triggers import is_drawn
from marketplace.rules import Rules
from tests.contracts.factories import (
    TODAY,
    WAN,
    Office,
    a_draft,
    an_office,
    in_review,
    moved,
    registered,
)
from tests.factories import an_organization

LARGE = {"deal_amount": 300 * WAN, "deal_words": "叁佰万元整", "technology_amount": 300 * WAN}
SPLIT = LARGE | {"deductions": [], "project_name": "矿井水零排放系统开发（第一期）"}


def kinds(office: Office, first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """What is suspected of the second contract after the first was registered."""
    registered(office, **first)
    contract = a_draft(office, **second)
    found = suspicions_of(contract, Rules.in_force(TODAY).thresholds)
    return [suspicion.kind for suspicion in found]


def test_two_halves_below_the_threshold_are_suspected_as_a_split(app: Flask) -> None:
    second = SPLIT | {"project_name": "矿井水零排放系统开发（第二期）"}
    assert kinds(an_office(), SPLIT, second) == ["split"]


def test_halves_a_year_apart_are_no_split(app: Flask) -> None:
    earlier = SPLIT | {"signed_on": date(2025, 2, 2)}
    later = SPLIT | {"deal_amount": 400 * WAN, "technology_amount": 400 * WAN}
    later |= {"deal_words": "肆佰万元整"}
    assert kinds(an_office(), earlier, later) == []


def test_the_same_subject_and_amount_is_suspected_as_a_duplicate(app: Flask) -> None:
    same = {"project_name": "循环水缓蚀剂中试放大", "signed_on": date(2026, 2, 2)}
    assert kinds(an_office(), same, same | {"signed_on": date(2026, 2, 20)}) == ["duplicate"]


@pytest.mark.parametrize(
    "second",
    [
        {"project_name": "奶牛胚胎移植技术研究", "content": "研究胚胎移植，提交报告。"},
    ],
)
def test_another_subject_of_the_same_parties_is_not_suspected(
    app: Flask, second: dict[str, Any]
) -> None:
    assert kinds(an_office(), {}, second) == []


def test_the_same_subject_of_other_parties_is_not_suspected(app: Flask) -> None:
    office = an_office()
    same = {"project_name": "循环水缓蚀剂中试放大", "content": "同一内容"}
    registered(office, **same)
    office.buyer = an_organization()
    contract = a_draft(office, **same)
    assert suspicions_of(contract, Rules.in_force(TODAY).thresholds) == []


def test_a_suspicion_sends_the_case_to_a_second_reviewer(app: Flask) -> None:
    office = an_office()
    registered(office, **SPLIT)
    contract = in_review(office, **SPLIT)
    moved(contract, Action.PROPOSE, office.clerk)
    assert "suspected" in contract.triggers and contract.state == "review2"


def test_the_draw_takes_about_the_share_of_the_version(app: Flask) -> None:
    contract, rules = a_draft(an_office()), Rules.in_force(TODAY)
    days = [TODAY + timedelta(days=n) for n in range(4_000)]
    drawn = sum(is_drawn(contract, day, rules) for day in days)
    assert 140 <= drawn <= 260  # 5 % of 4,000 is 200; the key of the tests is fixed
