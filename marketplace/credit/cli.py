"""``shuangku credit``: the score of an organisation or a broker on a day, with its parts."""

import json
from datetime import datetime
from typing import Any

import click
from flask import Flask

from marketplace.credit import queries
from marketplace.credit.score import Score
from marketplace.credit.states import BEHAVIOUR_NAMES
from marketplace.database import utcnow
from marketplace.working_days import local_day


@click.group()
def commands() -> None:
    """Commands of the credit records."""


@commands.command("credit")
@click.argument("organization")
@click.option(
    "--as-of",
    "moment",
    type=click.DateTime(["%Y-%m-%d"]),
    help="截至某日，缺省为今天 · On that day; today if left out",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
def credit(app: Flask, organization: str, moment: datetime | None, as_json: bool) -> None:
    """技术交易信用：单位名称、信用代码或经纪人用户名 · Credit, by name, code or a broker's user name."""
    subject, name = queries.subject_called(organization)
    counted = queries.score_of(subject, moment.date() if moment else local_day(utcnow()))
    if as_json:
        click.echo(json.dumps(_as_json(name, counted), ensure_ascii=False))
        return
    click.echo(f"{name}  {counted.total}（{counted.day} · {counted.rules}）")
    click.echo(f"  {counted.base:+d}  基础分 · base")
    for part in counted.parts:
        capped = f"（封顶前 {part.full:+d} · before the cap）" if part.is_capped else ""
        click.echo(f"  {part.points:+d}  {BEHAVIOUR_NAMES[part.kind]} × {part.count}{capped}")


def _as_json(name: str, counted: Score) -> dict[str, Any]:
    parts = [
        {
            "kind": p.kind,
            "count": p.count,
            "points": p.points,
            "full": p.full,
            "capped": p.is_capped,
        }
        for p in counted.parts
    ]
    day = counted.day.isoformat()
    head = {"name": name, "total": counted.total, "base": counted.base, "day": day}
    return {**head, "rules": counted.rules, "parts": parts}
