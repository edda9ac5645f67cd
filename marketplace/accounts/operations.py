"""Sign up, verify, log in, change and reset passwords."""

import secrets
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import ValidationError

from marketplace import audit
from marketplace.accounts import queries
from marketplace.accounts.models import SELF_SIGN_UP, Organization, OrganizationKind, User
from marketplace.accounts.passwords import SHORTEST, hash_password, random_password, verify_password
from marketplace.audit import Tag
from marketplace.errors import InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.permissions import Permission, Role, require

ROLES = {
    OrganizationKind.ENTERPRISE: (Role.ENTERPRISE,),
    OrganizationKind.INSTITUTE: (Role.INSTITUTE, Role.EXPERT),
    OrganizationKind.BROKER: (Role.BROKER,),
    OrganizationKind.REGISTRATION_POINT: (Role.CLERK, Role.REVIEWER),
    OrganizationKind.AUTHORITY: (Role.AUTHORITY, Role.EXPERT),
    OrganizationKind.TAX_OR_FINANCE: (Role.TAX,),
}


def sign_up(
    *,
    name: str,
    uscc: str,
    kind: OrganizationKind,
    region: str,
    username: str,
    display_name: str,
    password: str,
    now: datetime,
) -> User:
    """A new organisation with its first member, or a further member of a known one.

    A further member of a known organisation would gain its drafts, so that is left to the
    operator: the code of a known organisation is refused here.
    """
    code = checked_uscc(uscc)
    errors = checked_password(password)
    if kind not in SELF_SIGN_UP:
        errors["kind"] = [_("这类单位由市场运营方开通")]
    if _exists(Organization.uscc, code):
        errors["uscc"] = [_("该单位已注册，请向市场运营方申请加入")]
    if errors:
        raise InvalidInput(errors)
    organization = Organization(name=name, uscc=code, kind=kind, region=region, created_at=now)
    db.session.add(organization)
    db.session.flush()
    user = create_user(username, display_name, password, ROLES[kind][0], organization, now=now)
    audit.record(user, Tag.ORGANIZATION_SIGNED_UP, f"organization/{organization.id}", now=now)
    return user


def create_user(
    username: str,
    display_name: str,
    password: str,
    role: Role,
    organization: Organization | None,
    *,
    now: datetime,
) -> User:
    """A person who can log in; a name already taken is refused."""
    if _exists(func.lower(User.username), username.lower()):
        raise InvalidInput({"username": [_("该用户名已被使用，请换一个")]})
    user = User(
        username=username,
        display_name=display_name,
        password_hash=hash_password(password),
        role=role,
        organization=organization,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    audit.record(user, Tag.USER_CREATED, f"user/{user.id}", now=now)
    return user


def checked_uscc(text: str) -> str:
    """The 统一社会信用代码 in its compact form; a wrong check digit is refused (GB 32100-2015)."""
    try:
        return uscc_number.validate(text)
    except ValidationError as fault:
        raise InvalidInput(
            {"uscc": [_("统一社会信用代码应为18位且校验位正确，请核对营业执照")]}
        ) from fault


def checked_password(password: str) -> dict[str, list[str]]:
    """Errors of a password that is too short; none if it will do."""
    if len(password) >= SHORTEST:
        return {}
    return {"password": [_("密码至少%(count)d个字符", count=SHORTEST)]}


def authenticate(username: str, password: str) -> User | None:
    """The user with this name and password."""
    user = queries.user_called(username)
    return user if verify_password(user.password_hash if user else None, password) else None


def change_password(user: User, old: str, new: str, *, now: datetime) -> None:
    """Set a new password after the old one; other sessions end."""
    if not verify_password(user.password_hash, old):
        raise InvalidInput({"old_password": [_("原密码不正确")]})
    if errors := checked_password(new):
        raise InvalidInput({"new_password": errors["password"]})
    _set_password(user, new, must_change=False)
    audit.record(user, Tag.USER_PASSWORD_CHANGED, f"user/{user.id}", now=now)


def reset_password(user: User, *, actor: User, now: datetime) -> str:
    """Give ``user`` a random password to be changed at the next login, and return it once."""
    require(actor, Permission.MANAGE_USERS)
    password = random_password()
    _set_password(user, password, must_change=True)
    audit.record(actor, Tag.USER_PASSWORD_RESET, f"user/{user.id}", now=now)
    return password


def add_member(
    *,
    username: str,
    display_name: str,
    role: Role,
    organization: Organization | None,
    actor: Any,
    now: datetime,
) -> str:
    """A further member of an organisation, or another operator; the random password, told once."""
    require(actor, Permission.MANAGE_USERS)
    fitting = ROLES[organization.kind] if organization else (Role.OPERATOR,)
    if role not in fitting:
        raise InvalidInput({"role": [_("该单位的成员不能担任这个角色")]})
    password = random_password()
    user = create_user(username, display_name, password, role, organization, now=now)
    user.must_change_password = True
    return password


def add_office(
    *, name: str, uscc: str, kind: OrganizationKind, region: str, actor: Any, now: datetime
) -> Organization:
    """An authority or a tax or finance body, verified from the beginning."""
    require(actor, Permission.MANAGE_USERS)
    code = checked_uscc(uscc)
    if kind in SELF_SIGN_UP:
        raise InvalidInput({"kind": [_("这类单位请自行注册")]})
    if _exists(Organization.uscc, code):
        raise InvalidInput({"uscc": [_("该单位已注册，请市场运营方核对")]})
    office = Organization(
        name=name, uscc=code, kind=kind, region=region, created_at=now, verified_at=now
    )
    db.session.add(office)
    db.session.flush()
    audit.record(actor, Tag.ORGANIZATION_VERIFIED, f"organization/{office.id}", now=now)
    return office


def log_out_everywhere(user: User, *, now: datetime) -> None:
    """End every session of ``user`` by a new token."""
    user.session_token = secrets.token_urlsafe(32)
    audit.record(user, Tag.USER_LOGGED_OUT_EVERYWHERE, f"user/{user.id}", now=now)


def verify_organization(organization: Organization, *, actor: User, now: datetime) -> None:
    """The operator confirms that the organisation is who it says."""
    require(actor, Permission.VERIFY_ORGANIZATION)
    organization.verified_at = organization.verified_at or now
    audit.record(actor, Tag.ORGANIZATION_VERIFIED, f"organization/{organization.id}", now=now)


def owner_named(text: str, kind: OrganizationKind, *, now: datetime) -> Organization:
    """The organisation of that name or 统一社会信用代码; a new one, unverified, if there is none.

    A file of the region's survey names hundreds of firms that have no account yet.
    """
    named = queries.organization_called(text)
    if named is not None:
        return named
    if len(text) > 200:
        raise InvalidInput({"organization": [_("单位名称不能超过200字")]})
    organization = Organization(name=text, kind=kind, region="", created_at=now)
    db.session.add(organization)
    return organization


def load_user(user_id: int) -> User:
    """The user, or :class:`NotFound`."""
    return _load(User, user_id)


def load_organization(organization_id: int) -> Organization:
    """The organisation, or :class:`NotFound`."""
    return _load(Organization, organization_id)


def _load(model: type, key: int):  # noqa: ANN202
    found = db.session.get(model, key)
    if found is None:
        raise NotFound(_("没有找到"))
    return found


def _exists(column, value: str) -> bool:
    return db.session.scalar(select(column).where(column == value).limit(1)) is not None


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    user.password_hash = hash_password(password)
    user.must_change_password = must_change
    user.session_token = secrets.token_urlsafe(32)
