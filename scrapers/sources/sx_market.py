"""山西省科技成果转化和知识产权交易服务平台: results as cards with windows."""

from scrapers.kinds.cards import Cards
from scrapers.notice import Kind


class ShanxiResults(Cards):
    """Cards of results; the details stand in windows of the same page.

    Publisher: 山西省科技成果转化和知识产权交易服务平台
    Terms: not read yet; nothing may be taken before they are.
    Listing: not known yet; the host below is one that never resolves (RFC 6761).
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "sx_market_results"
    publisher = "山西省科技成果转化和知识产权交易服务平台"
    address = "https://sx-market.invalid/achievement/list.html"
    kind = Kind.RESULT

    container, entry = "div.card-grid", "div.card"
    link, title, day = "a.more", "h5.card-title", "small.text-muted"
    next_link = "li.next a"
    text = "div.modal-body"
