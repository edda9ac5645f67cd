"""``shuangku points``: set up, close and list registration points, as their pages do."""

import json
from typing import Any

import click
from flask import Flask

from marketplace.accounts.models import Console
from marketplace.contracts import directory
from marketplace.contracts.network import forms
from marketplace.contracts.points import HostKind, RegistrationPoint
from marketplace.database import utcnow
from marketplace.transactions import transact
from marketplace.working_days import local_day


@click.group()
def points() -> None:
    """登记点：设立、停用、列出 · Registration points."""


@points.command("list")
@click.option("--all", "also_closed", is_flag=True, help="含已停用的 · Closed ones too")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
def list_points(app: Flask, also_closed: bool, as_json: bool) -> None:
    """列出登记点，按代码 · List the points by code."""
    rows = directory.points() if also_closed else directory.open_points(local_day(utcnow()))
    if as_json:
        click.echo(json.dumps([_row(one) for one in rows], ensure_ascii=False, indent=2))
        return
    for one in rows:
        ended = f"  {one.closed_on} 停用，由 {one.successor_code} 承接" if one.closed_on else ""
        click.echo(f"{one.code}  {one.region}  {one.organization.name}{ended}")


def _row(point: RegistrationPoint) -> dict[str, Any]:
    """One point for programs: money in fen, days as ISO 8601."""
    return {
        "code": point.code,
        "organization": point.organization.name,
        "host_kind": point.host_kind.value,
        "region": point.region,
        "serves": point.serves,
        "limit": point.limit_fen,
        "opened_on": point.opened_on.isoformat(),
        "closed_on": point.closed_on.isoformat() if point.closed_on else None,
        "successor": point.successor_code,
    }


@points.command("open")
@click.argument("code")
@click.option("--organization", required=True, help="登记机构全称或统一社会信用代码 · Its body")
@click.option("--region", required=True, help="所在盟市或旗县 · League or banner")
@click.option(
    "--host-kind",
    type=click.Choice([kind.value for kind in HostKind]),
    default=HostKind.LEAGUE.value,
    show_default=True,
    help="设立类型 · Kind",
)
@click.option("--host", default="", help="所属高校、院所或园区 · The institution it is part of")
@click.option("--serves", default="", help="服务地区，用顿号分开 · Regions that it serves")
@click.option("--limit", default="", help="受理权限，如 500万元；不填不限 · Largest amount")
def open_point(app: Flask, code: str, **said: str) -> None:
    """设立登记点，如 150201 · Set up a point."""
    transact(lambda: _open(forms.new_point({"code": code, **said})))
    click.echo(f"登记点 {code.strip()} 已设立 · set up")


def _open(said: forms.NewPoint) -> RegistrationPoint:
    return directory.open_point(
        said.code,
        said.organization,
        said.host_kind,
        region=said.region,
        host=said.host,
        serves=said.serves,
        limit_fen=said.limit_fen,
        actor=Console(),
        now=utcnow(),
    )


@points.command("close")
@click.argument("code")
@click.option("--successor", required=True, help="承接案件的登记点代码 · Who takes over")
def close_point(app: Flask, code: str, successor: str) -> None:
    """停用登记点，未办结的案件转给另一个 · Close a point; its open cases move."""
    moved = transact(
        lambda: directory.close_point(
            directory.load_point(code),
            directory.load_point(successor),
            actor=Console(),
            now=utcnow(),
        )
    )
    click.echo(f"登记点 {code} 已停用，{moved} 件案件转给 {successor} · closed, cases moved")
