"""Every registered source: over its recorded pages, and over the same pages with faults.

The pages were written for these tests, after the layouts such sites use; every organisation, person and
number in them is invented.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest

from scrapers.errors import Fault, FaultKind
from scrapers.fetch import Client
from scrapers.notice import Attachment, Notice
from scrapers.personal import find
from scrapers.source import PATIENCE, Source
from scrapers.sources import registered
from tests.scrapers import site as faults
from tests.scrapers.clock import Hands
from tests.scrapers.site import Site, Spoiler

PAGES = Path(__file__).parent / "pages"
SOURCES = list(registered())

#: Notices that the recorded pages of each source hold, the first, and a field of it with its value.
RECORDED = {
    "gs_kjt_results": (3, "荒漠区光伏板下中药材种植技术", ("适用范围", "年降水200毫米以下地区。")),
    "hlj_kjt_results": (3, "寒地水稻智能催芽系统", None),
    "imu_results": (
        4,
        "草原枯草期牧草青贮乳酸菌制剂",
        ("应用前景", "适用于内蒙古中东部秋末收获的牧草青贮。"),
    ),
    "imut_results": (4, "电石渣基蓄热砖制备技术", ("成果阶段", "中试")),
    "jl_market_needs": (3, "梅花鹿鹿茸低温冻干工艺", ("拟投入", "80万元")),
    "ln_kjt_challenges": (13, "航空发动机叶片高温涂层", ("主要指标", "寿命≥800小时")),
    "nmg_kjt_needs": (
        7,
        "低温环境下质子交换膜电解水制氢系统快速启动技术",
        ("拟投入资金（万元）", "300"),
    ),
    "nx_kjt_needs": (4, "枸杞鲜果低损采摘装备", ("希望合作方式", "联合开发")),
    "sn_market_needs": (4, "油田压裂返排液除硼技术", ("合作方式", "合作开发、技术转让")),
    "sx_market_results": (4, "煤层气井智能排采系统", ("转化方式", "技术许可")),
}


@pytest.fixture
def open_source(site: Site) -> Callable[[str], Source]:
    """Serve the recorded pages of a source, and make it read them."""

    def serve(name: str) -> Source:
        site.put_folder(f"/{name}", PAGES / name)
        address = registered()[name].address
        return registered()[name](site.url(f"/{name}/{address.rsplit('/', 1)[1]}"))

    return serve


@pytest.fixture
def client(a_client: Callable[..., Client]) -> Client:
    return a_client(seconds_apart=0)


def split(outcomes: list[Notice | Fault]) -> tuple[dict[str, Notice], list[Fault]]:
    """Notices by key, and faults."""
    notices = [outcome for outcome in outcomes if isinstance(outcome, Notice)]
    assert len({notice.source_key for notice in notices}) == len(notices), "a notice twice"
    return {n.source_key: n for n in notices}, [o for o in outcomes if isinstance(o, Fault)]


def said(notice: Notice) -> tuple:
    """What a notice says, whenever and however it was fetched."""
    return notice.title, notice.text, notice.fields, notice.published_on


def test_every_source_has_recorded_pages() -> None:
    assert set(RECORDED) == set(SOURCES) == {path.name for path in PAGES.iterdir()}
    assert len(SOURCES) >= 8


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_says_who_publishes_where_and_on_what_terms(name: str) -> None:
    source = registered()[name]
    documented = source.__doc__ or ""
    assert all(
        f"\n    {word}: " in documented for word in ("Publisher", "Terms", "Listing", "Layout")
    )
    assert source.publisher in documented
    assert source.address.startswith("https://")


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_described_in_about_thirty_lines(name: str) -> None:
    module = Path(__import__(registered()[name].__module__, fromlist=["x"]).__file__ or "")
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_reads_its_recorded_pages(name: str, open_source, client: Client) -> None:
    notices, troubles = split(list(open_source(name).notices(client)))
    count, title, field = RECORDED[name]
    first = next(iter(notices.values()))
    assert troubles == []
    assert (len(notices), first.title) == (count, title)
    assert field is None or field in first.fields
    for notice in notices.values():
        assert notice.published_on
        assert "联系我们" not in notice.text, "the page around the notice"
        assert "var site" not in notice.text


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_in_a_field_is_invented(name: str, open_source, client: Client) -> None:
    """A value is a piece of the text, to the letter but for breaks of lines."""
    for notice in split(list(open_source(name).notices(client)))[0].values():
        text = "".join(notice.text.split())
        for label, value in notice.fields:
            assert "".join(value.split()) in text, label


@pytest.mark.parametrize("name", SOURCES)
def test_no_personal_data_of_a_recorded_page_survives(
    name: str, open_source, client: Client
) -> None:
    for notice in split(list(open_source(name).notices(client)))[0].values():
        shown = notice.redacted()
        whole = "\n".join(
            [shown.title, shown.text, *(f"{k}：{v}" for k, v in shown.fields)]
            + [cell for a in shown.attachments for row in a.rows for cell in row]
        )
        assert find(whole) == []
        assert not re.search(r"1[3-9]\d{9}|@|13800|0471-", whole)


@pytest.mark.parametrize("name", SOURCES)
def test_a_second_run_adds_nothing(name: str, open_source, client: Client) -> None:
    source = open_source(name)
    first, _ = split(list(source.notices(client)))
    again, troubles = split(list(source.notices(client, known=first.__contains__)))
    assert (again, troubles) == ({}, [])
    same, _ = split(list(source.notices(client)))
    assert {k: n.content_hash for k, n in same.items()} == {
        k: n.content_hash for k, n in first.items()
    }


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_older_is_neither_read_nor_asked_for(
    name: str, open_source, client: Client, site: Site
) -> None:
    source = open_source(name)
    whole, _ = split(list(source.notices(client)))
    asked = len(site.asked())
    since = date(2026, 11, 1)
    recent, troubles = split(list(source.notices(client, since=since)))
    assert troubles == []
    assert set(recent) == {
        k for k, n in whole.items() if n.published_on and n.published_on >= since
    }
    assert 0 < len(recent) < len(whole)
    assert len(site.asked()) - asked <= asked


PASSING = {
    "429": faults.answers(429, Retry_After="5"),
    "503": faults.answers(503),
    "half": faults.half,
    "broken off": faults.broken_off,
    "packed": faults.packed,
}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("name", SOURCES)
def test_what_passes_costs_nothing(
    name: str, fault: str, open_source, a_client: Callable[..., Client], site: Site
) -> None:
    source = open_source(name)
    whole, _ = split(list(source.notices(a_client(seconds_apart=0))))
    for path in set(site.asked()):
        site.spoil(path, PASSING[fault])
    found, troubles = split(list(source.notices(a_client(seconds_apart=0))))
    assert troubles == []
    assert {k: said(n) for k, n in found.items()} == {k: said(n) for k, n in whole.items()}


@pytest.mark.parametrize("name", SOURCES)
def test_gb18030_declared_as_utf8_is_read_all_the_same(
    name: str, open_source, a_client: Callable[..., Client], site: Site
) -> None:
    source = open_source(name)
    whole, _ = split(list(source.notices(a_client(seconds_apart=0))))
    for path in set(site.asked()):
        if not re.search(r"\.(pdf|docx|xlsx)$", path):
            site.spoil(path, faults.gb18030_declared_as_utf8)
    found, troubles = split(list(source.notices(a_client(seconds_apart=0))))
    assert troubles == []
    assert {k: said(n) for k, n in found.items()} == {k: said(n) for k, n in whole.items()}


def rebuilt(handler: faults.Handler, answer: faults.Answer) -> faults.Answer:
    """The same site with other names for everything."""
    body = re.sub(rb'(class|id)="[^"]*"', rb'\1="new"', answer.body)
    return faults.Answer(
        re.sub(rb'"(data|records|demandName)"', b'"new"', body), content_type=answer.content_type
    )


LASTING: dict[str, tuple[Spoiler, set[FaultKind]]] = {
    "404": (faults.answers(404), {FaultKind.STATUS}),
    "500": (faults.answers(500), {FaultKind.STATUS}),
    "503": (faults.answers(503, Retry_After="7200"), {FaultKind.BUSY}),
    "half": (faults.half, {FaultKind.INCOMPLETE}),
    "broken off": (faults.broken_off, {FaultKind.INCOMPLETE}),
    "loop": (lambda h, a: faults.redirects(h.path)(h, a), {FaultKind.REDIRECTS}),
    "private": (faults.redirects("http://169.254.169.254/"), {FaultKind.ADDRESS}),
    "no encoding": (
        faults.in_no_encoding,
        {FaultKind.ENCODING, FaultKind.UNREADABLE, FaultKind.INCOMPLETE},
    ),
    "bomb": (faults.bomb(25_000_000), {FaultKind.TOO_LARGE}),
    "empty": (lambda h, a: faults.Answer(), {FaultKind.INCOMPLETE}),
    "another page": (
        lambda h, a: faults.Answer("<html><p>系统维护中</p></html>".encode()),
        {FaultKind.MISSING, FaultKind.UNREADABLE, FaultKind.INCOMPLETE},
    ),
}


@pytest.fixture
def loses_nothing(
    site: Site, a_client: Callable[..., Client]
) -> Callable[[Source, Callable[[str], None]], set[FaultKind]]:
    """Spoil the page in the middle of a source's run; compare with the run before and the one after."""

    def compare(source: Source, spoil: Callable[[str], None]) -> set[FaultKind]:
        first = a_client(seconds_apart=0)
        whole, _ = split(list(source.notices(first)))
        asked = [path for path in site.asked() if site.answer(path).status == 200]
        spoil(asked[len(asked) // 2])
        found, troubles = split(list(source.notices(a_client(seconds_apart=0))))
        for key, notice in found.items():
            assert said(notice) == said(whole[key])
        site.mend()
        rest, none = split(list(source.notices(first, known=found.__contains__)))
        assert none == []
        assert found.keys() | rest.keys() == whole.keys()
        return {trouble.kind for trouble in troubles}

    return compare


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("name", SOURCES)
def test_a_fault_in_the_middle_loses_and_invents_nothing(
    name: str, fault: str, open_source, loses_nothing, site: Site
) -> None:
    spoiler, kinds = LASTING[fault]
    met = loses_nothing(open_source(name), lambda path: site.spoil_all(path, spoiler))
    assert met and met <= kinds


@pytest.mark.parametrize("name", SOURCES)
def test_a_page_that_drips_loses_and_invents_nothing(
    name: str, open_source, loses_nothing, site: Site, clock: Hands
) -> None:
    slow = faults.drips(clock, 40)
    assert loses_nothing(open_source(name), lambda path: site.spoil_all(path, slow)) == {
        FaultKind.SLOW
    }


@pytest.mark.parametrize("name", SOURCES)
def test_a_page_closed_to_robots_is_not_asked_for(
    name: str, open_source, loses_nothing, site: Site
) -> None:
    closed: list[str] = []

    def close(path: str) -> None:
        closed.append(path)
        site.put("/robots.txt", f"User-agent: *\nDisallow: {path}$")

    assert loses_nothing(open_source(name), close) == {FaultKind.ROBOTS}
    # Once before it was closed, and once by the client that had read the rules before.
    assert len(site.asked(closed[0])) == 2


def damaged(body: bytes, chance: Random) -> bytes:
    """A page with pieces lost, doubled, and replaced by what breaks parsers."""
    found = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        start = chance.randint(0, len(found))
        end = min(len(found), start + chance.randint(0, 200))
        found[start:end] = chance.choice(
            [b"", found[end:start:-1], chance.randbytes(2), b"</div>", b"<table>", b"\x00", b"null"]
            + [b'href="http://[x"', b'href="javascript:1"', b'"', b"[]", b"<div>" * 1000]
        )
    return bytes(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", SOURCES)
def test_no_damage_to_its_pages_stops_a_source(
    name: str, seed: int, open_source, client: Client, site: Site
) -> None:
    source, chance = open_source(name), Random(seed)
    for path in site.paths():
        site.put(path, damaged(site.page(path), chance), site.answer(path).content_type)
    for outcome in source.notices(client):
        assert isinstance(outcome, (Notice, Fault))
        assert isinstance(outcome, Fault) or outcome.redacted()


@pytest.mark.parametrize("name", SOURCES)
def test_a_site_that_refuses_robots_is_left_alone(
    name: str, open_source, client: Client, site: Site
) -> None:
    source = open_source(name)
    site.put("/robots.txt", "User-agent: *\nDisallow: /")
    notices, troubles = split(list(source.notices(client)))
    assert notices == {}
    assert [trouble.kind for trouble in troubles] == [FaultKind.ROBOTS]
    assert site.asked() == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_site_that_is_gone_is_one_fault(
    name: str, open_source, client: Client, site: Site
) -> None:
    source = open_source(name)
    site.spoil_all(source.address.removeprefix(f"http://{site.host}"), faults.answers(500))
    notices, troubles = split(list(source.notices(client)))
    assert (notices, len(troubles), len(site.asked())) == ({}, 1, 4)


def test_a_site_whose_pages_all_fail_is_left_alone_before_long(
    open_source, client: Client, site: Site
) -> None:
    source = open_source("imut_results")
    entry = '<li><span class="news_title"><a href="gone/{}.htm">成果</a></span></li>'
    entries = "".join(entry.format(n) for n in range(100))
    site.put("/imut_results/cgk.htm", f'<html><ul class="news_list">{entries}</ul>共1页</html>')
    notices, troubles = split(list(source.notices(client)))
    assert (notices, len(troubles)) == ({}, PATIENCE)


def test_entries_that_move_to_the_next_page_meanwhile_come_once(
    open_source, client: Client, site: Site
) -> None:
    source = open_source("imut_results")
    first = site.page("/imut_results/cgk.htm").decode()
    site.put("/imut_results/cgk/1.htm", first.replace('"info/', '"../info/'))
    notices, troubles = split(list(source.notices(client)))
    assert (len(notices), troubles) == (3, [])


def test_pages_that_link_in_a_circle_end(open_source, client: Client, site: Site) -> None:
    source = open_source("imu_results")
    second = site.page("/imu_results/cgtj2.htm").decode()
    back = '</ul><span class="p_next"><a href="cgtj.htm">下页</a></span></div></html>'
    site.put("/imu_results/cgtj2.htm", second.split("</ul>")[0] + back)
    assert len(split(list(source.notices(client)))[0]) == 4


def test_an_attachment_that_fails_leaves_its_notice_and_a_fault(
    open_source, client: Client, site: Site
) -> None:
    source = open_source("hlj_kjt_results")
    site.spoil_all("/hlj_kjt_results/art/files/1.pdf", faults.answers(404))
    notices, troubles = split(list(source.notices(client)))
    assert len(notices) == 3
    url = site.url("/hlj_kjt_results/art/files/1.pdf")
    assert notices[troubles[0].key].attachments == (Attachment("技术资料.pdf", url),)


def test_a_row_without_a_title_goes_on_with_the_row_above(open_source, client: Client) -> None:
    notices, _ = split(list(open_source("nx_kjt_needs").notices(client)))
    texts = [n.text for n in notices.values() if n.title == "煤制油残渣制备碳材料"]
    assert "掺烧处理。\n补充：残渣软化点约180℃" in texts[0]


def test_a_file_is_known_by_what_it_is_and_not_by_its_name(
    open_source, client: Client, site: Site
) -> None:
    source = open_source("nmg_kjt_needs")
    word = (PAGES / "nx_kjt_needs/202608/files/a3.docx").read_bytes()
    site.put("/nmg_kjt_needs/202609/P020260915001.xlsx", word)
    notices, troubles = split(list(source.notices(client)))
    assert troubles == []
    assert "葡萄枝条粉碎还田快速腐熟菌剂" in {n.title for n in notices.values()}


def test_needs_of_one_title_in_two_files_of_an_announcement_are_two_needs(
    open_source, client: Client, site: Site
) -> None:
    source = open_source("nmg_kjt_needs")
    detail, folder = "/nmg_kjt_needs/202610/t20261028_3.html", "/nmg_kjt_needs/202610"
    list_of_baotou = site.page(f"{folder}/P020261028001.xlsx")
    site.put(f"{folder}/hohhot.xlsx", list_of_baotou)
    one = '<a href="./P020261028001.xlsx">稀土领域技术需求清单.xlsx</a>'
    both = one + '<a href="./hohhot.xlsx">呼和浩特市清单.xlsx</a>'
    site.put(detail, site.page(detail).decode().replace(one, both))
    keys = [n.source_key for n in source.notices(client) if isinstance(n, Notice)]
    assert len(set(keys)) == len(keys) > 5


@pytest.mark.parametrize(
    "body",
    [
        b"PK\x03\x04 no package",
        b"%PDF-1.4 nothing %%EOF",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"GIF89a",
    ],
)
def test_a_damaged_file_is_a_fault_and_the_others_are_read(
    open_source, client: Client, site: Site, body: bytes
) -> None:
    source = open_source("nmg_kjt_needs")
    site.put("/nmg_kjt_needs/202610/P020261028001.xlsx", body)
    notices, troubles = split(list(source.notices(client)))
    assert len(notices) == 5
    assert {t.kind for t in troubles} <= {FaultKind.UNREADABLE, FaultKind.INCOMPLETE}
    assert len(troubles) == 1
