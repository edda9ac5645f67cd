"""``shuangku contracts certificate``: the certificate of a contract, as a file."""

from pathlib import Path

import click
from flask import Flask

from marketplace.accounts.models import Console
from marketplace.certificates import queries
from marketplace.certificates.worker import issue
from marketplace.contracts import queries as known
from marketplace.contracts.cli import contracts


@contracts.command()
@click.argument("number")
@click.option(
    "--version", type=int, help="证明版本，缺省为现行版本 · Version; the present one if left out"
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="PDF 文件 · The PDF file",
)
def certificate(app: Flask, number: str, version: int | None, output: Path) -> None:
    """取得登记证明（16 位登记编号）· Take the certificate of a registered contract."""
    contract = known.by_number(number)
    wanted = version or contract.version
    if queries.certificate_of(contract, wanted) is None:
        issue([contract.key])
    issued = queries.load(number, wanted, Console())
    output.write_bytes(queries.file_of(issued))
    standing = queries.standing_of(issued.contract, wanted)
    click.echo(f"✓ {output}（{queries.STANDING_NAMES[standing]} · {standing.value}）")
