"""A meeting as a calendar file (RFC 5545): one UID for its life, a higher SEQUENCE for each change."""

from icalendar import Calendar, Event

from marketplace.brokering.models import Introduction
from marketplace.brokering.threads.models import Meeting


def calendar_of(introduction: Introduction, meeting: Meeting, address: str) -> bytes:
    """The file; times in UTC, so that every calendar shows its own zone's hour of the same moment.

    ``address`` is the thread's page. It names no person and no organisation: a calendar is shared.
    """
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", f"{introduction.number} {introduction.result.title}")
    event.add("location", meeting.place or meeting.link)
    event.add("description", "\n".join(filter(None, (meeting.agenda, meeting.link, address))))
    event.add("status", "CANCELLED" if meeting.cancelled_at else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Shuangku//Introductions//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if meeting.cancelled_at else "PUBLISH")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
