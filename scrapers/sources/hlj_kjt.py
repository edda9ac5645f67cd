"""黑龙江省科学技术厅: results as plain pages."""

from scrapers.kinds.articles import Articles
from scrapers.notice import Kind


class HeilongjiangResults(Articles):
    """Results of the province's universities, a page of running text for each, files attached.

    Publisher: 黑龙江省科学技术厅
    Terms: not read yet; a government's open information, so that its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "hlj_kjt_results"
    publisher = "黑龙江省科学技术厅"
    address = "https://kjt.hlj.gov.cn/kjt/cgtj/list.html"
    kind = Kind.RESULT

    container, entry, day = "ul.zwgk_list", "li", "b"
    numbered = "list_{page}.html"
    heading, body, dateline = "h1.title", "div.zw_content", "div.zw_info"
    beside, files = "div.share, p.editor", "div.zw_content a"
