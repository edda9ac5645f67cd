"""``shuangku ledger``: verify the whole ledger, sign its head, make and check proofs.

Exit codes: 0 in order, 1 something is wrong, 2 mistyped.
"""

import gc
import re
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask import Flask

from marketplace.database import utcnow
from marketplace.ledger import queries, verify_proof
from marketplace.ledger.operations import sign_head
from marketplace.ledger.verification import Fault, verify
from marketplace.ledger.verify_proof import CLAIMS, WORDS, Head, Refused
from marketplace.transactions import transact

IN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT_FILE = click.Path(dir_okay=False, path_type=Path)
REGISTRATION_NUMBER = re.compile(r"[0-9]{16}")
POSITION = re.compile(r"[0-9]{1,15}")


@click.group()
def ledger() -> None:
    """台账：核验、签署树头、出具和检验证明 · The ledger and its proofs."""


@ledger.command("verify")
@click.option("--against", type=IN_FILE, multiple=True, help="以前保存的树头 · A head you kept")
def verify_ledger(app: Flask, against: tuple[Path, ...]) -> None:
    """从原始字节核验整个台账 · Check every entry from its bytes."""
    heads = [_head_in(path) for path in against]
    gc.disable()  # a third of the time went into walking over entries, and none refers to itself
    found = [*islice(verify(heads), 1)]
    for fault in found:
        click.echo(_said(fault))
    if found:
        sys.exit(1)
    size = queries.size()
    click.echo(f"✓ 台账完好，共 {size} 条 · the ledger is sound, {size} entries")


def _said(fault: Fault) -> str:
    return f"✗ 第 {fault.position} 条 · position {fault.position}: {fault.message}"


@ledger.command()
@click.option("-o", "--output", type=OUT_FILE, help="写入文件（.json，或原文）· Write it here")
def head(app: Flask, output: Path | None) -> None:
    """签署并显示当前树头 · Sign and show the head of the ledger."""
    signed = transact(lambda: sign_head(now=utcnow()))
    if output:
        is_json = output.suffix == ".json"
        file = verify_proof.written(queries.head_file(signed)) if is_json else signed.note.encode()
        output.write_bytes(file)
    click.echo(signed.note, nl=False)
    click.echo(f"公钥 · key {signed.key}")


@ledger.command()
@click.argument("number")
@click.option("-o", "--output", type=OUT_FILE, required=True, help="证明文件 · The proof file")
def prove(app: Flask, number: str, output: Path) -> None:
    """为一条台账出具证明（16 位登记编号或位置）· Make the receipt of an entry."""
    position = _position_of(number)
    transact(lambda: sign_head(now=utcnow()))
    _write(output, queries.receipt(position))


def _position_of(number: str) -> int:
    if REGISTRATION_NUMBER.fullmatch(number):
        return queries.entry_of_number(number).position
    if POSITION.fullmatch(number):
        return queries.load(int(number)).position
    raise click.UsageError(
        "请给出 16 位登记编号或台账位置 · Give a registration number or a position"
    )


@ledger.command()
@click.argument("proof", type=IN_FILE)
@click.option("--head", "known", type=IN_FILE, help="以前保存的树头 · A head you kept")
@click.option("--key", default="", help="公布的公钥 · The public key as published")
def check(app: Flask, proof: Path, known: Path | None, key: str) -> None:
    """检验证明文件 · Check a proof file."""
    data = proof.read_bytes()
    try:
        answers, sound = verify_proof.check(data, known.read_bytes() if known else None, key)
    except Refused as fault:
        raise click.ClickException(str(fault)) from fault
    for question, (state, reason) in answers.items():
        click.echo(f"{WORDS[question]} {question}: {WORDS[state]} {state} ({reason})")
    sys.exit(0 if sound else 1)


@ledger.command()
@click.argument("old")
@click.argument("new")
@click.option("-o", "--output", type=OUT_FILE, required=True, help="证明文件 · The proof file")
def consistency(app: Flask, old: str, new: str, output: Path) -> None:
    """证明新树头未改写旧树头（规模或文件）· Prove that a head extends an older one."""
    older = _head_called(old)
    newer = queries.head_of_size(_head_called(new).size)
    _write(output, queries.consistency(older, newer))


def _head_called(name: str) -> Head:
    """A head by its size, or one in a file."""
    if POSITION.fullmatch(name):
        return verify_proof.read_head(queries.head_of_size(int(name)).note)
    if not Path(name).is_file():
        raise click.UsageError(f"没有这个文件，也不是规模 · Neither a file nor a size: {name}")
    return _head_in(Path(name))


def _head_in(path: Path) -> Head:
    """The head in a file; any proof file has one."""
    try:
        return verify_proof.read_head(verify_proof.read(path.read_bytes())["head"])
    except (Refused, ValueError) as fault:
        raise click.UsageError(f"{path}: 不是树头文件 · not a head file ({fault})") from fault


def _write(output: Path, document: dict[str, Any]) -> None:
    data = verify_proof.written(document)
    output.write_bytes(data)
    answers, sound = verify_proof.check(data)
    if not sound:
        question = CLAIMS[document["format"]]
        state, reason = answers[question]
        raise click.ClickException(f"{output}: {WORDS[question]} {question}: {state} ({reason})")
    click.echo(f"✓ {output}")
