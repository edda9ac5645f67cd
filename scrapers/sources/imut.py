"""内蒙古工业大学: results as tables of label and value."""

from scrapers.kinds.tables import LabelledTables
from scrapers.notice import Kind


class ImutResults(LabelledTables):
    """The library of results, a table for each.

    Publisher: 内蒙古工业大学
    Terms: not read yet; the university's public pages, so that its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "imut_results"
    publisher = "内蒙古工业大学"
    address = "https://kjc.imut.edu.cn/cgk.htm"
    kind = Kind.RESULT

    container, entry, day = "ul.news_list", "li", "span.news_meta"
    numbered, offset, total = "cgk/{page}.htm", 1, r"共(\d+)页"
    heading, body, dateline = "h1.arti_title", "div.wp_articlecontent", "p.arti_metas"
    files = "div.wp_articlecontent a"
