"""陕西省技术转移中心: needs as a list of JSON objects."""

from scrapers.kinds.json_lists import JsonLists
from scrapers.notice import Kind


class ShaanxiNeeds(JsonLists):
    """Needs that the market's own pages fetch as JSON.

    Publisher: 陕西省技术转移中心
    Terms: not read yet; nothing may be taken before they are.
    Listing: not known yet; the host below is one that never resolves (RFC 6761).
    Layout: as in the recorded answer, which was written for the tests; to be confirmed likewise.
    """

    name = "sn_market_needs"
    publisher = "陕西省技术转移中心"
    address = "https://sn-market.invalid/api/demand/list.json?page=1"
    kind = Kind.NEED

    items, pages_at, numbered = "data.records", "data.pages", "list.json?page={page}"
    id, title, day, page = "id", "demandName", "publishTime", "/demand/detail.html?id={id}"
    fields = {
        "需求描述": "content",
        "技术指标": "indicators",
        "所属领域": "field.name",
        "所在地区": "area",
        "拟投入资金": "budgetText",
        "合作方式": "modes",
        "联系人": "contact.name",
        "联系电话": "contact.phone",
    }
