"""``shuangku scrape`` asks a source by hand; ``--list`` shows them all with their health."""

from datetime import datetime

import click
from flask import Flask

from marketplace.accounts.models import Console
from marketplace.extensions import db
from marketplace.intake import forms, queries, worker
from marketplace.intake.models import ScrapeRun
from marketplace.working_days import local_time
from scrapers.run import Run

TITLES_SHOWN = 20


@click.group()
def commands() -> None:
    """Commands of the intake."""


@commands.command("scrape")
@click.argument("source", required=False)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="只要此日及以后的 · From this day on"
)
@click.option("--dry-run", is_flag=True, help="只看，不写入 · Look, write nothing")
@click.option("--again", is_flag=True, help="已有的也重新读，以发现改动 · Read known ones too")
@click.option(
    "--unconfirmed",
    is_flag=True,
    help="尚未与实际网站核对也手工运行 · Although not compared with its site",
)
@click.option("--list", "listing", is_flag=True, help="列出所有来源 · List the sources")
def scrape(
    app: Flask,
    source: str | None,
    since: datetime | None,
    dry_run: bool,
    again: bool,
    unconfirmed: bool,
    listing: bool,
) -> None:
    """采集一个来源，放入待处理队列 · Ask a source; what it brings waits for a person."""
    if listing or source is None:
        _list()
        return
    day = since.date() if since else None
    asked = worker.Asked(since=day, again=again, by_hand=unconfirmed)
    if dry_run:
        _tell_trial(worker.try_out(source, asked))
        return
    run = db.session.get(ScrapeRun, worker.collect(source, asked, actor=Console()))
    assert run is not None
    line = "新增 {added}，新版本 {changed}，未变 {unchanged}，已知跳过 {passed_over}，故障 {fault_count} · added, changed, unchanged, passed over, faults"
    names = ("added", "changed", "unchanged", "passed_over", "fault_count")
    click.echo(line.format(**{name: getattr(run, name) for name in names}))
    _tell_faults([(fault["kind"], fault["url"]) for fault in run.faults])
    if run.layout:
        _tell_layout(run.held_back)


def _list() -> None:
    for one in queries.health():
        confirmed = f"已核对 {one.confirmed_on}" if one.confirmed_on else "未核对"
        enabled = f"每天{one.state.hour}时" if one.state and one.state.enabled else "未启用"
        last = (
            f"{local_time(one.last.started_at):%Y-%m-%d %H:%M} {one.last.outcome}"
            if one.last
            else "从未采集"
        )
        click.echo(f"{one.name:<20} {one.publisher}  {confirmed}  {enabled}  {last}")


def _tell_trial(done: Run) -> None:
    line = "读到 {notices}，已知跳过 {passed}，故障 {faults}（未写入） · read, passed over, faults; nothing written"
    counts = {"notices": len(done.notices), "passed": done.passed_over, "faults": len(done.faults)}
    click.echo(line.format(**counts))
    for notice in done.notices[:TITLES_SHOWN]:
        click.echo(f"  {notice.published_on or '—'}  {notice.redacted().title}")
    _tell_faults([(fault.kind, fault.url) for fault in done.faults])
    if done.layout:
        _tell_layout(done.held_back)


def _tell_faults(faults: list[tuple[str, str]]) -> None:
    names = {str(kind): name for kind, name in forms.FAULT_NAMES.items()}
    for kind, url in faults[:TITLES_SHOWN]:
        click.echo(f"  {names.get(str(kind), kind)}：{url}", err=True)


def _tell_layout(held_back: int) -> None:
    click.echo(
        f"版面有变化，{held_back} 条暂不导入，请在“来源”页核对 · The layout changed; held back",
        err=True,
    )
