"""内蒙古自治区科学技术厅: the needs that its departments gather from enterprises."""

from scrapers.kinds.attached import AttachedLists
from scrapers.notice import Kind


class NmgNeeds(AttachedLists):
    """Announcements of 技术需求, each with a workbook of needs.

    Publisher: 内蒙古自治区科学技术厅
    Terms: not read yet; a government's open information, so that its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "nmg_kjt_needs"
    publisher = "内蒙古自治区科学技术厅"
    address = "https://kjt.nmg.gov.cn/kjdt/tzgg/index.html"
    kind = Kind.NEED

    container, entry, day = "ul.list-news", "li", "span.date"
    numbered, offset, total = "index_{page}.html", 1, r"createPageHTML\((\d+)"
    wanted = "技术需求"
    body, files = "div.article-content", "div.article-content a"
    titles = ("需求名称", "技术需求名称")
