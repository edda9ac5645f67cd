"""``shuangku funnel`` and ``shuangku judgements``."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import Flask

from marketplace.codes import current_codes
from marketplace.funnel import queries
from marketplace.funnel.counting import Row, Stage
from marketplace.funnel.operations import remember_shown
from marketplace.funnel.views import STAGE_NAMES
from marketplace.transactions import transact


@click.group()
def commands() -> None:
    """Commands of the funnel."""


@commands.command("funnel")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
def funnel(_app: Flask, as_json: bool) -> None:
    """从展示到收入的漏斗 · From shown to income, counted from the records."""
    transact(remember_shown)
    found = queries.funnel()
    if as_json:
        click.echo(json.dumps(as_values(found), ensure_ascii=False))
        return
    for stage in Stage:
        share = found.total.share(stage)
        said = f"  {share:6.1%}" if share is not None and stage != Stage.SHOWN else ""
        click.echo(f"{STAGE_NAMES[stage]}\t{found.total.counts[stage]}{said}")


@commands.command("judgements")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
def judgements(_app: Flask, output: Path) -> None:
    """对接结果作为弱判断导出，与人工评分分开 · Weak judgements, apart from graded ones."""
    lines = [json.dumps(line, sort_keys=True) for line in queries.weak_judgements()]
    output.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    click.echo(f"{len(lines)} 条 · lines: {output}")


def as_values(found: queries.Funnel) -> dict[str, Any]:
    """The funnel as JSON has it; names of fields and leagues beside their codes."""
    codes = current_codes()
    return {
        "total": _counts(found.total),
        "field": [_named(row, codes.name("field", row.name)) for row in found.by_field],
        "league": [_named(row, codes.name("league", row.name)) for row in found.by_league],
        "broker": [_named(row, found.brokers.get(row.name, "")) for row in found.by_broker],
        "month": [_named(row, row.name) for row in found.by_month],
        "median_days": [
            {"from": a, "to": b, "days": days, "count": n}
            for (a, b), (days, n) in found.days.items()
        ],
        "lost": [{"from": f, "reason": r, "count": n} for f, r, n in found.losses],
        "attribution": {"last_touch": dict(found.last_touch), "shared": dict(found.shared)},
        "reasons": [asdict(reason) for reason in found.reasons],
    }


def _counts(row: Row) -> dict[str, int]:
    return {stage.value: row.counts[stage] for stage in Stage}


def _named(row: Row, name: str) -> dict[str, Any]:
    return {"code": row.name, "name": name, **_counts(row)}
