"""Load the demonstration data by the same way in as everybody's: the importer."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from stdnum.cn import uscc

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Organization, OrganizationKind, User
from marketplace.accounts.operations import create_user
from marketplace.demonstration import brokering, registering
from marketplace.extensions import db
from marketplace.listings import importing
from marketplace.listings.sheets import Row
from marketplace.permissions import Role

FOLDER = Path(__file__).parent
PASSWORD = "shuangku-demo"
#: user name → role, and the key of the organisation whose member it is
ACCOUNTS: dict[str, tuple[Role, str]] = {
    "enterprise": (Role.ENTERPRISE, "ent-b-01"),
    "institute": (Role.INSTITUTE, "inst-b-01"),
    "broker": (Role.BROKER, "broker-01"),
    "clerk": (Role.CLERK, "point-01"),
    "reviewer": (Role.REVIEWER, "point-01"),
    "operator": (Role.OPERATOR, ""),
}


def load(*, now: datetime) -> dict[str, int]:
    """Organisations, accounts and both libraries; how many listings were added of each kind.

    Nothing where they are loaded already: a kill after the commit must not stop the next start.
    """
    if accounts.user_called("operator") is not None:
        return {}
    with _nothing_thrown_away():
        return _load_all(now)


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """All rows live until the end: to search them for garbage takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _load_all(now: datetime) -> dict[str, int]:
    organizations = _load_organizations(now)
    users = [_load_user(name, organizations, now=now) for name in ACCOUNTS]
    operator = next(user for user in users if user.role == Role.OPERATOR)
    loaded = {kind: _load_listings(kind, operator, now) for kind in ("need", "result")}
    people = dict(zip(ACCOUNTS, users, strict=True))
    loaded["contract"] = registering.load(people, now=now)
    return loaded | {"introduction": brokering.load(people, PASSWORD, now=now)}


def rows_of(name: str) -> list[dict[str, Any]]:
    """The rows of all data files of that name, one file for each part of the region's economy."""
    rows = []
    for path in sorted(FOLDER.glob(f"{name}-*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines if line.strip()]
    return rows


def _load_organizations(now: datetime) -> dict[str, Organization]:
    made = {}
    for serial, row in enumerate(rows_of("organizations"), start=1):
        made[row["key"]] = Organization(
            name=row["name"],
            uscc=_invented_uscc(serial),
            kind=OrganizationKind(row["kind"]),
            region=row["region"],
            created_at=now,
            verified_at=now,
        )
    db.session.add_all(made.values())
    db.session.flush()
    return made


def _invented_uscc(serial: int) -> str:
    """A code with a right check digit and a region that GB/T 2260 does not have (159999)."""
    body = f"91159999DEM{serial:06d}".replace("DEM", "MA0")
    return body + uscc.calc_check_digit(body)


def _load_user(name: str, organizations: dict[str, Organization], *, now: datetime) -> User:
    role, key = ACCOUNTS[name]
    return create_user(name, name, PASSWORD, role, organizations.get(key), now=now)


def _load_listings(kind: str, operator: User, now: datetime) -> int:
    names = {row["key"]: row["name"] for row in rows_of("organizations")}
    cells = [row | {"organization": names[row["organization"]]} for row in rows_of(f"{kind}s")]
    rows = [Row(number, row) for number, row in enumerate(cells, start=1)]
    report = importing.import_rows(kind, rows, actor=operator, now=now)
    if report.errors:
        raise ValueError(f"row {report.errors[0].row}: {report.errors[0].message}")
    return report.added
