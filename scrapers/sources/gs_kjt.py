"""甘肃省科学技术厅: results by RSS."""

from scrapers.kinds.feeds import Feeds
from scrapers.kinds.prose import MarkedProse
from scrapers.notice import Kind


class GansuResults(MarkedProse, Feeds):
    """A feed of registered results, whose items hold the whole text.

    Publisher: 甘肃省科学技术厅
    Terms: not read yet; a feed is published to be read by programs, its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded feed, which was written for the tests; to be confirmed likewise.
    """

    name = "gs_kjt_results"
    publisher = "甘肃省科学技术厅"
    address = "https://kjt.gansu.gov.cn/rss/kjcg.xml"
    kind = Kind.RESULT

    marks = ("成果简介", "主要技术指标", "适用范围", "知识产权状况", "合作意向")
