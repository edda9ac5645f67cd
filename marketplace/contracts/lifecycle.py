"""The life of a contract as one table, row for row as the registration procedure has it."""

from marketplace.contracts import guards as g
from marketplace.contracts import request_guards as r
from marketplace.contracts.states import Action, State
from marketplace.lifecycle import Lifecycle, Move
from marketplace.permissions import Permission

APPLY, ACCEPT, REVIEW = (
    Permission.APPLY_CONTRACT,
    Permission.ACCEPT_CONTRACT,
    Permission.REVIEW_CONTRACT,
)
REFUSE, APPROVE, EXAMINE = (
    Permission.REFUSE_CONTRACT,
    Permission.APPROVE_CONTRACT,
    Permission.EXAMINE_CONTRACT,
)
ADVISE, REVOKE = Permission.ADVISE_ON_CONTRACT, Permission.REVOKE_CONTRACT
OBJECT, LAPSE = Permission.OBJECT_TO_CONTRACT, Permission.LAPSE_CONTRACT


def _move(
    source: State,
    action: Action,
    target: State,
    permission: Permission,
    *guards: g.Guard,
    when: g.Guard | None = None,
    reason: bool = False,
) -> Move[State, Action, Permission]:
    return Move(source, action, target, permission, reason, when, guards)


