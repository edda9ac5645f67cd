"""A changed layout holds a run's notices back; a site that goes on as it was does not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scrapers.errors import Fault, FaultKind
from scrapers.fetch import Client
from scrapers.kinds.tables import LabelledTables
from scrapers.layout import LayoutChanged, Profile, changed
from scrapers.notice import Kind, Notice
from scrapers.run import run
from tests.scrapers import site as faults
from tests.scrapers.site import Site
from tests.scrapers.test_notice import a_notice

LABELS = ("所属领域", "成果阶段", "成果简介")


def noticed(
    count: int, labels: tuple[str, ...] = LABELS, text: str = "成果简介。" * 40
) -> list[Notice]:
    fields = tuple((label, "值") for label in labels)
    return [a_notice(source_key=str(n), text=text, fields=fields) for n in range(count)]


USUAL = Profile().after(noticed(10), entries=10).after(noticed(10), entries=10)


def found(
    notices: list[Notice], entries: int = 10, faults: tuple[Fault, ...] = ()
) -> LayoutChanged | None:
    return changed(USUAL, "a_source", notices, faults=faults, entries=entries)


def test_a_run_like_those_before_is_no_change() -> None:
    assert found(noticed(10)) is None


def test_no_new_notice_is_no_change() -> None:
    assert found([]) is None


@pytest.mark.parametrize("count", [3, 10])
def test_a_field_that_was_always_there_and_is_gone_is_named(count: int) -> None:
    change = found(noticed(count, LABELS[:2]))
    assert change == LayoutChanged("a_source", missing=("成果简介",))


def test_a_field_that_most_still_have_is_not_gone() -> None:
    assert found(noticed(6) + noticed(4, LABELS[:2])) is None


def test_one_notice_without_one_field_may_be_as_it_is() -> None:
    assert found(noticed(1, LABELS[:2])) is None
    assert found(noticed(1, LABELS[:1])) == LayoutChanged(
        "a_source", missing=("成果简介", "成果阶段")
    )


def test_a_field_that_came_and_went_is_not_missed() -> None:
    mixed = Profile().after(noticed(10) + noticed(10, LABELS[:2]), entries=10)
    change = changed(mixed, "a_source", noticed(5, LABELS[:2]), faults=(), entries=10)
    assert change is None


def test_few_notices_do_not_make_a_habit() -> None:
    young = Profile().after(noticed(9), entries=9)
    assert changed(young, "a_source", noticed(5, ()), faults=(), entries=9) is None


@pytest.mark.parametrize(("entries", "collapsed"), [(10, False), (3, False), (2, True), (1, True)])
def test_a_listing_that_collapses_is_noticed(entries: int, collapsed: bool) -> None:
    change = found(noticed(entries), entries)
    assert (change is not None) == collapsed
    assert change is None or change.entries == (10.0, entries)


def test_a_listing_that_could_not_be_had_is_a_fault_and_no_change() -> None:
    assert found([], 0, (Fault(FaultKind.SLOW, "http://a.example/"),)) is None


def test_a_listing_without_its_container_is_a_change_also_at_the_first_run() -> None:
    fault = Fault(FaultKind.MISSING, "http://a.example/", "ul.list")
    change = changed(Profile(), "a_source", [], faults=[fault], entries=0)
    assert change == LayoutChanged("a_source", places=("ul.list",))


def test_texts_that_collapse_are_noticed() -> None:
    change = found(noticed(5, text="分享到：微博"))
    assert change is not None
    assert change.characters == (200.0, 6.0)


def test_pages_that_mostly_lack_their_text_are_a_change_and_one_is_a_fault() -> None:
    lacking = tuple(Fault(FaultKind.MISSING, f"http://a.example/{n}", "div.text") for n in range(5))
    assert found(noticed(5), faults=lacking) == LayoutChanged("a_source", places=("div.text",))
    assert found(noticed(9), faults=lacking[:1]) is None


def test_a_profile_is_kept_as_text() -> None:
    assert Profile.loads(USUAL.dumps()) == USUAL


def test_a_profile_forgets_slowly() -> None:
    """After a change that was accepted, the old label is not asked for for ever."""
    old = Profile().after(noticed(2_001), entries=10)
    new = old
    for _ in range(60):
        new = new.after(noticed(200, LABELS[:2]), entries=10)
    assert "成果简介" in old.steady()
    assert "成果简介" not in new.steady()
    assert new.notices < 5_000


class Results(LabelledTables):
    """Results of a site that is made while it is read."""

    name, publisher, kind = "made_results", "虚构单位", Kind.RESULT
    container, entry, day = "ul.list", "li", "b"
    heading, body = "h1", "div.body"
    numbered, total, most_pages = "list_{page}.html", r"共(\d+)页", 20_000


def made(path: str, *, pages: int, per_page: int) -> faults.Answer | None:
    """A page of a site of so many pages: ``/list_7.html``, ``/7-3.html``."""
    listing, one = (
        re.fullmatch(r"/list(?:_(\d+))?\.html", path),
        re.fullmatch(r"/(\d+)-(\d+)\.html", path),
    )
    if listing:
        number = int(listing.group(1) or 1)
        items = "".join(
            f'<li><a href="{number}-{n}.html">第{number}页第{n}项成果</a><b>2026-11-01</b></li>'
            for n in range(per_page)
        )
        return faults.Answer(f'<html><ul class="list">{items}</ul>共{pages}页</html>'.encode())
    if one:
        name = f"第{one.group(1)}页第{one.group(2)}项成果"
        rows = f"<tr><th>成果名称</th><td>{name}</td></tr><tr><th>成果简介</th><td>{name}的简介。</td></tr>"
        return faults.Answer(
            f'<html><h1>{name}</h1><div class="body"><table>{rows}</table></div></html>'.encode()
        )
    return None


@pytest.fixture
def source(site: Site) -> Results:
    site.make(lambda path: made(path, pages=4, per_page=6))
    return Results(site.url("/list.html"))


def test_a_run_counts_what_it_did(source: Results, client: Client) -> None:
    first = run(source, client)
    assert (first.pages, first.entries, len(first.notices), first.passed_over) == (4, 24, 24, 0)
    assert first.is_complete
    assert first.profile.labels == {"成果名称": 24, "成果简介": 24, "published_on": 24}
    assert first.started_at < first.finished_at
    known = {notice.source_key for notice in first.notices}
    again = run(source, client, profile=first.profile, known=known.__contains__)
    assert (len(again.notices), again.passed_over, again.layout) == (0, 24, None)


def test_a_rebuilt_site_is_reported_instead_of_imported(
    source: Results, client: Client, site: Site
) -> None:
    before = run(source, client).profile
    for number in range(1, 5):
        for n in range(6):
            body = site.page(f"/{number}-{n}.html").replace("成果简介".encode(), b"Abstract")
            site.put(f"/{number}-{n}.html", body)
    after = run(source, client, profile=before)
    assert after.layout == LayoutChanged("made_results", missing=("成果简介",))
    assert (after.notices, after.held_back) == ((), 24)
    assert after.profile == before
    assert not after.is_complete


def test_a_site_without_its_list_is_reported(source: Results, client: Client, site: Site) -> None:
    before = run(source, client).profile
    site.put("/list.html", '<html><div class="new-list">…</div></html>')
    after = run(source, client, profile=before)
    assert after.layout == LayoutChanged("made_results", entries=(6.0, 0), places=("ul.list",))


def test_a_site_that_is_down_is_no_changed_layout(
    source: Results, client: Client, site: Site
) -> None:
    before = run(source, client).profile
    site.spoil_all("/list.html", faults.answers(500))
    after = run(source, client, profile=before)
    assert after.layout is None
    assert [fault.kind for fault in after.faults] == [FaultKind.STATUS]
    assert after.profile == before


def test_a_site_without_end_is_left_at_the_limit(site: Site, client: Client) -> None:
    site.make(lambda path: made(path, pages=10**9, per_page=1))
    source = Results(site.url("/list.html"))
    source.most_pages = 30  # type: ignore[misc]
    done = run(source, client)
    assert (done.pages, len(done.notices)) == (30, 30)
    assert [fault.kind for fault in done.faults] == [FaultKind.TOO_LARGE]


def test_many_pages_with_trouble_on_the_way_are_all_read(
    site: Site, a_client: Callable[..., Client]
) -> None:
    site.make(lambda path: made(path, pages=300, per_page=1))
    for number in range(1, 301, 7):
        site.spoil(f"/list_{number}.html", faults.answers(503), faults.half)
        site.spoil(f"/{number}-0.html", faults.answers(429, Retry_After="9"), faults.broken_off)
    done = run(Results(site.url("/list.html")), a_client(seconds_apart=0))
    assert (done.pages, len(done.notices), done.is_complete) == (300, 300, True)


def test_the_readme_of_contributors_shows_a_source_that_works(site: Site, client: Client) -> None:
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = guide.split("```python\n")[1].split("```")[0]
    names: dict = {}
    exec(code, names)  # noqa: S102
    source = next(v for v in names.values() if getattr(v, "name", "") == "example_results")
    site.put(
        "/list.html",
        '<html><ul class="news"><li><a href="1.html">成果</a><span>2026-11-01</span></li></ul></html>',
    )
    site.put(
        "/1.html",
        '<html><h1>低温制氢</h1><div class="text"><p>成果简介：零下三十度启动。</p></div></html>',
    )
    notices = list(source(site.url("/list.html")).notices(client))
    assert [(n.title, n.fields) for n in notices] == [
        ("低温制氢", (("成果简介", "零下三十度启动。"),))
    ]
