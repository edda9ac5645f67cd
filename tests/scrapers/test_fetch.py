"""The client against a real server on this machine, with the faults of real sites."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from scrapers.cache import FolderCache, MemoryCache
from scrapers.errors import FaultKind, ScrapeFailed
from scrapers.fetch import Client, Limits, seconds_of
from scrapers.page import is_whole_html
from tests.scrapers import site as faults
from tests.scrapers.clock import START, Hands
from tests.scrapers.site import Site

PAGE = "<html><body><p>技术需求：低温电解水制氢，要求在零下三十度可用。</p></body></html>"


def refused(client: Client, url: str, **more) -> FaultKind:
    """The kind of the fault that an address ends with."""
    with pytest.raises(ScrapeFailed) as failed:
        client.get(url, **more)
    return failed.value.fault.kind


def test_a_page_comes_back_as_it_is(site: Site, a_client: Callable[..., Client]) -> None:
    site.put("/a.html", PAGE)
    page = a_client(seconds_apart=0).get(site.url("/a.html"), is_whole=is_whole_html)
    assert (page.text, page.url, page.fetched_at) == (PAGE, site.url("/a.html"), START)


def test_the_client_says_who_it_is(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE)
    client.get(site.url("/a.html"))
    assert {r.headers["user-agent"] for r in site.requests} == {
        "Shuangku/1.0 (+webmaster@example.org)"
    }


@pytest.mark.parametrize("contact", ["", "nobody", "a b@c", "张@example.org"])
def test_a_client_without_a_contact_is_not_made(contact: str) -> None:
    with pytest.raises(ValueError, match="contact"):
        Client(contact=contact, cache=MemoryCache())


def test_robots_are_asked_first_and_once(site: Site, client: Client) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /admin/")
    site.put("/a.html", PAGE)
    client.get(site.url("/a.html"))
    assert refused(client, site.url("/admin/a.html")) is FaultKind.ROBOTS
    assert [r.path for r in site.requests] == ["/robots.txt", "/a.html"]


def test_rules_for_this_client_come_before_those_for_all(site: Site, client: Client) -> None:
    site.put("/robots.txt", "User-agent: Shuangku\nDisallow: /\n\nUser-agent: *\nAllow: /")
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_no_robots_file_allows_everything(site: Site, client: Client, status: int) -> None:
    site.spoil_all("/robots.txt", faults.answers(status))
    site.put("/a.html", PAGE)
    assert client.get(site.url("/a.html")).text == PAGE


def test_rules_behind_a_byte_order_mark_are_read(site: Site, client: Client) -> None:
    site.put("/robots.txt", b"\xef\xbb\xbfUser-agent: *\nDisallow: /")
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS


def test_a_page_in_place_of_robots_allows_everything(site: Site, client: Client) -> None:
    site.put("/robots.txt", "<html><body>页面不存在</body></html>")
    site.put("/a.html", PAGE)
    assert client.get(site.url("/a.html")).text == PAGE


def test_a_robots_file_in_trouble_forbids_everything_for_now(
    site: Site, client: Client, clock: Hands
) -> None:
    site.spoil_all("/robots.txt", faults.answers(500))
    site.put("/a.html", PAGE)
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS
    site.mend()
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS
    clock.advance(601)
    assert client.get(site.url("/a.html")).text == PAGE


def test_rules_are_asked_for_again_after_a_day(site: Site, client: Client, clock: Hands) -> None:
    site.put("/a.html", PAGE)
    client.get(site.url("/a.html"))
    site.put("/robots.txt", "User-agent: *\nDisallow: /")
    clock.advance(24 * 3600 + 1)
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS


def test_requests_to_a_host_keep_their_distance(
    site: Site, a_client: Callable[..., Client], clock: Hands
) -> None:
    site.put("/a.html", PAGE)
    client = a_client(seconds_apart=5)
    for _ in range(3):
        client.get(site.url("/a.html"))
    assert clock.slept == [5, 5, 5]  # robots.txt is the first of four requests


def test_a_crawl_delay_longer_than_the_own_pace_is_kept(
    site: Site, client: Client, clock: Hands
) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 30")
    site.put("/a.html", PAGE)
    client.get(site.url("/a.html"))
    client.get(site.url("/a.html"))
    assert clock.slept == [3, 30]


def test_a_crawl_delay_beyond_the_limit_is_a_refusal(site: Site, client: Client) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 86400")
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS


def test_threads_take_turns_at_a_host(site: Site, a_client: Callable[..., Client]) -> None:
    at_once: list[int] = []
    inside: list[str] = []

    def count(handler, answer):
        inside.append(handler.path)
        at_once.append(len(inside))
        inside.remove(handler.path)
        return answer

    client = a_client(seconds_apart=0)
    for n in range(20):
        site.put(f"/{n}.html", PAGE)
        site.spoil(f"/{n}.html", count)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda n: client.get(site.url(f"/{n}.html")), range(20)))
    assert len(pages) == 20
    assert max(at_once) == 1


def test_as_many_requests_as_allowed_run_at_once(
    site: Site, a_client: Callable[..., Client]
) -> None:
    """Both requests wait inside the site for each other: one alone would never be answered."""
    together = Barrier(2, timeout=30)

    def meet(handler, answer):
        together.wait()
        return answer

    client = a_client(seconds_apart=0, concurrency=2)
    for path in ("/a.html", "/b.html"):
        site.put(path, PAGE)
        site.spoil(path, meet)
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(client.get, [site.url("/a.html"), site.url("/b.html")]))
    assert [page.text for page in pages] == [PAGE, PAGE]


def test_what_did_not_change_is_not_sent_again(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE)
    first, second = (client.get(site.url("/a.html")) for _ in range(2))
    assert (first.unchanged, second.unchanged) == (False, True)
    assert first.text == second.text
    site.put("/a.html", PAGE.replace("三十", "四十"))
    third = client.get(site.url("/a.html"))
    assert not third.unchanged
    assert "零下四十度" in third.text


def test_the_cache_of_a_folder_outlives_its_client(
    site: Site, a_client: Callable[..., Client], tmp_path: Path
) -> None:
    site.put("/a.html", PAGE)
    a_client(cache=FolderCache(tmp_path / "pages")).get(site.url("/a.html"))
    again = a_client(cache=FolderCache(tmp_path / "pages")).get(site.url("/a.html"))
    assert again.unchanged
    assert again.text == PAGE
    assert len(os.listdir(tmp_path / "pages")) == 1


@pytest.mark.parametrize("left", [b"", b'{"etag": ', b'{"etag": "1"}\nhalf'])
def test_a_kept_page_that_a_power_cut_spoiled_is_asked_for_again(
    site: Site, a_client: Callable[..., Client], tmp_path: Path, left: bytes
) -> None:
    site.put("/a.html", PAGE)
    a_client(cache=FolderCache(tmp_path)).get(site.url("/a.html"))
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(left)
    again = a_client(cache=FolderCache(tmp_path)).get(site.url("/a.html"))
    assert again.text == PAGE and not again.unchanged


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_host_in_trouble_is_asked_again(
    site: Site, a_client: Callable[..., Client], clock: Hands, status: int
) -> None:
    site.put("/a.html", PAGE)
    site.spoil("/a.html", faults.answers(status), faults.answers(status))
    assert a_client(seconds_apart=0).get(site.url("/a.html")).text == PAGE
    assert len(clock.slept) == 2


@pytest.mark.parametrize("after", ["40", "Fri, 20 Nov 2026 08:00:40 GMT"])
def test_a_pause_asked_for_is_kept(
    site: Site, a_client: Callable[..., Client], clock: Hands, after: str
) -> None:
    site.put("/a.html", PAGE)
    site.spoil("/a.html", faults.answers(429, Retry_After=after))
    assert a_client(seconds_apart=0).get(site.url("/a.html")).text == PAGE
    assert clock.slept == [40]


def test_a_pause_too_long_is_for_another_day(site: Site, client: Client, clock: Hands) -> None:
    site.spoil_all("/a.html", faults.answers(503, Retry_After="3600"))
    assert refused(client, site.url("/a.html")) is FaultKind.BUSY
    assert len(site.asked("/a.html")) == 1
    assert sum(clock.slept) < 60


@pytest.mark.parametrize(
    ("spoiler", "kind"),
    [
        (faults.answers(429), FaultKind.BUSY),
        (faults.answers(503), FaultKind.BUSY),
        (faults.answers(500), FaultKind.STATUS),
        (faults.half, FaultKind.INCOMPLETE),
        (faults.broken_off, FaultKind.INCOMPLETE),
    ],
)
def test_trouble_that_stays_ends_after_four_tries(
    site: Site, client: Client, spoiler, kind: FaultKind
) -> None:
    site.put("/a.html", PAGE)
    site.spoil_all("/a.html", spoiler)
    assert refused(client, site.url("/a.html"), is_whole=is_whole_html) is kind
    assert len(site.asked("/a.html")) == 4


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_plain_no_is_not_asked_again(site: Site, client: Client, status: int) -> None:
    site.spoil_all("/a.html", faults.answers(status))
    assert refused(client, site.url("/a.html")) is FaultKind.STATUS
    assert len(site.asked("/a.html")) == 1


def test_half_a_page_is_asked_for_again_and_never_kept(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE)
    site.spoil("/a.html", faults.half, faults.broken_off)
    page = client.get(site.url("/a.html"), is_whole=is_whole_html)
    assert (page.text, page.unchanged) == (PAGE, False)


def test_a_silent_host_is_given_up(site: Site, a_client: Callable[..., Client]) -> None:
    site.spoil_all("/a.html", faults.silent)
    client = a_client(limits=Limits(silence=1, attempts=1))
    assert refused(client, site.url("/a.html")) is FaultKind.SLOW


def test_a_host_that_drips_is_given_up(
    site: Site, a_client: Callable[..., Client], clock: Hands
) -> None:
    site.put("/a.html", PAGE * 50)
    site.spoil_all("/a.html", faults.drips(clock, 1))
    assert refused(a_client(limits=Limits(attempts=1)), site.url("/a.html")) is FaultKind.SLOW


def test_a_host_that_drips_its_headers_is_given_up(
    site: Site, a_client: Callable[..., Client], clock: Hands
) -> None:
    site.put("/a.html", PAGE)
    site.spoil_all("/a.html", faults.drips_headers(clock, 10))
    assert refused(a_client(limits=Limits(attempts=1)), site.url("/a.html")) is FaultKind.SLOW


@pytest.mark.parametrize("url", ["http:///a", "//", "a.html", "http://[::1/", "http://a:b/", ""])
def test_what_is_no_address_is_refused(client: Client, url: str) -> None:
    assert refused(client, url) is FaultKind.ADDRESS


def test_no_connection_is_a_fault(site: Site, a_client: Callable[..., Client]) -> None:
    with Site() as gone:
        url, host = gone.url("/robots.txt"), gone.host
    client = a_client(allowed=frozenset({host}))
    assert refused(client, url) is FaultKind.ROBOTS


def test_a_page_too_large_is_given_up_early(site: Site, a_client: Callable[..., Client]) -> None:
    site.put("/a.html", b"x" * 200_000)
    client = a_client(limits=Limits(size=100_000))
    assert refused(client, site.url("/a.html")) is FaultKind.TOO_LARGE


def test_a_packed_page_is_unpacked(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE)
    site.spoil("/a.html", faults.packed)
    assert client.get(site.url("/a.html")).text == PAGE


def test_a_packed_bomb_is_never_unpacked(site: Site, a_client: Callable[..., Client]) -> None:
    site.spoil("/a.html", faults.bomb(50_000_000))
    client = a_client(limits=Limits(size=1_000_000))
    assert refused(client, site.url("/a.html")) is FaultKind.TOO_LARGE


def test_an_encoding_not_asked_for_is_refused(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE, headers={"Content-Encoding": "br"})
    assert refused(client, site.url("/a.html")) is FaultKind.UNREADABLE


def test_redirects_are_followed_and_the_last_address_kept(site: Site, client: Client) -> None:
    site.put("/c.html", PAGE)
    site.spoil_all("/a.html", faults.redirects("b.html", 301))
    site.spoil_all("/b.html", faults.redirects("/c.html", 307))
    assert client.get(site.url("/a.html")).url == site.url("/c.html")


def test_a_redirect_to_an_address_in_chinese_is_followed(site: Site, client: Client) -> None:
    site.put("/%E9%9C%80%E6%B1%82.html", PAGE)
    site.spoil_all("/a.html", faults.redirects("/需求.html".encode().decode("latin-1")))
    assert client.get(site.url("/a.html")).text == PAGE


def test_a_redirect_loop_ends_at_once(site: Site, client: Client) -> None:
    site.spoil_all("/a.html", faults.redirects("/b.html"))
    site.spoil_all("/b.html", faults.redirects("/a.html"))
    assert refused(client, site.url("/a.html")) is FaultKind.REDIRECTS
    assert site.asked() == ["/a.html", "/b.html"]


def test_six_redirects_are_one_too_many(site: Site, client: Client) -> None:
    for n in range(6):
        site.spoil_all(f"/{n}", faults.redirects(f"/{n + 1}"))
    site.put("/6", PAGE)
    assert refused(client, site.url("/0")) is FaultKind.REDIRECTS
    assert client.get(site.url("/1")).text == PAGE


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[fec0::1]/",
        "http://10.0.0.1/",
        "http://172.16.3.4/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://user:secret@example.org/",
        "ftp://example.org/a",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_to_what_is_not_public_is_refused(
    site: Site, client: Client, target: str
) -> None:
    site.spoil_all("/a.html", faults.redirects(target))
    assert refused(client, site.url("/a.html")) is FaultKind.ADDRESS
    assert site.asked() == ["/a.html"]


def test_a_name_that_answers_differently_the_next_time_does_not_help(
    site: Site, a_client: Callable[..., Client]
) -> None:
    answers = [["93.184.215.14", "127.0.0.1"], ["127.0.0.1"]]
    client = a_client(allowed=frozenset(), resolve=lambda host, port: answers.pop(0))
    port = site.host.split(":")[1]
    assert refused(client, f"http://rebinding.example:{port}/a.html") is FaultKind.ADDRESS
    assert len(answers) == 1
    assert site.requests == []


def test_a_redirect_to_a_host_that_refuses_robots_is_refused(site: Site, client: Client) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /closed/")
    site.spoil_all("/a.html", faults.redirects("/closed/b.html"))
    assert refused(client, site.url("/a.html")) is FaultKind.ROBOTS
    assert site.asked() == ["/a.html"]


def test_chinese_in_an_address_is_encoded(site: Site, client: Client) -> None:
    site.put("/%E9%9C%80%E6%B1%82.html", PAGE)
    assert client.get(site.url("/需求.html#top")).text == PAGE


def test_gb18030_declared_as_utf8_is_read(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE)
    site.spoil("/a.html", faults.gb18030_declared_as_utf8)
    assert client.get(site.url("/a.html")).text == PAGE


def test_no_encoding_at_all_is_a_fault(site: Site, client: Client) -> None:
    site.put("/a.html", PAGE)
    site.spoil("/a.html", faults.in_no_encoding)
    with pytest.raises(ScrapeFailed) as failed:
        _ = client.get(site.url("/a.html")).text
    assert failed.value.fault.kind is FaultKind.ENCODING


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("Fri, 20 Nov 2026 07:00:00 GMT", 0),
    ],
)
def test_a_pause_is_read_as_seconds(said: str, seconds: float | None) -> None:
    assert seconds_of(said, START) == seconds