CONTRACT: Lifecycle[State, Action, Permission] = Lifecycle(
    [
        _move(State.DRAFT, Action.SUBMIT, State.SUBMITTED, APPLY, g.applicant_is_verified, g.applicant_is_entitled, g.form_is_valid, g.contract_text_is_attached, g.nothing_is_classified, g.within_term),
        _move(State.SUBMITTED, Action.SEND_BACK, State.DRAFT, ACCEPT, g.gate_is_named, reason=True),
        _move(State.SUBMITTED, Action.ACCEPT, State.ACCEPTED, ACCEPT, g.point_may_take_it, g.files_are_complete, g.no_live_twin),
        _move(State.SUBMITTED, Action.ASK_REPAIR, State.SUPPLEMENT, ACCEPT, g.repairs_are_listed),
        _move(State.REVIEW1, Action.ASK_REPAIR, State.SUPPLEMENT, ACCEPT, g.repairs_are_listed),
        _move(State.SUPPLEMENT, Action.RESUBMIT, State.SUBMITTED, APPLY, g.repairs_are_answered, g.form_is_valid, g.contract_text_is_attached, g.nothing_is_classified, g.within_term),
        _move(State.SUPPLEMENT, Action.LAPSE, State.WITHDRAWN, LAPSE, g.supplement_time_is_over, g.applicant_was_notified),
        _move(State.ACCEPTED, Action.ASSIGN, State.REVIEW1, ACCEPT, g.clerk_is_of_this_point, g.clerk_is_impartial, g.deputy_stands_in_only),
        _move(State.REVIEW1, Action.ASSIGN, State.REVIEW1, ACCEPT, g.clerk_is_of_this_point, g.clerk_is_impartial, g.deputy_stands_in_only),
        _move(State.EXPERT, Action.ASSIGN, State.EXPERT, ACCEPT, g.clerk_is_of_this_point, g.clerk_is_impartial, g.deputy_stands_in_only),
        _move(State.REVIEW1, Action.REFER, State.EXPERT, REVIEW, g.is_large_or_disputed),
        _move(State.EXPERT, Action.ADVISE, State.EXPERT, ADVISE, g.opinion_is_written),
        _move(State.REVIEW1, Action.PROPOSE, State.REVIEW2, REVIEW, g.actor_is_first_reviewer, g.tests_are_passed, g.form_is_valid, g.experts_were_heard, when=g.second_review_is_due),
        _move(State.REVIEW1, Action.PROPOSE, State.REGISTERED, REVIEW, g.actor_is_first_reviewer, g.tests_are_passed, g.form_is_valid, g.experts_were_heard, g.no_live_twin, when=g.one_review_suffices),
        _move(State.EXPERT, Action.PROPOSE, State.REVIEW2, REVIEW, g.actor_is_first_reviewer, g.tests_are_passed, g.form_is_valid, g.experts_were_heard, when=g.second_review_is_due),
        _move(State.EXPERT, Action.PROPOSE, State.REGISTERED, REVIEW, g.actor_is_first_reviewer, g.tests_are_passed, g.form_is_valid, g.experts_were_heard, g.no_live_twin, when=g.one_review_suffices),
        _move(State.REVIEW1, Action.REFUSE, State.REFUSED, REFUSE, g.grounds_are_given),
        _move(State.EXPERT, Action.REFUSE, State.REFUSED, REFUSE, g.grounds_are_given),
        _move(State.REVIEW2, Action.REFUSE, State.REFUSED, REFUSE, g.reviewer_is_another, g.reviewer_is_from_outside, g.grounds_are_given),
        _move(State.REVIEW2, Action.AGREE, State.REGISTERED, APPROVE, g.reviewer_is_another, g.reviewer_is_from_outside, g.form_is_valid, g.no_live_twin),
        _move(State.REVIEW2, Action.RETURN, State.REVIEW1, APPROVE, g.reviewer_is_another, g.reviewer_is_from_outside, reason=True),
        _move(State.REGISTERED, Action.REQUEST_CHANGE, State.CHANGE_PENDING, APPLY, r.proof_is_attached, r.change_is_said, r.change_is_valid, reason=True),
        _move(State.CHANGE_PENDING, Action.EXAMINE, State.CHANGE_PENDING, EXAMINE, r.not_examined_yet, g.opinion_is_written),
        _move(State.CHANGE_PENDING, Action.ADVISE, State.CHANGE_PENDING, ADVISE, r.experts_are_asked, g.opinion_is_written),
        _move(State.CHANGE_PENDING, Action.AGREE, State.REGISTERED, APPROVE, r.examined_by_another, g.reviewer_is_from_outside, r.changed_type_is_tested, g.experts_were_heard, r.sum_is_within_delegation, r.income_fits_the_change),
        _move(State.CHANGE_PENDING, Action.REJECT, State.REGISTERED, APPROVE, r.examined_by_another, g.reviewer_is_from_outside, reason=True),
        _move(State.REGISTERED, Action.REQUEST_CANCEL, State.CANCEL_PENDING, APPLY, r.proof_is_attached, reason=True),
        _move(State.CANCEL_PENDING, Action.EXAMINE, State.CANCEL_PENDING, EXAMINE, r.not_examined_yet, g.opinion_is_written),
        _move(State.CANCEL_PENDING, Action.AGREE, State.CANCELLED, APPROVE, r.examined_by_another, g.reviewer_is_from_outside),
        _move(State.CANCEL_PENDING, Action.REJECT, State.REGISTERED, APPROVE, r.examined_by_another, g.reviewer_is_from_outside, reason=True),
        _move(State.REGISTERED, Action.COMPLETE, State.REGISTERED, APPLY, r.not_completed_yet),
        _move(State.REGISTERED, Action.PROPOSE_REVOKE, State.REGISTERED, REVOKE, r.hearing_is_recorded, r.no_revocation_is_proposed, reason=True),
        _move(State.REGISTERED, Action.DROP_REVOKE, State.REGISTERED, REVOKE, r.revocation_is_proposed, reason=True),
        _move(State.REGISTERED, Action.REVOKE, State.REVOKED, REVOKE, r.revocation_is_proposed_by_another),
        _move(State.REGISTERED, Action.OBJECT, State.REEXAM, OBJECT, r.objection_is_in_time, reason=True),
        _move(State.REFUSED, Action.OBJECT, State.REEXAM, OBJECT, r.objection_is_in_time, r.case_was_not_purged, reason=True),
        _move(State.REEXAM, Action.EXAMINE, State.REEXAM, EXAMINE, r.not_examined_yet, r.was_no_reviewer_before, g.opinion_is_written, r.change_is_valid),
        _move(State.REEXAM, Action.ADVISE, State.REEXAM, ADVISE, r.experts_are_asked, g.opinion_is_written),
        _move(State.REEXAM, Action.AGREE, State.REGISTERED, APPROVE, r.examined_by_another, r.was_no_reviewer_before, g.reviewer_is_from_outside, g.tests_are_passed, g.experts_were_heard, r.sum_is_within_delegation, g.amended_form_is_valid, r.income_fits_the_change, g.no_live_twin),
        _move(State.REEXAM, Action.UPHOLD, State.REGISTERED, APPROVE, r.examined_by_another, r.was_no_reviewer_before, g.reviewer_is_from_outside, when=r.was_registered, reason=True),
        _move(State.REEXAM, Action.UPHOLD, State.REFUSED, APPROVE, r.examined_by_another, r.was_no_reviewer_before, g.reviewer_is_from_outside, when=r.was_refused, reason=True),
        _move(State.REEXAM, Action.REVOKE, State.REVOKED, REVOKE, r.was_registered, r.examined_by_another, r.was_no_reviewer_before),
        *(
            _move(state, Action.WITHDRAW, State.WITHDRAWN, APPLY)
            for state in (State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.ACCEPTED, State.REVIEW1, State.EXPERT, State.REVIEW2)
        ),
        *(
            _move(state, Action.PURGE, State.WITHDRAWN, Permission.PURGE_CONTRACT, g.order_is_recorded, reason=True)
            for state in (State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.ACCEPTED, State.REVIEW1, State.EXPERT, State.REVIEW2)
        ),
    ]
)  # fmt: skip
