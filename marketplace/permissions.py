"""Who may do what: one table. Predicates read attributes and import no feature.

``permits`` is ``any(all(…))`` with no exception handling: a broken predicate is a failure,
not a refusal.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.errors import Forbidden


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


class Permission(StrEnum):
    """One thing that may be allowed."""

    POST_NEED = "post_need"  # write down a need of one's own organisation
    POST_RESULT = "post_result"  # write down a result of one's own organisation
    EDIT_LISTING = "edit_listing"  # change, submit, withdraw, confirm one's own listing
    SET_LIMIT = "set_limit"  # say how many contacts one's listings and organisation can take
    REVIEW_LISTING = "review_listing"  # publish, return or close anybody's listing
    SEE_LISTING = "see_listing"  # see a listing that is not public
    SEE_SIGNED_IN = "see_signed_in"  # see what is shown to signed-in users
    SEE_CONFIDENTIAL = "see_confidential"  # see what is shown only after agreement
    IMPORT = "import"  # bring listings in from a file
    TAKE_IN = "take_in"  # have sources asked, decide on what they bring
    VERIFY_ORGANIZATION = "verify_organization"  # confirm that an organisation is who it says
    MANAGE_USERS = "manage_users"  # reset a password
    POST_CONTRACT = "post_contract"  # write down a contract
    APPLY_CONTRACT = "apply_contract"  # change, submit, withdraw; ask for change or cancellation
    SEE_CONTRACT = "see_contract"  # read the file of a case
    ACCEPT_CONTRACT = "accept_contract"  # accept, send back, ask for repair, assign
    REVIEW_CONTRACT = "review_contract"  # tick the tests, itemise, propose: the first review
    REFUSE_CONTRACT = "refuse_contract"  # refuse, whichever review it stands in
    APPROVE_CONTRACT = "approve_contract"  # decide as the second pair of eyes
    ADVISE_ON_CONTRACT = "advise_on_contract"  # give an expert's opinion
    EXAMINE_CONTRACT = "examine_contract"  # prepare the decision on a change or an objection
    REVOKE_CONTRACT = "revoke_contract"  # take a registration back
    OBJECT_TO_CONTRACT = "object_to_contract"  # object to a decision
    LAPSE_CONTRACT = "lapse_contract"  # close what nobody answers any more
    PURGE_CONTRACT = "purge_contract"  # lock and empty a case with classified content
    TAKE_CERTIFICATE = "take_certificate"  # download a certificate, ask for a list
    MANAGE_POINTS = "manage_points"  # open, change, staff and close registration points
    SEE_FIGURES = "see_figures"  # any table of any period, small cells and the entries behind
    OPEN_INTRODUCTION = "open_introduction"  # propose a contact between a need and a result
    SEND_INTRODUCTION = "send_introduction"  # write, send, withdraw one's own proposal
    ANSWER_INTRODUCTION = "answer_introduction"  # say yes, no or ask, as a side that was asked
    SEE_INTRODUCTION = "see_introduction"  # read the thread of an introduction
    ADVANCE_INTRODUCTION = "advance_introduction"  # write down meetings, talks and their end
    FOLLOW_CONTRACT = "follow_contract"  # what deadlines and the contract's case say; no person's
    PUBLISH_STATISTICS = "publish_statistics"  # give a month's tables out and close it


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


def is_registered(user: Any, subject: Any) -> bool:
    """The contract has been registered once."""
    return subject.registered_on is not None


def before_experts(user: Any, subject: Any) -> bool:
    """The case lies before the expert panel."""
    return bool(subject.is_before_experts)


_UNTOUCHED = (has_no_interest, is_not_typist)
#: Clerks and reviewers of the point, and whoever supervises it; none with a stake in the case.
_OFFICERS: list[tuple[Predicate, ...]] = [
    (is_clerk, of_this_point, *_UNTOUCHED),
    (is_reviewer, of_this_point, *_UNTOUCHED),
    (is_authority, of_the_region, *_UNTOUCHED),
    (is_authority, of_its_league, *_UNTOUCHED),
]
#: A point that registers its own institution's contract needs second eyes from outside.
_SECOND_EYES: list[tuple[Predicate, ...]] = [
    *_OFFICERS[1:],
    (is_reviewer, is_of_points_host, *_UNTOUCHED),
]

GRANTS: dict[Permission, list[tuple[Predicate, ...]]] = {  # any row whose every predicate holds
    Permission.POST_NEED: [(is_enterprise,), (is_institute,)],
    Permission.POST_RESULT: [(is_institute,), (is_enterprise,)],
    Permission.EDIT_LISTING: [(is_owner,)],
    Permission.SET_LIMIT: [(is_owner,)],
    Permission.REVIEW_LISTING: [(is_operator,)],
    Permission.SEE_LISTING: [(is_public,), (is_owner,), (is_operator,)],
    Permission.SEE_SIGNED_IN: [(is_signed_in,)],
    Permission.SEE_CONFIDENTIAL: [(is_owner,), (is_operator,)],
    Permission.IMPORT: [(is_enterprise,), (is_institute,), (is_operator,)],
    Permission.TAKE_IN: [(is_operator,)],
    Permission.VERIFY_ORGANIZATION: [(is_operator,)],
    Permission.MANAGE_USERS: [(is_operator,)],
    Permission.POST_CONTRACT: [(is_enterprise,), (is_institute,), (is_clerk,)],
    Permission.APPLY_CONTRACT: [(is_owner,), (is_typist,)],
    Permission.SEE_CONTRACT: [
        (is_owner,),
        (is_typist,),
        (is_clerk, of_this_point),
        *_SECOND_EYES,
        (is_expert, before_experts, has_no_interest),
        (is_tax, is_registered),
    ],
    Permission.ACCEPT_CONTRACT: [(is_clerk, of_this_point, *_UNTOUCHED)],
    Permission.REVIEW_CONTRACT: [(is_clerk, of_this_point, *_UNTOUCHED)],
    Permission.REFUSE_CONTRACT: [_OFFICERS[0], *_SECOND_EYES],
    Permission.APPROVE_CONTRACT: _SECOND_EYES,
    Permission.ADVISE_ON_CONTRACT: [(is_expert, *_UNTOUCHED)],
    Permission.EXAMINE_CONTRACT: [_OFFICERS[0], *_SECOND_EYES],
    Permission.REVOKE_CONTRACT: [(is_authority, of_the_region, *_UNTOUCHED)],
    Permission.OBJECT_TO_CONTRACT: [(is_owner,), (is_tax, is_registered)],
    Permission.LAPSE_CONTRACT: [(is_operator,)],
    Permission.PURGE_CONTRACT: [
        (is_authority, of_the_region),
        (is_authority, of_its_league),
        (is_reviewer, of_this_point),
    ],
    Permission.TAKE_CERTIFICATE: [
        (is_party,),
        (is_clerk, of_this_point),
        (is_reviewer, of_this_point),
        (is_operator,),
    ],
    Permission.MANAGE_POINTS: [(is_authority, of_the_region), (is_operator,)],
    Permission.SEE_FIGURES: [(is_authority,), (is_operator,)],
    Permission.OPEN_INTRODUCTION: [(owns_a_side,), (is_broker,)],
    Permission.SEND_INTRODUCTION: [(opened_it,)],
    Permission.ANSWER_INTRODUCTION: [(is_asked, was_sent)],
    Permission.SEE_INTRODUCTION: [(opened_it,), (owns_a_side, was_sent), (is_its_broker,)],
    Permission.ADVANCE_INTRODUCTION: [(owns_a_side, was_sent), (is_its_broker,)],
    Permission.FOLLOW_CONTRACT: [(is_operator,)],
    Permission.PUBLISH_STATISTICS: [(is_authority, of_the_region), (is_operator,)],
}


def permits(user: Any, permission: Permission, subject: Any = None) -> bool:
    """Whether ``user`` holds ``permission`` over ``subject``."""
    return any(all(holds(user, subject) for holds in row) for row in GRANTS[permission])


def require(user: Any, permission: Permission, subject: Any = None) -> None:
    """Raise :class:`Forbidden` unless ``user`` holds ``permission`` over ``subject``."""
    if not permits(user, permission, subject):
        raise Forbidden(_("您没有进行此操作的权限"))


def requires(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a page that needs no subject: visitors go to the login page, others are refused."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                abort(401)
            require(current_user, permission)
            return view(*args, **kwargs)

        return guarded

    return guard
