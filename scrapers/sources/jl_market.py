"""吉林省科技大市场: needs by Atom, with a page for each."""

from scrapers.kinds.feeds import Feeds
from scrapers.kinds.tables import LabelledTables
from scrapers.notice import Kind


class JilinNeeds(LabelledTables, Feeds):
    """A feed of needs that names only titles; the pages hold lists of terms and descriptions.

    Publisher: 吉林省科技大市场
    Terms: not read yet; a feed is published to be read by programs, its origin has to be named.
    Listing: not known yet; the host below is one that never resolves (RFC 6761).
    Layout: as in the recorded feed, which was written for the tests; to be confirmed likewise.
    """

    name = "jl_market_needs"
    publisher = "吉林省科技大市场"
    address = "https://jl-market.invalid/feed/needs.atom"
    kind = Kind.NEED

    heading, body = "h1", "section.need"
    row, cell = "dl", "dt, dd"
