"""Who is a broker here, and who may open a deal; no writes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, exists, select
from sqlalchemy.orm import selectinload

from marketplace.brokering.brokers.models import Broker, BrokerCertificate
from marketplace.brokering.brokers.states import State
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.queries import LARGEST_ID
from marketplace.permissions import Permission, permits
from marketplace.working_days import local_day


def of_user(user_id: int | None) -> Broker | None:
    """The record of a person; ``None`` before anything was written down."""
    return db.session.scalar(select(Broker).where(Broker.user_id == user_id))


def is_active(user_id: int | None, *, now: datetime) -> bool:
    """Whether a person may open deals as a broker: recorded, with a certificate in force today.

    Asked of the dates themselves, so that a certificate that ran out tonight counts no more even
    where the day's work was not done yet (market.md, M06).
    """
    broker = of_user(user_id)
    if broker is None or broker.state != State.RECORDED:
        return False
    return bool(broker.valid_certificates(local_day(now)))


def is_barred(user_id: int | None) -> bool:
    """Whether a person was suspended or struck off; whoever has no record yet was not."""
    barred = (State.SUSPENDED, State.STRUCK)
    found = select(Broker.id).where(Broker.user_id == user_id, Broker.state.in_(barred))
    return db.session.scalar(found) is not None


def recorded(day: date) -> Sequence[Broker]:
    """Every broker in good standing on ``day``, by number."""
    rows = select(Broker).where(Broker.state == State.RECORDED, _is_certified(day))
    return db.session.scalars(
        rows.options(selectinload(Broker.certificates)).order_by(Broker.id)
    ).all()


def _is_certified(day: date) -> Any:
    return exists().where(
        BrokerCertificate.broker_id == Broker.id,
        BrokerCertificate.verified_at.is_not(None),
        BrokerCertificate.issued_on <= day,
        BrokerCertificate.expires_on >= day,
    )


def expired(day: date) -> Sequence[Broker]:
    """Recorded brokers whose certificates have all run out."""
    rows = select(Broker).where(Broker.state == State.RECORDED, ~_is_certified(day))
    return db.session.scalars(rows.order_by(Broker.id)).all()


def everybody() -> Sequence[Broker]:
    """All records for the operator: what waits first."""
    waits = case((Broker.state == State.APPLIED, 0), else_=1)
    rows = select(Broker).options(selectinload(Broker.certificates))
    return db.session.scalars(rows.order_by(waits, Broker.updated_at.desc(), Broker.id)).all()


def load(broker_id: int, user: Any) -> Broker:
    """A record that ``user`` may see; others get the same answer as for none at all."""
    found = db.session.get(Broker, broker_id) if broker_id <= LARGEST_ID else None
    if found is None:
        raise NotFound()
    if not permits(user, Permission.SEE_BROKER_RECORD, found):
        raise Hidden()
    return found


def load_certificate(certificate_id: int, user: Any) -> BrokerCertificate:
    """A certificate of a record that ``user`` may see."""
    known = certificate_id <= LARGEST_ID
    found = db.session.get(BrokerCertificate, certificate_id) if known else None
    if found is None:
        raise NotFound()
    load(found.broker_id, user)
    return found


def number_is_taken(issuer: str, number: str) -> bool:
    """Whether a certificate of that issuer and number is in some record already."""
    known = select(BrokerCertificate.id).where(
        BrokerCertificate.issuer == issuer, BrokerCertificate.number == number
    )
    return db.session.scalar(known.limit(1)) is not None
