"""``shuangku contracts``: the registered contracts, as a table or as JSON."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask import Flask

from marketplace.contracts import queries
from marketplace.contracts.models import Contract
from marketplace.contracts.reading import batch, documents, writing
from marketplace.contracts.reading.evaluation import report_of_folder
from marketplace.contracts.reading.installation import current_reader
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


@contracts.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--title", default="", help="合同名称 · Title, where the text lacks it")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
@click.option(
    "--batch",
    "lines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='逐行 {"id","title","text"} 的 .jsonl · One text a line',
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件 · Write there"
)
@click.option(
    "--evaluate",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="评测文件夹内带答案的 .jsonl · Precision and recall on sets with answers",
)
def read(
    app: Flask,
    file: Path | None,
    title: str,
    as_json: bool,
    lines: Path | None,
    output: Path | None,
    evaluate: Path | None,
) -> None:
    """读合同文本：字段、类别及理由、不予登记情形 · Read a contract's text."""
    if sum(one is not None for one in (file, lines, evaluate)) != 1:
        raise click.ClickException(
            "请给出文件、--batch 或 --evaluate 之一 · Give a file, --batch or --evaluate"
        )
    if evaluate is not None:
        _write(report_of_folder(current_reader(), evaluate), output)
    elif lines is not None:
        _read_batch(lines, output)
    elif file is not None:
        text = documents.text_of(file.read_bytes(), file.name)
        reading = current_reader().read(text, title)
        answer = json.dumps(writing.as_json(reading), ensure_ascii=False, indent=2)
        _write([answer] if as_json else writing.as_lines(reading), output)


def _read_batch(lines: Path, output: Path | None) -> None:
    """Good lines are answered; bad ones are named, and make the command fail at its end."""
    faults: list[batch.BadLine] = []
    with lines.open("rb") as source:
        _write(batch.answers(current_reader(), source, faults), output)
    for fault in faults:
        click.echo(f"第 {fault.line} 行 · line {fault.line}: {fault.message}", err=True)
    sys.exit(1 if faults else 0)


def _write(lines: Iterable[str], output: Path | None) -> None:
    if output is None:
        for line in lines:
            click.echo(line)
        return
    whole = output.with_name(output.name + ".part")
    with whole.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    whole.replace(output)  # a failure on the way leaves the file that was there
