"""The truth table of permissions: every role, every action, own and others' listings."""

from types import SimpleNamespace

import pytest

from marketplace.permissions import GRANTS, Permission, Role, permits

OWN = SimpleNamespace(organization_id=1, is_public=False)
STRANGERS = SimpleNamespace(organization_id=2, is_public=False)
PUBLIC = SimpleNamespace(organization_id=2, is_public=True)
V, E, I, B, C, R, O = Role  # noqa: E741 - one letter a role keeps the table a table

#: permission → (roles that hold it over what is their own, … over others', … over public ones)
TABLE: dict[Permission, tuple[set[Role], set[Role], set[Role]]] = {
    Permission.POST_NEED: ({E, I}, {E, I}, {E, I}),
    Permission.POST_RESULT: ({E, I}, {E, I}, {E, I}),
    Permission.EDIT_LISTING: ({E, I, B, C, R}, set(), set()),
    Permission.SET_LIMIT: ({E, I, B, C, R}, set(), set()),
    Permission.REVIEW_LISTING: ({O}, {O}, {O}),
    Permission.SEE_LISTING: ({E, I, B, C, R, O}, {O}, {V, E, I, B, C, R, O}),
    Permission.SEE_SIGNED_IN: ({E, I, B, C, R, O},) * 3,
    Permission.SEE_CONFIDENTIAL: ({E, I, B, C, R, O}, {O}, {O}),
    Permission.IMPORT: ({E, I, O},) * 3,
    Permission.VERIFY_ORGANIZATION: ({O},) * 3,
    Permission.MANAGE_USERS: ({O},) * 3,
}


def user_of(role: Role) -> SimpleNamespace:
    return SimpleNamespace(role=role, organization_id=None if role in (V, O) else 1)


def test_the_table_speaks_of_every_permission() -> None:
    assert set(TABLE) == set(GRANTS) == set(Permission)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_role_holds_what_the_table_says_and_nothing_more(
    role: Role, permission: Permission
) -> None:
    for subject, holders in zip((OWN, STRANGERS, PUBLIC), TABLE[permission], strict=True):
        assert permits(user_of(role), permission, subject) == (role in holders)
