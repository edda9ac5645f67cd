"""宁夏回族自治区科学技术厅: needs in Word files."""

from scrapers.kinds.attached import AttachedLists
from scrapers.notice import Kind


class NingxiaNeeds(AttachedLists):
    """Calls of 东西部科技合作 with a .docx that lists the needs of enterprises.

    Publisher: 宁夏回族自治区科学技术厅
    Terms: not read yet; a government's open information, so that its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "nx_kjt_needs"
    publisher = "宁夏回族自治区科学技术厅"
    address = "https://kjt.nx.gov.cn/zwgk/tzgg/list.html"
    kind = Kind.NEED

    container, entry, link, day = "div.news-list", "div.item", "a.t", "em"
    next_link = "a.next"
    wanted = "需求(清单|汇总|征集)"
    body, files = "div#zoom", "div#zoom a, div.fujian a"
    titles = ("技术难题名称", "需求名称")
