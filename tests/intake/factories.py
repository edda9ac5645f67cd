"""A source over a local site, and a market that knows it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask

from marketplace.accounts.models import Console
from marketplace.extensions import db
from marketplace.intake import worker
from marketplace.intake.models import CollectedNotice, ScrapeRun
from scrapers.cache import FolderCache
from scrapers.fetch import Client
from scrapers.kinds.json_lists import JsonLists
from scrapers.notice import Kind
from tests.scrapers.site import Site

PATH = "/needs.json"


class LocalNeeds(JsonLists):
    """A JSON list of needs that this machine serves."""

    name = "local_needs"
    publisher = "本地测试发布单位"
    address = "http://127.0.0.1/needs.json"
    kind = Kind.NEED
    confirmed_on: ClassVar[date | None] = date(2026, 11, 1)

    items = "rows"
    pages_at = "pages"
    numbered = "needs.json?page={page}"
    title = "title"
    day = "day"
    page = "need/{id}.html"
    fields = {"需求单位": "owner", "需求内容": "content", "预期目标": "goal", "拟投入资金": "money"}


class UnconfirmedNeeds(LocalNeeds):
    """The same, and nobody has compared it with a live site."""

    name = "unconfirmed_needs"
    confirmed_on = None


def a_row(number: int, **facts: Any) -> dict[str, Any]:
    """A need as the site lists it."""
    subjects = (
        "露天矿道路冬季扬尘抑制剂结冰失效",
        "奶牛乳房炎早期快速检测办法",
        "稀土抛光粉粒度分布不均匀",
        "风电叶片覆冰停机损失发电量",
        "马铃薯淀粉废水中蛋白回收率低",
        "羊绒分梳过程长绒断裂严重",
    )
    subject = subjects[number % len(subjects)]
    return {
        "id": f"n{number}",
        "title": f"{subject}（{number}）",
        "day": "2026-11-10",
        "owner": f"包头市测试企业{number}厂",
        "content": f"{subject}，第{number}号现场试过多种办法都不理想，希望研发新的解决方案。",
        "goal": f"指标提高{number + 10}%以上。",
        "money": f"{number + 50}万元",
    } | facts


def serve(site: Site, rows: Sequence[dict[str, Any]], per_page: int = 50) -> None:
    """Serve these rows, a page at a time."""
    pages = [rows[at : at + per_page] for at in range(0, len(rows), per_page)] or [[]]
    for number, part in enumerate(pages, 1):
        path = PATH if number == 1 else f"{PATH}?page={number}"
        site.put(path, json.dumps({"pages": len(pages), "rows": list(part)}), "application/json")


def knows(app: Flask, site: Site, *sources: type[JsonLists]) -> None:
    """Have the market know local sources besides its own, reached without a pause."""
    catalogue = app.extensions["intake"]
    local = {one.name: (lambda one=one: one(site.url(PATH))) for one in sources or (LocalNeeds,)}
    app.extensions["intake"] = replace(
        catalogue,
        sources={**catalogue.sources, **local},
        open_client=lambda: a_client(site.host, catalogue.folder),
    )


def a_client(host: str, folder: Path) -> Client:
    """A client that may reach the site, without a pause between pages."""
    cache = FolderCache(folder / "pages")
    return Client(contact="a@example.org", cache=cache, seconds_apart=0, allowed=frozenset({host}))


def gathered(name: str = LocalNeeds.name, **how: Any) -> ScrapeRun:
    """The run of a source that was asked now."""
    run_id = worker.collect(name, worker.Asked(**how), actor=Console())
    run = db.session.get(ScrapeRun, run_id)
    assert run is not None
    return run


def notices() -> list[CollectedNotice]:
    """Everything that was collected."""
    return db.session.query(CollectedNotice).order_by(CollectedNotice.id).all()
