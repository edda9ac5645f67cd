"""What a new contract knows already: its parties, and the need and the result that led to it."""

from typing import Any

from marketplace.accounts.models import Organization, OrganizationKind
from marketplace.contracts.columns import Facts
from marketplace.listings.models import Need, Result

#: The nature (L8) that goes with the kind of a member; others must be chosen.
NATURES = {OrganizationKind.INSTITUTE: "0211", OrganizationKind.ENTERPRISE: "150"}
NAME_LIMIT, TEXT_LIMIT = 200, 20_000


def facts_from(
    applicant: Organization,
    *,
    need: Need | None = None,
    result: Result | None = None,
    named: bool = False,
) -> Facts:
    """Facts of a draft whose applicant sells ``result`` to the owner of ``need``.

    Whoever applies for a contract about their own need buys; an anonymous owner stays unnamed
    unless the two are in contact and know each other (``named``).
    """
    subject = result or need
    buys = need is not None and need.organization_id == applicant.id
    other = _named_owner(result if buys else need, applicant, named)
    facts: Facts = {
        "sellers": [party_of(other if buys else applicant)] if other or not buys else [],
        "buyers": [party_of(applicant if buys else other)] if other or buys else [],
        "need_id": need.id if need else None,
        "result_id": result.id if result else None,
    }
    if subject is not None:
        facts |= {
            "project_name": subject.title[:NAME_LIMIT],
            "content": (subject.description or subject.summary)[:TEXT_LIMIT],
            "field": subject.field,
        }
    return facts


def _named_owner(listing: Any, applicant: Organization, named: bool) -> Organization | None:
    hidden = listing is None or (listing.anonymous and not named)
    if hidden or listing.organization_id == applicant.id:
        return None
    return listing.organization


def party_of(organization: Organization | None) -> Facts:
    """A party as far as the market knows the member; the rest is typed."""
    if organization is None:
        return {}
    return {
        "name": organization.name,
        "seal_name": organization.name,
        "uscc": organization.uscc or "",
        "nature": NATURES.get(organization.kind, ""),
        "country": "156",
        "region": organization.region,
        "share": 10_000,
    }
