"""辽宁省科学技术厅: needs in PDF files."""

from scrapers.kinds.attached import AttachedLists
from scrapers.notice import Kind


class LiaoningChallenges(AttachedLists):
    """Challenges 揭榜挂帅, each announcement with a PDF whose table goes over several pages.

    Publisher: 辽宁省科学技术厅
    Terms: not read yet; a government's open information, so that its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "ln_kjt_challenges"
    publisher = "辽宁省科学技术厅"
    address = "https://kjt.ln.gov.cn/kjt/tzgg/index.html"
    kind = Kind.NEED

    container, entry, day = "table.dlist", "tr.row", "td.time"
    numbered, total = "index_{page}.html", r"共\s*(\d+)\s*页"
    wanted = "揭榜|榜单"
    body, files = "div.TRS_Editor", "div.TRS_Editor a, p.annex a"
    titles = ("榜单名称", "项目名称")
