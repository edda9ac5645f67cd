"""``shuangku contracts``: the registered contracts, as a table or as JSON."""

import json
from typing import Any

import click
from flask import Flask

from marketplace.contracts import queries
from marketplace.contracts.models import Contract
from marketplace.contracts.states import STATE_NAMES, State
from marketplace.money import format_yuan


@click.group()
def contracts() -> None:
    """技术合同：列出、取证明 · Technical contracts and their certificates."""


@contracts.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]), help="状态 · State")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
def list_contracts(app: Flask, state: str | None, limit: int, as_json: bool) -> None:
    """列出合同，新的在前 · List contracts, the newest first."""
    rows = queries.latest(State(state) if state else None, limit=limit)
    if as_json:
        click.echo(json.dumps([_row(one) for one in rows], ensure_ascii=False, indent=2))
        return
    for one in rows:
        deal = format_yuan(one.deal_amount or 0)
        name = STATE_NAMES[one.state]
        click.echo(f"{one.local_no or '-':16}  {name}  {deal}  {one.project_name[:40]}")


def _row(contract: Contract) -> dict[str, Any]:
    """One contract for programs: money in fen, days as ISO 8601."""
    return {
        "number": contract.local_no,
        "state": contract.state.value,
        "version": contract.version,
        "project_name": contract.project_name,
        "type": contract.type,
        "point": contract.point_code,
        "deal_amount": contract.deal_amount,
        "technology_amount": contract.technology_amount,
        "registered_on": contract.registered_on.isoformat() if contract.registered_on else None,
        "demonstration": contract.demonstration,
    }
