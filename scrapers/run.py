"""One run of a source: its notices or the reason to hold them back, its faults, its counts."""

from dataclasses import dataclass
from datetime import date, datetime

from scrapers.errors import Fault
from scrapers.fetch import Client
from scrapers.layout import LayoutChanged, Profile, changed
from scrapers.notice import Notice
from scrapers.source import Known, Listed, PassedOver, Source, none_known


@dataclass(frozen=True)
class Run:
    """What came of asking a source once."""

    source: str
    started_at: datetime
    finished_at: datetime
    #: Empty if the layout changed.
    notices: tuple[Notice, ...]
    faults: tuple[Fault, ...]
    layout: LayoutChanged | None
    #: To be kept for the next run; as it was before, if the layout changed.
    profile: Profile
    #: Pages of the listing, its entries, those passed over, and notices held back.
    pages: int
    entries: int
    passed_over: int
    held_back: int

    @property
    def is_complete(self) -> bool:
        """Whether all was read that the listing names; otherwise the next run reads the rest."""
        return not self.faults and self.layout is None


def run(
    source: Source,
    client: Client,
    *,
    profile: Profile | None = None,
    since: date | None = None,
    known: Known = none_known,
) -> Run:
    """Ask a source, and compare what it says with the ``profile`` of its former runs."""
    before, started_at = profile or Profile(), client.clock.now()
    outcomes = list(source.outcomes(client, since=since, known=known))
    notices = tuple(outcome for outcome in outcomes if isinstance(outcome, Notice))
    faults = tuple(outcome for outcome in outcomes if isinstance(outcome, Fault))
    pages = [outcome for outcome in outcomes if isinstance(outcome, Listed)]
    # A first page that is missing yields a fault in its place, and is not the second page.
    first = len(outcomes[0].entries) if outcomes and isinstance(outcomes[0], Listed) else 0
    layout = changed(before, source.name, notices, faults=faults, entries=first)
    return Run(
        source=source.name,
        started_at=started_at,
        finished_at=client.clock.now(),
        notices=() if layout else notices,
        faults=faults,
        layout=layout,
        profile=before if layout or not first else before.after(notices, first),
        pages=len(pages),
        entries=sum(len(page.entries) for page in pages),
        passed_over=sum(isinstance(outcome, PassedOver) for outcome in outcomes),
        held_back=len(notices) if layout else 0,
    )
