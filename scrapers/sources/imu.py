"""内蒙古大学: results in running text, sections marked by their headings alone."""

from scrapers.kinds.prose import MarkedProse
from scrapers.notice import Kind


class ImuResults(MarkedProse):
    """Results recommended by the science department, pasted from Word.

    Publisher: 内蒙古大学
    Terms: not read yet; the university's public pages, so that its origin has to be named.
    Listing: the address below is assumed, and has to be confirmed on the live site.
    Layout: as in the recorded page, which was written for the tests; to be confirmed likewise.
    """

    name = "imu_results"
    publisher = "内蒙古大学"
    address = "https://kjc.imu.edu.cn/cgzh/cgtj.htm"
    kind = Kind.RESULT

    container, entry, day = "div.list ul", "li", "span"
    next_link = "span.p_next a"
    heading, body, dateline = "div.content h2", "div.v_news_content", "div.content p.info"
    files = "form div.v_news_content ~ ul a"
    marks = (
        "成果简介",
        "成果介绍",
        "技术指标",
        "应用领域",
        "应用前景",
        "知识产权",
        "合作方式",
        "联系方式",
    )
