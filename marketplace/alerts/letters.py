"""What the mail of a digest says: the same as its page, from what is public when it is sent."""

from collections.abc import Mapping, Sequence

from flask import url_for
from flask_babel import gettext as _

from marketplace.alerts import queries
from marketplace.alerts.queries import Told
from marketplace.listings.models import Listing
from marketplace.notices.letters import Line, Section, one_line
from marketplace.notices.models import Notice
from marketplace.pages import name_of

LONGEST_TITLE = 120


def of_digests(notices: Sequence[Notice]) -> Mapping[int, Sequence[Section]]:
    """Notice id → sections; a digest of which nothing is public any more is left out."""
    numbers = {notice.id: int(notice.subject.partition("/")[2]) for notice in notices}
    told = queries.contents(numbers.values())
    return {
        notice_id: [_section(part) for part in told[number]]
        for notice_id, number in numbers.items()
        if number in told
    }


def heading_of(told: Told) -> str:
    """What stands over the listings of one subscription."""
    name = one_line(told.heading)
    return _("推荐给“%(title)s”", title=name) if told.is_own else _("新发布：%(name)s", name=name)


def _section(told: Told) -> Section:
    return Section(heading_of(told), [_line(listing) for listing in told.listings])


def _line(listing: Listing) -> Line:
    owner = _("匿名单位") if listing.anonymous else listing.organization.name
    known = {"field": listing.field, "region": listing.region}
    facts = [listing.number, *(name_of(k, code) for k, code in known.items() if code), owner]
    path = url_for("matchmaking.show", library=listing.library, listing_id=listing.id)
    return Line(one_line(listing.title, LONGEST_TITLE), " · ".join(facts), path)
