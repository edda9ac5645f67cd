"""``shuangku statistics`` counts a table, checks one; ``shuangku publish`` gives a month out.

Exit codes: 0 in order, 1 refused or not the same, 2 mistyped.
"""

import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask

from marketplace.accounts.models import Console
from marketplace.database import utcnow
from marketplace.errors import InvalidInput, NotFound
from marketplace.ledger.entry import day_of
from marketplace.statistics import casework
from marketplace.statistics.asking import as_of, select_table
from marketplace.statistics.definitions import Basis
from marketplace.statistics.documents import document
from marketplace.statistics.operations import publish_month
from marketplace.statistics.periods import Period, Span, period_of
from marketplace.statistics.protection import cells_to_withhold
from marketplace.statistics.publications import follows_from_ledger
from marketplace.statistics.renderings import RENDERINGS
from marketplace.statistics.selection import AsOf
from marketplace.transactions import transact

IN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def commands() -> None:
    """Commands of the statistics."""


@commands.command("statistics")
@click.option("--table", "key", help="表号 · Table, T1–T17")
@click.option("--year", type=int, help="年份 · Year")
@click.option("--month", type=int, help="月 · Month, 1–12")
@click.option("--quarter", type=int, help="季度 · Quarter, 1–4")
@click.option("--half", type=int, help="半年 · Half, 1–2")
@click.option(
    "--to-date", is_flag=True, help="当年累计至截止日 · The year up to the day of --as-of"
)
@click.option(
    "--as-of", "moment", default="", help="日期、台账条数或 条数@日期 · Day, size, or SIZE@DAY"
)
@click.option(
    "--scope",
    type=click.Choice([one.value for one in Basis]),
    help="口径：登记、输出、吸纳 · Scope",
)
@click.option("--region", default="", help="盟市或单列市六位代码 · League, six digits")
@click.option("--public", is_flag=True, help="隐去小数字，如对外发布 · Withhold small cells")
@click.option(
    "--format", "form", type=click.Choice([*RENDERINGS]), default="csv", show_default=True
)
@click.option("--check", type=IN_FILE, help="核对一份 JSON 是否出自本台账 · Check a JSON table")
@click.option("-o", "--output", type=OUT_FILE, help="写入文件 · Write it here")
def statistics(app: Flask, **asked: Any) -> None:
    """统计表：由台账算出，任何持有台账的人得到同样的字节 · A table, counted from the ledger."""
    if asked["check"]:
        _check(asked["check"])
        return
    if not asked["key"] or asked["year"] is None:
        raise click.UsageError("请给出 --table 和 --year · Give --table and --year")
    moment = as_of(asked["moment"], today=day_of(utcnow()))
    place = {"basis": asked["scope"] or "", "region": asked["region"]}
    selection = select_table(asked["key"], _period(asked, moment), moment, **place)
    hide = cells_to_withhold(selection, casework.respondents()) if asked["public"] else None
    data = RENDERINGS[asked["form"]][0](document(selection, hide))
    if asked["output"]:
        asked["output"].write_bytes(data)
    else:
        click.echo(data, nl=False)


def _period(asked: dict[str, Any], moment: AsOf) -> Period:
    numbers = {Span(name): asked[name] for name in ("month", "quarter", "half") if asked[name]}
    if len(numbers) + asked["to_date"] > 1:
        text = "月、季度、半年、累计只能选一个 · Only one of --month, --quarter, --half, --to-date"
        raise click.UsageError(text)
    if asked["to_date"]:
        return period_of(Span.TO_DATE, asked["year"]).until(moment.day)
    span, number = next(iter(numbers.items()), (Span.YEAR, 1))
    return period_of(span, asked["year"], number)


def _check(path: Path) -> None:
    try:
        same = follows_from_ledger(path.read_bytes())
    except (ValueError, KeyError, TypeError, NotFound, InvalidInput):
        raise click.ClickException(
            f"不是本台账的统计表 · No table of this ledger: {path}"
        ) from None
    if not same:
        click.echo("✗ 与台账不一致 · differs from what the ledger gives")
        sys.exit(1)
    click.echo("✓ 与台账逐字节一致 · byte for byte what the ledger gives")


@commands.command("publish")
@click.argument("month")
def publish(app: Flask, month: str) -> None:
    """发布并关账一个月，如 2026-05 · Publish a month and close it."""
    behind = casework.respondents
    made = transact(
        lambda: publish_month(month, respondents=behind(), actor=Console(), now=utcnow())
    )
    if made:
        click.echo(f"已发布 {len(made)} 张表，{month} 已关账 · published, the month is closed")
    else:
        click.echo(f"{month} 以前已发布，未作改动 · was published before, nothing changed")
