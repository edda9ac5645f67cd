"""Who may do what: one table over the facts of :mod:`marketplace.predicates`.

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
from marketplace.predicates import (
    Predicate,
    Role,
    before_experts,
    broker_is_let_in,
    counterpart_has_confirmed,
    has_no_interest,
    is_addressee,
    is_asked,
    is_authority,
    is_broker,
    is_clerk,
    is_contacted,
    is_counterpart,
    is_effective,
    is_enterprise,
    is_expert,
    is_in_talks,
    is_institute,
    is_its_broker,
    is_not_typist,
    is_of_points_host,
    is_operator,
    is_owner,
    is_party,
    is_public,
    is_registered,
    is_reviewer,
    is_signed_in,
    is_tax,
    is_themselves,
    is_typist,
    of_its_league,
    of_the_region,
    of_this_point,
    opened_it,
    owns_a_side,
    shares_commission,
    was_sent,
)

__all__ = ["GRANTS", "Permission", "Role", "permits", "require", "requires"]


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
    SEE_ENTRY = "see_entry"  # read the sums of a ledger entry and take its bytes with the receipt
    OPEN_INTRODUCTION = "open_introduction"  # propose a contact between a need and a result
    SEND_INTRODUCTION = "send_introduction"  # write, send, withdraw one's own proposal
    ANSWER_INTRODUCTION = "answer_introduction"  # say yes, no or ask, as a side that was asked
    SEE_INTRODUCTION = "see_introduction"  # read the thread of an introduction
    ADVANCE_INTRODUCTION = "advance_introduction"  # write down meetings, talks and their end
    SEE_THREAD = "see_thread"  # read what was said and filed since both said yes
    WRITE_THREAD = "write_thread"  # speak, file, meet and confirm while both talk
    SEE_DISCLOSED = "see_disclosed"  # look at what one side shows to the other in confidence
    FOLLOW_CONTRACT = "follow_contract"  # what deadlines and the contract's case say; no person's
    PLAN_INTRODUCTION = "plan_introduction"  # say what has to happen next, by when
    WORK_AS_BROKER = "work_as_broker"  # the board, the queue, the day's pairs, visits
    KEEP_BROKER_RECORD = "keep_broker_record"  # one's own certificates, fields, declaration
    SEE_BROKER_RECORD = "see_broker_record"  # the file of a broker, with its certificates
    DECIDE_BROKER = "decide_broker"  # record, suspend, reinstate, strike off
    SHARE_OUT_CASES = "share_out_cases"  # give unserved needs to brokers, see everybody's load
    TAKE_CASE = "take_case"  # take, or hand back, a need that was given to oneself
    SEE_VISIT = "see_visit"  # read what was written down during a visit
    ANSWER_VISIT = "answer_visit"  # confirm, correct or refuse it, for the enterprise
    REFINE_NEED = "refine_need"  # answer the questions that a need leaves open
    SEE_REFINEMENT = "see_refinement"  # read the answers beside the need's own words
    OFFER_AGREEMENT = "offer_agreement"  # write a version of a brokerage agreement
    SEE_AGREEMENT = "see_agreement"  # read and confirm it, and what came of it
    SEE_FUNNEL = "see_funnel"  # what became of the matches; a broker sees their own
    SEE_BACKGROUND = "see_background"  # what waits in the background, what failed, try it again
    SEE_ADDRESSED = (
        "see_addressed"  # what is addressed to oneself: notices, searches, digests, mail
    )
    MANAGE_MAIL = "manage_mail"  # see what was sent to everybody, try again what failed
    SEE_CREDIT_RECORD = "see_credit_record"  # read one behaviour record
    OBJECT_TO_CREDIT = "object_to_credit"  # object to one's own record, ask for its repair
    RECORD_CREDIT = "record_credit"  # record a behaviour, with evidence
    DECIDE_CREDIT = "decide_credit"  # decide objections, repairs and signs; see their files
    AGE_CREDIT = "age_credit"  # what dates and sources say of a record; no person's
    PUBLISH_STATISTICS = "publish_statistics"  # give a month's tables out and close it


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
    Permission.SEE_ENTRY: [(is_authority,), (is_operator,), (is_tax,)],
    Permission.OPEN_INTRODUCTION: [(owns_a_side,), (is_broker,)],
    Permission.SEND_INTRODUCTION: [(opened_it,)],
    Permission.ANSWER_INTRODUCTION: [(is_asked, was_sent)],
    Permission.SEE_INTRODUCTION: [(opened_it,), (owns_a_side, was_sent), (is_its_broker,)],
    Permission.ADVANCE_INTRODUCTION: [(owns_a_side, was_sent), (is_its_broker,)],
    Permission.SEE_THREAD: [(owns_a_side, is_contacted), (is_its_broker, is_contacted)],
    Permission.WRITE_THREAD: [(owns_a_side, is_in_talks), (is_its_broker, is_in_talks)],
    Permission.SEE_DISCLOSED: [
        (is_owner,),
        (is_counterpart, counterpart_has_confirmed, is_in_talks),
        (is_its_broker, broker_is_let_in, is_in_talks),
    ],
    Permission.FOLLOW_CONTRACT: [(is_operator,)],
    Permission.PLAN_INTRODUCTION: [(is_its_broker,)],
    Permission.WORK_AS_BROKER: [(is_broker,)],
    Permission.KEEP_BROKER_RECORD: [(is_broker, is_themselves)],
    Permission.SEE_BROKER_RECORD: [(is_broker, is_themselves), (is_operator,)],
    Permission.DECIDE_BROKER: [(is_operator,)],
    Permission.SHARE_OUT_CASES: [(is_operator,)],
    Permission.TAKE_CASE: [(is_broker, is_themselves)],
    Permission.SEE_VISIT: [(is_broker, is_themselves), (is_operator,)],
    Permission.ANSWER_VISIT: [(is_owner,)],
    Permission.REFINE_NEED: [(is_owner,), (is_broker, is_public)],
    Permission.SEE_REFINEMENT: [(is_owner,), (is_broker, is_themselves)],
    Permission.OFFER_AGREEMENT: [(owns_a_side, was_sent), (is_its_broker,)],
    Permission.SEE_AGREEMENT: [(owns_a_side, was_sent), (is_its_broker,), (shares_commission,)],
    Permission.SEE_FUNNEL: [(is_operator,), (is_authority,), (is_broker,)],
    Permission.SEE_BACKGROUND: [(is_operator,)],
    Permission.SEE_ADDRESSED: [(is_signed_in, is_addressee)],
    Permission.MANAGE_MAIL: [(is_operator,)],
    Permission.SEE_CREDIT_RECORD: [
        (is_owner,),
        (is_broker, is_addressee),
        (is_operator,),
        (is_signed_in, is_effective),
    ],
    Permission.OBJECT_TO_CREDIT: [(is_owner,), (is_broker, is_addressee)],
    Permission.RECORD_CREDIT: [(is_operator,)],
    Permission.DECIDE_CREDIT: [(is_operator,)],
    Permission.AGE_CREDIT: [(is_operator,)],
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
