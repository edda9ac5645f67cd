"""Registration points: codes, staff, AB desks, workload, and what is shown to the public."""

from datetime import date, timedelta

import pytest
from flask import Flask

from marketplace.accounts.models import Console, OrganizationKind
from marketplace.contracts import directory, operations, queries
from marketplace.contracts.points import Desk, HostKind
from marketplace.contracts.states import Action, State
from marketplace.errors import Conflict, Forbidden, GuardFailed, InvalidInput, NotFound
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.contracts.factories import (
    NOW,
    TODAY,
    a_draft,
    a_person,
    an_office,
    in_state,
    moved,
    party_facts,
    registered,
)
from tests.factories import an_organization


def opened(code: str, region: str = "150200", **facts):
    home = an_organization(OrganizationKind.REGISTRATION_POINT)
    kind = facts.pop("host_kind", HostKind.LEAGUE)
    return transact(
        lambda: directory.open_point(
            code, home, kind, region=region, actor=Console(), now=NOW, **facts
        )
    )


@pytest.mark.parametrize(
    ("code", "region"),
    [("150103", "150200"), ("15020", "150200"), ("150200", "150200"), ("一五零二零一", "150200")],
)
def test_a_point_has_the_code_of_its_league_and_two_digits(
    app: Flask, code: str, region: str
) -> None:
    with pytest.raises(InvalidInput):
        opened(code, region)


def test_the_code_of_a_closed_point_is_never_used_again_and_its_cases_move(app: Flask) -> None:
    office = an_office("150203")
    waiting, done = in_state(office, State.SUBMITTED), registered(office)
    heir = opened("150204")
    moved_cases = transact(
        lambda: directory.close_point(office.point, heir, actor=Console(), now=NOW)
    )
    assert moved_cases == 2 and waiting.point_code == done.point_code == "150204"
    assert done.local_no == "2026150203000001"
    with pytest.raises(InvalidInput):
        opened("150203")


def test_whoever_reviewed_stays_on_the_record_of_a_closed_point(app: Flask) -> None:
    office = an_office("150203")
    begun, done = in_state(office, State.REVIEW1), registered(office)
    waiting = in_state(office, State.REVIEW2)
    heir = opened("150204")
    transact(lambda: directory.close_point(office.point, heir, actor=Console(), now=NOW))
    assert begun.first_reviewer_id is None
    assert done.first_reviewer_id == waiting.first_reviewer_id == office.clerk.id


def test_a_point_serves_its_league_its_banner_or_its_institution(app: Flask) -> None:
    league, banner = opened("150201"), opened("150202", "150221", host_kind=HostKind.BANNER)
    university = an_organization(OrganizationKind.INSTITUTE, region="150203")
    inside = opened("150205", host_kind=HostKind.UNIVERSITY, host=university)
    assert directory.points_for(university, TODAY) == [inside, league]
    farm = an_organization(region="150221")
    assert directory.points_for(farm, TODAY) == [league, banner]
    assert directory.points_for(an_organization(region="150102"), TODAY) == []


def test_a_university_point_names_its_university(app: Flask) -> None:
    with pytest.raises(InvalidInput):
        opened("150205", host_kind=HostKind.UNIVERSITY)


def test_only_the_region_opens_points(app: Flask) -> None:
    home = an_organization(OrganizationKind.REGISTRATION_POINT)
    league = a_person(Role.AUTHORITY, an_organization(OrganizationKind.AUTHORITY, region="150200"))
    with pytest.raises(Forbidden):
        transact(
            lambda: directory.open_point(
                "150206", home, HostKind.LEAGUE, region="150200", actor=league, now=NOW
            )
        )


def test_desk_b_takes_a_case_only_while_no_a_can(app: Flask) -> None:
    office = an_office()
    contract = in_state(office, State.ACCEPTED)

    def staff() -> None:
        for clerk, desk in ((office.clerk, Desk.A), (office.other_clerk, Desk.B)):
            directory.appoint(office.point, clerk, desk, actor=Console(), now=NOW)

    transact(staff)
    with pytest.raises(GuardFailed, match="A角"):
        moved(contract, Action.ASSIGN, office.clerk, clerk=office.other_clerk)
    assert directory.fitting_clerk(contract, TODAY) == office.clerk
    away = next(m for m in office.point.staff if m.user_id == office.clerk.id)
    transact(lambda: directory.set_absence(away, TODAY, None, actor=office.reviewer, now=NOW))
    assert directory.fitting_clerk(contract, TODAY) == office.other_clerk
    with pytest.raises(GuardFailed):
        moved(contract, Action.ASSIGN, office.clerk, clerk=office.clerk)
    moved(contract, Action.ASSIGN, office.clerk, clerk=office.other_clerk)
    assert contract.first_reviewer_id == office.other_clerk.id


