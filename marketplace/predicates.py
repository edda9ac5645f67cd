"""Facts about a user and a subject, said as sentences; ``permissions`` joins them in one table.

They read attributes and import no feature.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person does here."""

    VISITOR = "visitor"
    ENTERPRISE = "enterprise"
    INSTITUTE = "institute"
    BROKER = "broker"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    AUTHORITY = "authority"
    EXPERT = "expert"
    TAX = "tax"


Predicate = Callable[[Any, Any], bool]


def is_operator(user: Any, subject: Any) -> bool:
    """The user runs this market."""
    return user.role == Role.OPERATOR


def is_signed_in(user: Any, subject: Any) -> bool:
    """The user has logged in."""
    return user.role != Role.VISITOR


def is_enterprise(user: Any, subject: Any) -> bool:
    """The user works for an enterprise."""
    return user.role == Role.ENTERPRISE


def is_institute(user: Any, subject: Any) -> bool:
    """The user works for a university or a research institute."""
    return user.role == Role.INSTITUTE


def is_addressee(user: Any, subject: Any) -> bool:
    """The subject was made for, or is about, this user and nobody else."""
    return user.id is not None and user.id == subject.user_id


def is_owner(user: Any, subject: Any) -> bool:
    """The subject belongs to the user's organisation."""
    return user.organization_id is not None and user.organization_id == subject.organization_id


def is_public(user: Any, subject: Any) -> bool:
    """The subject stands open to everybody."""
    return bool(subject.is_public)


def is_clerk(user: Any, subject: Any) -> bool:
    """The user does first reviews at a registration point."""
    return user.role == Role.CLERK


def is_reviewer(user: Any, subject: Any) -> bool:
    """The user does second reviews at a registration point."""
    return user.role == Role.REVIEWER


def is_expert(user: Any, subject: Any) -> bool:
    """The user is asked for opinions on large or disputed contracts."""
    return user.role == Role.EXPERT


def is_tax(user: Any, subject: Any) -> bool:
    """The user works for a tax or finance body."""
    return user.role == Role.TAX


def is_authority(user: Any, subject: Any) -> bool:
    """The user works for the science authority of the region or of a league."""
    return user.role == Role.AUTHORITY


def of_the_region(user: Any, subject: Any) -> bool:
    """The user's office is the region's own, not a league's."""
    return user.organization is not None and user.organization.region.endswith("0000")


def of_its_league(user: Any, subject: Any) -> bool:
    """The user's office supervises the league in which the contract is registered."""
    return user.organization is not None and user.organization.region == subject.point_league


def of_this_point(user: Any, subject: Any) -> bool:
    """The user works at the registration point that has the case."""
    return (
        user.organization_id is not None and user.organization_id == subject.point_organization_id
    )


def is_party(user: Any, subject: Any) -> bool:
    """The user's organisation is the applicant or a party of the contract."""
    organization = user.organization
    return organization is not None and subject.concerns(organization.id, organization.uscc)


def has_no_interest(user: Any, subject: Any) -> bool:
    """The user's organisation is no party to the contract."""
    organization = user.organization
    return organization is None or not subject.concerns(organization.id, organization.uscc)


def is_not_typist(user: Any, subject: Any) -> bool:
    """The user did not type the case for the applicant."""
    return subject.typist_id is None or user.id != subject.typist_id


def is_typist(user: Any, subject: Any) -> bool:
    """The user typed the case, at the counter, for the applicant."""
    return user.id is not None and user.id == subject.typist_id


def is_of_points_host(user: Any, subject: Any) -> bool:
    """The point is registering a contract of the institution that runs it."""
    return bool(subject.is_own_institutions)


def is_broker(user: Any, subject: Any) -> bool:
    """The user is a technology broker."""
    return user.role == Role.BROKER


def owns_a_side(user: Any, subject: Any) -> bool:
    """The need or the result of the pair belongs to the user's organisation."""
    return user.organization_id is not None and user.organization_id in (
        subject.need_owner_id,
        subject.result_owner_id,
    )


def is_its_broker(user: Any, subject: Any) -> bool:
    """The user brokers the introduction."""
    return user.id is not None and user.id == subject.broker_id


def is_themselves(user: Any, subject: Any) -> bool:
    """The subject is the user's own, as a person."""
    return user.id is not None and user.id == subject.user_id


def shares_commission(user: Any, subject: Any) -> bool:
    """The user is one of the brokers among whom a commission is split."""
    return user.id is not None and user.id in subject.broker_ids


def opened_it(user: Any, subject: Any) -> bool:
    """The user's organisation, or the user as its broker, opened the introduction."""
    if subject.broker_id is not None:
        return bool(user.id == subject.broker_id)
    return user.organization_id is not None and (
        subject.side_of(user.organization_id) == subject.opened_side
    )


def is_asked(user: Any, subject: Any) -> bool:
    """The user's organisation is on a side that has to answer."""
    return subject.side_of(user.organization_id) in subject.asked_sides


def was_sent(user: Any, subject: Any) -> bool:
    """The proposal has left its writer."""
    return subject.sent_at is not None


def is_contacted(user: Any, subject: Any) -> bool:
    """Both sides have once said yes."""
    return subject.contacted_at is not None


def is_in_talks(user: Any, subject: Any) -> bool:
    """Both sides have said yes, and nothing has ended it."""
    return bool(subject.is_in_talks)


def is_counterpart(user: Any, subject: Any) -> bool:
    """The user's organisation stands across the table from whose part it is."""
    return user.organization_id is not None and user.organization_id == subject.counterpart_id


def counterpart_has_confirmed(user: Any, subject: Any) -> bool:
    """The side to which it would open has confirmed the confidentiality statement."""
    return bool(subject.counterpart_confirmed)


def broker_is_let_in(user: Any, subject: Any) -> bool:
    """Both owners let the broker in, and the broker has confirmed the statement."""
    return bool(subject.broker_is_let_in)


def is_effective(user: Any, subject: Any) -> bool:
    """The record was noticed, its objection period is over, and it counts."""
    return bool(subject.is_effective)


def is_registered(user: Any, subject: Any) -> bool:
    """The contract has been registered once."""
    return subject.registered_on is not None


def before_experts(user: Any, subject: Any) -> bool:
    """The case lies before the expert panel."""
    return bool(subject.is_before_experts)
