"""A changed layout is noticed: by what was always there, and is not any more.

A source reads where things stood when it was written. When a site is rebuilt, nothing need fail: the
fields are empty, the list is short, the text is what now stands in its place. So each run is compared
with a small profile of those before it, which the caller keeps. What differs too much is reported, and
the notices of that run are held back until a person has looked.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from scrapers.errors import Fault, FaultKind
from scrapers.notice import Notice

#: A field is always there, if so large a share of at least so many notices had it.
STEADY_SHARE = 0.95
STEADY_NOTICES = 10
#: It is gone, if less than this share of a run's notices has it.
GONE_SHARE = 0.5
#: One or two notices without a field may be as they are; without two of them they are not.
FEW_NOTICES = 3
#: A page of the listing, or a text, has collapsed below this share of what it used to be.
COLLAPSED_SHARE = 0.3
#: Counts are halved beyond this, so that a profile follows a slow change.
MOST_NOTICES = 2_000


@dataclass(frozen=True)
class Profile:
    """What a source's runs looked like so far: counts over all their notices."""

    runs: int = 0
    notices: int = 0
    #: How many notices had each label.
    labels: dict[str, int] = field(default_factory=dict)
    #: Characters of all texts, entries of all first pages of the listing.
    characters: int = 0
    entries: int = 0

    def dumps(self) -> str:
        """The profile as JSON, to be kept."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> "Profile":
        """The profile from what :meth:`dumps` gave."""
        return cls(**json.loads(text))

    def steady(self) -> list[str]:
        """Labels that were always there; none before there are enough notices to tell."""
        if self.notices < STEADY_NOTICES:
            return []
        return sorted(k for k, count in self.labels.items() if count >= STEADY_SHARE * self.notices)

    def after(self, notices: Sequence[Notice], entries: int) -> "Profile":
        """The profile with one more run."""
        kept = self if self.notices <= MOST_NOTICES else self.halved()
        labels = dict(kept.labels)
        for notice in notices:
            for label in labels_of(notice):
                labels[label] = labels.get(label, 0) + 1
        return Profile(
            kept.runs + 1,
            kept.notices + len(notices),
            labels,
            kept.characters + sum(len(notice.text) for notice in notices),
            kept.entries + entries,
        )

    def halved(self) -> "Profile":
        """The profile with half the weight."""
        labels = {label: count // 2 for label, count in self.labels.items()}
        counts = (self.notices // 2, labels, self.characters // 2, self.entries // 2)
        return Profile(max(1, self.runs // 2), *counts)


@dataclass(frozen=True)
class LayoutChanged:
    """Why a run's notices are held back; what does not apply is empty."""

    source: str
    #: Labels that were always there.
    missing: tuple[str, ...] = ()
    #: Entries of the listing's first page: as usual, and now.
    entries: tuple[float, int] | None = None
    #: Characters of a text: as usual, and now.
    characters: tuple[float, float] | None = None
    #: Places that most pages lack.
    places: tuple[str, ...] = ()


def labels_of(notice: Notice) -> list[str]:
    """What a notice has that a layout can lose: its labels, its date, its attachments."""
    others = {"published_on": notice.published_on, "attachments": notice.attachments}
    return [label for label, _ in notice.fields] + [name for name, v in others.items() if v]


def changed(
    profile: Profile,
    source: str,
    notices: Sequence[Notice],
    *,
    faults: Sequence[Fault],
    entries: int,
) -> LayoutChanged | None:
    """What of a run does not fit the profile; None if all does.

    ``entries`` is the number on the first page of the listing, 0 if it could not be read.
    """
    found = LayoutChanged(
        source,
        missing=lost_labels(profile, notices),
        entries=lost_entries(profile, entries, faults),
        characters=lost_text(profile, notices),
        places=lost_places(notices, faults, entries),
    )
    return None if found == LayoutChanged(source) else found


def lost_labels(profile: Profile, notices: Sequence[Notice]) -> tuple[str, ...]:
    """Labels that were always there, and that most of the notices lack."""
    if not notices:
        return ()
    had = [set(labels_of(notice)) for notice in notices]
    lost = [
        label
        for label in profile.steady()
        if sum(label in labels for labels in had) < GONE_SHARE * len(notices)
    ]
    return tuple(lost) if len(notices) >= FEW_NOTICES or len(lost) > 1 else ()


def lost_entries(
    profile: Profile, entries: int, faults: Sequence[Fault]
) -> tuple[float, int] | None:
    """Usual and present number of entries, if it collapsed and the page itself was had."""
    if not profile.runs or (entries == 0 and not any(is_misplaced(fault) for fault in faults)):
        return None
    usual = profile.entries / profile.runs
    return (usual, entries) if entries < COLLAPSED_SHARE * usual else None


def lost_text(profile: Profile, notices: Sequence[Notice]) -> tuple[float, float] | None:
    """Usual and present length of a text, if it collapsed."""
    if profile.notices < STEADY_NOTICES or len(notices) < FEW_NOTICES:
        return None
    usual, now = (
        profile.characters / profile.notices,
        sum(len(n.text) for n in notices) / len(notices),
    )
    return (usual, now) if now < COLLAPSED_SHARE * usual else None


def lost_places(
    notices: Sequence[Notice], faults: Sequence[Fault], entries: int
) -> tuple[str, ...]:
    """Places that pages lack, if at least half of them do, or the listing itself does."""
    lacking = [fault for fault in faults if is_misplaced(fault)]
    listing = entries == 0 and bool(lacking)
    most = len(lacking) >= 2 and len(lacking) >= len(notices)
    return tuple(sorted({fault.detail for fault in lacking})) if listing or most else ()


def is_misplaced(fault: Fault) -> bool:
    """Whether a fault says that the page was had, and something on it was not where it should be."""
    return fault.kind in {FaultKind.MISSING, FaultKind.REFUSED}