def test_cases_go_to_the_least_burdened(app: Flask) -> None:
    office = an_office()
    first = in_state(office, State.REVIEW1)
    assert directory.workload(office.point) == {office.clerk.id: 1, office.other_clerk.id: 0}
    assert directory.fitting_clerk(first, TODAY) == office.other_clerk


def test_what_a_point_lacks_is_named(app: Flask) -> None:
    office = an_office()
    assert len(directory.shortcomings(office.point, TODAY)) == 3


def test_coverage_stands_beside_the_target_in_force(app: Flask) -> None:
    an_office()
    coverage = directory.coverage(TODAY)
    assert [coverage.targets[kind] for kind in ("banner", "university", "institute")] == [40, 5, 5]
    assert coverage.open[HostKind.LEAGUE] == 1 and len(coverage.leagues_without) == 11
    assert directory.coverage(date(2022, 1, 1)).targets == {}


def test_the_queue_shows_the_overdue_first_then_by_days_left(app: Flask) -> None:
    office = an_office()
    late, fresh = in_state(office, State.REVIEW1), in_state(office, State.SUBMITTED)
    rows = queries.queue_of("150203", now=NOW + timedelta(days=2))
    assert {row.contract for row in rows} == {late, fresh}
    assert next(r for r in rows if r.contract == late).days_left == 13
    overdue = queries.queue_of("150203", now=NOW + timedelta(days=30))[0]
    assert overdue.contract == late and overdue.is_overdue and overdue.days_left < 0


def test_the_public_sees_no_secret_of_a_masked_contract(app: Flask) -> None:
    office = an_office()
    contract = registered(office)
    facts = queries.public_facts(contract.local_no)
    assert facts.is_valid and facts.version == 1 and facts.type == "委托开发"
    assert facts.deal_amount is None and facts.sellers == ("测****",)
    hidden = registered(office, visibility="private")
    assert queries.public_facts(hidden.local_no).project_name == ""
    with pytest.raises(NotFound):
        queries.public_facts("2026150203999999")


def test_a_natural_person_from_abroad_is_not_named_either(app: Flask) -> None:
    office = an_office()
    person = party_facts(office.buyer) | {
        "name": "Wong Ka Ming", "seal_name": "Wong Ka Ming", "nature": "900", "country": "344",
        "uscc": "P1234567", "region": "", "scale": "", "industry": "",
    }  # fmt: skip
    abroad = {"trade": "hmt", "country": "344", "trade_number": "1", "visibility": "public"}
    contract = registered(office, buyers=[person], **abroad)
    assert queries.public_facts(contract.local_no).buyers == ("W**",)


def test_our_own_number_comes_before_the_same_one_of_the_nation(app: Flask) -> None:
    office = an_office()
    one, other = registered(office), registered(office)
    number = other.local_no
    transact(lambda: operations.set_national_number(one, number, actor=office.clerk, now=NOW))
    assert queries.by_number(number) == other
    assert queries.public_facts(number).project_name == other.project_name


def test_local_and_national_number_are_kept_apart(app: Flask) -> None:
    office = an_office()
    one, other = registered(office), registered(office)
    national = "2026150100000777"

    def give(contract, number: str) -> None:
        transact(
            lambda: operations.set_national_number(contract, number, actor=office.clerk, now=NOW)
        )

    give(one, national)
    assert queries.by_number(national) == queries.by_number(one.local_no) == one
    for contract, number, fault in (
        (other, national, InvalidInput),
        (other, "123", InvalidInput),
        (a_draft(office), "2026150100000778", Conflict),
    ):
        with pytest.raises(fault):
            give(contract, number)


def test_others_do_not_learn_that_a_case_exists(app: Flask) -> None:
    office = an_office()
    contract = in_state(office, State.REVIEW1)
    for user in (office.applicant, office.clerk, office.reviewer, office.authority):
        assert queries.load(contract.id, user) == contract
    for user in (office.stranger, office.outsider, office.expert, office.tax):
        with pytest.raises(NotFound):
            queries.load(contract.id, user)
