"""The truth table of permissions: every role, every action, own and others' listings."""

from types import SimpleNamespace

import pytest

from marketplace.permissions import GRANTS, Permission, Role, permits

OWN = SimpleNamespace(organization_id=1, is_public=False)
STRANGERS = SimpleNamespace(organization_id=2, is_public=False)
PUBLIC = SimpleNamespace(organization_id=2, is_public=True)
for subject in (OWN, STRANGERS, PUBLIC):  # a contract has more to it than a listing
    subject.point_organization_id = subject.organization_id
    subject.point_league = "150200"
    subject.typist_id = None
    subject.is_own_institutions = subject.is_before_experts = False
    subject.registered_on = None
    subject.need_owner_id = subject.organization_id
    subject.result_owner_id = 3
    subject.broker_id = None
    subject.is_effective = subject.is_public
    subject.opened_side = "need"
    subject.asked_sides = ("result",)
    subject.sent_at = "then"
    subject.contacted_at, subject.is_in_talks = "then", True
    subject.counterpart_id, subject.counterpart_confirmed = 9, True
    subject.broker_is_let_in = True
    subject.user_id = 7 if subject.organization_id == 1 else 8
    subject.broker_ids = frozenset()
    subject.side_of = lambda who, own=subject.organization_id: "need" if who == own else None
    subject.user_id = 7 if subject is OWN else 8
    subject.concerns = lambda organization_id, uscc: False
V, E, I, B, C, R, O, A, X, T = Role  # noqa: E741 - one letter a role keeps the table a table
#: Whoever belongs to an organisation.
MEMBERS = {E, I, B, C, R, A, X, T}

#: permission → (roles that hold it over what is their own, … over others', … over public ones);
#: of a contract "their own" also means: at the point where they work.
TABLE: dict[Permission, tuple[set[Role], set[Role], set[Role]]] = {
    Permission.POST_NEED: ({E, I}, {E, I}, {E, I}),
    Permission.POST_RESULT: ({E, I}, {E, I}, {E, I}),
    Permission.EDIT_LISTING: (MEMBERS, set(), set()),
    Permission.SET_LIMIT: (MEMBERS, set(), set()),
    Permission.REVIEW_LISTING: ({O}, {O}, {O}),
    Permission.SEE_LISTING: (MEMBERS | {O}, {O}, set(Role)),
    Permission.SEE_SIGNED_IN: (MEMBERS | {O},) * 3,
    Permission.SEE_CONFIDENTIAL: (MEMBERS | {O}, {O}, {O}),
    Permission.IMPORT: ({E, I, O},) * 3,
    Permission.TAKE_IN: ({O},) * 3,
    Permission.VERIFY_ORGANIZATION: ({O},) * 3,
    Permission.MANAGE_USERS: ({O},) * 3,
    Permission.POST_CONTRACT: ({E, I, C},) * 3,
    Permission.APPLY_CONTRACT: (MEMBERS, set(), set()),
    Permission.SEE_CONTRACT: (MEMBERS, {A}, {A}),
    Permission.ACCEPT_CONTRACT: ({C}, set(), set()),
    Permission.REVIEW_CONTRACT: ({C}, set(), set()),
    Permission.REFUSE_CONTRACT: ({C, R, A}, {A}, {A}),
    Permission.APPROVE_CONTRACT: ({R, A}, {A}, {A}),
    Permission.ADVISE_ON_CONTRACT: ({X},) * 3,
    Permission.EXAMINE_CONTRACT: ({C, R, A}, {A}, {A}),
    Permission.REVOKE_CONTRACT: ({A},) * 3,
    Permission.OBJECT_TO_CONTRACT: (MEMBERS, set(), set()),
    Permission.LAPSE_CONTRACT: ({O},) * 3,
    Permission.PURGE_CONTRACT: ({R, A}, {A}, {A}),
    Permission.TAKE_CERTIFICATE: ({C, R, O}, {O}, {O}),  # beside the parties
    Permission.MANAGE_POINTS: ({O, A},) * 3,
    Permission.SEE_FIGURES: ({O, A},) * 3,
    Permission.SEE_ENTRY: ({O, A, T},) * 3,
    # an introduction that one's own organisation has opened, and sent
    Permission.OPEN_INTRODUCTION: (MEMBERS, {B}, {B}),
    Permission.SEND_INTRODUCTION: (MEMBERS, set(), set()),
    Permission.ANSWER_INTRODUCTION: (set(), set(), set()),
    Permission.SEE_INTRODUCTION: (MEMBERS, set(), set()),
    Permission.ADVANCE_INTRODUCTION: (MEMBERS, set(), set()),
    Permission.SEE_THREAD: (MEMBERS, set(), set()),
    Permission.WRITE_THREAD: (MEMBERS, set(), set()),
    Permission.SEE_DISCLOSED: (MEMBERS, set(), set()),
    Permission.FOLLOW_CONTRACT: ({O},) * 3,
    Permission.PLAN_INTRODUCTION: (set(), set(), set()),
    Permission.WORK_AS_BROKER: ({B},) * 3,
    # a broker's own record, case, visit or answer
    Permission.KEEP_BROKER_RECORD: ({B}, set(), set()),
    Permission.SEE_BROKER_RECORD: ({B, O}, {O}, {O}),
    Permission.DECIDE_BROKER: ({O},) * 3,
    Permission.SHARE_OUT_CASES: ({O},) * 3,
    Permission.TAKE_CASE: ({B}, set(), set()),
    Permission.SEE_VISIT: ({B, O}, {O}, {O}),
    Permission.ANSWER_VISIT: (MEMBERS, set(), set()),
    Permission.REFINE_NEED: (MEMBERS, set(), {B}),
    Permission.SEE_REFINEMENT: (MEMBERS, set(), set()),
    Permission.OFFER_AGREEMENT: (MEMBERS, set(), set()),
    Permission.SEE_AGREEMENT: (MEMBERS, set(), set()),
    Permission.SEE_FUNNEL: ({O, A, B},) * 3,
    Permission.SEE_BACKGROUND: ({O},) * 3,
    Permission.SEE_ADDRESSED: (MEMBERS | {O}, set(), set()),  # of the very user
    Permission.MANAGE_MAIL: ({O},) * 3,
    Permission.SEE_CREDIT_RECORD: (MEMBERS | {O}, {O}, MEMBERS | {O}),  # public: in effect
    Permission.OBJECT_TO_CREDIT: (MEMBERS, set(), set()),
    Permission.RECORD_CREDIT: ({O},) * 3,
    Permission.DECIDE_CREDIT: ({O},) * 3,
    Permission.AGE_CREDIT: ({O},) * 3,
    Permission.PUBLISH_STATISTICS: ({O, A},) * 3,
}


def user_of(role: Role) -> SimpleNamespace:
    if role not in MEMBERS:
        return SimpleNamespace(id=7, role=role, organization_id=None, organization=None)
    home = SimpleNamespace(id=1, uscc="", region="150000")
    return SimpleNamespace(id=7, role=role, organization_id=1, organization=home)


def test_the_table_speaks_of_every_permission() -> None:
    assert set(TABLE) == set(GRANTS) == set(Permission)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_role_holds_what_the_table_says_and_nothing_more(
    role: Role, permission: Permission
) -> None:
    for subject, holders in zip((OWN, STRANGERS, PUBLIC), TABLE[permission], strict=True):
        assert permits(user_of(role), permission, subject) == (role in holders)
