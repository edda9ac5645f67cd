"""``shuangku``: the commands of an installation, with help in Chinese and English."""

import errno
import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from filelock import FileLock, Timeout
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect
from sqlalchemy.exc import ArgumentError, DBAPIError

from config import Settings
from marketplace import create_app, outbox
from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Console
from marketplace.accounts.operations import add_member
from marketplace.alerts.cli import commands as alerts
from marketplace.brokering.cases.cli import commands as brokers
from marketplace.certificates.cli import contracts
from marketplace.contracts.network.cli import points
from marketplace.credit.cli import commands as credit
from marketplace.database import utcnow
from marketplace.demonstration import operations as demonstration
from marketplace.errors import InvalidInput, MarketplaceError
from marketplace.extensions import db
from marketplace.funnel.cli import commands as funnel
from marketplace.intake.cli import commands as intake
from marketplace.ledger.cli import ledger
from marketplace.likeness import cli as alike
from marketplace.listings import exporting, importing, queries, sheets
from marketplace.listings.models import LIBRARIES
from marketplace.matchmaking import cli as pushing
from marketplace.matchmaking import queries as matchmaking
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.reasons import facts_of
from marketplace.permissions import Role
from marketplace.statistics.cli import commands as statistics
from marketplace.transactions import transact
from marketplace.worker import Worker, keep_shown

LEAST_FREE_BYTES = 200 * 1024 * 1024
SHORTEST_SECRET = 32


def with_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run ``command`` inside the application; our errors end in one clear line."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with _one_line_errors():
            app = create_app(Settings.from_environ())
            with app.test_request_context():
                try:
                    command(app, *args, **kwargs)
                finally:  # a command may be one of several in a process
                    db.session.remove()
                    db.engine.dispose()

    return run


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Whatever a command or its surroundings refuse is said in one line, in both languages."""
    try:
        yield
    except InvalidInput as refusal:
        texts = (str(text) for texts in refusal.errors.values() for text in texts)
        raise click.ClickException("；".join(texts)) from refusal
    except MarketplaceError as error:
        raise click.ClickException(str(error.message)) from error
    except DBAPIError as failure:
        text = f"数据库不能使用：磁盘已满、文件被占用或服务未启动 · Database: {failure.orig}"
        raise click.ClickException(text) from failure
    except ArgumentError as failure:
        raise click.ClickException(f"SHUANGKU_DATABASE_URL 有误 · is wrong: {failure}") from failure
    except OSError as failure:
        raise click.ClickException(f"文件或文件夹不能使用 · File: {failure}") from failure


@click.group()
def shuangku() -> None:
    """双库科技大市场的命令 · Commands of the Shuangku market."""


def in_app(group: click.Group) -> click.Group:
    """The commands of a feature, each run as by :func:`with_app`."""
    for command in group.commands.values():
        command.callback = with_app(command.callback) if command.callback else None
    return group


for named in (ledger, contracts, brokers, points):
    shuangku.add_command(in_app(named))
for group in (statistics, funnel, alerts, credit, intake):
    shuangku.commands.update(in_app(group).commands)


@shuangku.command()
@click.option("--demo", is_flag=True, help="载入演示数据 · Load the demonstration data")
@with_app
def init(app: Flask, demo: bool) -> None:
    """建库或升级；再次运行不丢数据 · Create or upgrade; running it again loses nothing."""
    settings: Settings = app.extensions["settings"]
    if shutil.disk_usage(settings.home).free < LEAST_FREE_BYTES:
        raise click.ClickException(f"磁盘空间不足 200 MB · Less than 200 MB free: {settings.home}")
    upgrade()
    if demo and not settings.demonstration:
        click.echo("正在载入演示数据 · Loading the demonstration data …")
        counts = transact(lambda: demonstration.load(now=utcnow()))
        (settings.home / "demonstration").touch()
        if counts:
            line = "需求 {need} 条，成果 {result} 项，合同 {contract} 份 · needs, results, contracts loaded"
            click.echo(line.format(**counts))


@shuangku.command()
@click.argument("username")
@with_app
def operator(app: Flask, username: str) -> None:
    """新建运营方账号，打印一次性密码 · Add an operator; the password is printed once."""
    _require_tables()
    facts: dict[str, Any] = {"username": username, "display_name": username}
    facts |= {"role": Role.OPERATOR, "organization": None}
    password = transact(lambda: add_member(**facts, actor=Console(), now=utcnow()))
    click.echo(f"{username}  {password}")


@shuangku.command()
@click.option(
    "--port", default=8000, type=click.IntRange(1, 65535), show_default=True, help="端口 · Port"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="地址 · Address")
def serve(port: int, host: str) -> None:
    """启动市场 · Serve the market."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            taken = failure.errno == errno.EADDRINUSE
            text = (
                f"端口 {port} 已被占用，请换一个 · Port {port} is taken: make demo PORT={port + 1}"
            )
            other = f"不能在 {host}:{port} 上服务 · Cannot serve there: {failure.strerror}"
            raise click.ClickException(text if taken else other) from None
    with _one_line_errors():
        settings = Settings.from_environ()
        with _home_to_itself(settings.home):
            _serve(settings, host, port)


def _serve(settings: Settings, host: str, port: int) -> None:
    from waitress import create_server  # here alone: no other command needs a server

    app = create_app(settings)
    with app.app_context():
        _require_tables()
        current_library().open_snapshots()
        click.echo("正在核对索引 · Bringing the index up to date …")
        current_library().reconcile()
    worker = Worker(app)
    worker.start()
    server = create_server(app, host=host, port=port, threads=8)
    _announce(app, host, port)
    try:
        server.run()
    finally:
        worker.stop()


@contextmanager
def _home_to_itself(home: Path) -> Iterator[None]:
    """One process keeps one index: a second on the same folder would miss changes."""
    try:
        with FileLock(home / "serve.lock", timeout=0):
            yield
    except Timeout as taken:
        text = f"另一个服务正在使用这个文件夹 · Another server uses this folder: {home}"
        raise click.ClickException(text) from taken


def _announce(app: Flask, host: str, port: int) -> None:
    if app.extensions["settings"].demonstration:
        names = " ".join(demonstration.ACCOUNTS)
        click.echo(f"演示账号 · accounts: {names}  密码 · password: {demonstration.PASSWORD}")
    click.echo(f"http://{host}:{port}")
    sys.stdout.flush()


def _require_tables() -> None:
    if not inspect(db.engine).has_table("need"):
        raise click.ClickException("尚未建库，请先运行 shuangku init · Run shuangku init first")


@shuangku.command("import")
@click.argument("library", type=click.Choice(list(LIBRARIES)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--organization", default="", help="单位名称或统一社会信用代码 · Owner by name or code"
)
@click.option("--dry-run", is_flag=True, help="只检查，不写入 · Check only")
@click.option(
    "--errors", type=click.Path(path_type=Path), help="错误行写入此文件 · Bad rows go here"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
@with_app
def import_file(
    app: Flask,
    library: str,
    file: Path,
    organization: str,
    dry_run: bool,
    errors: Path | None,
    as_json: bool,
) -> None:
    """导入 xlsx、csv 或 jsonl 文件 · Import a file."""
    _require_tables()
    if errors:
        sheets.format_of(errors)  # what is wrong with it is said before the work, not after
        errors.touch()
    report = transact(lambda: _import(LIBRARIES[library], file, organization, dry_run))
    if errors:
        with errors.open("wb") as stream:
            exporting.write_errors(stream, sheets.format_of(errors), report)
    if as_json:
        click.echo(json.dumps(report.counts))
    else:
        line = "新增 {added}，更新 {updated}，未变 {unchanged}，拒绝 {rejected}"
        click.echo(line.format(**report.counts) + ("（未写入，只是检查）" if dry_run else ""))
    if report.unknown:
        click.echo("这些列没有读入 · Columns not read: " + "、".join(report.unknown), err=True)
    for rejected in report.errors:
        click.echo(f"第 {rejected.row} 行 · row {rejected.row}: {rejected.message}", err=True)


def _import(kind: str, file: Path, owner: str, dry_run: bool) -> importing.Report:
    organization = accounts.organization_called(owner) if owner else None
    if owner and organization is None:
        raise click.ClickException(f"没有名为“{owner}”的单位 · No such organisation")
    return importing.import_file(
        kind, file, actor=Console(), organization=organization, dry_run=dry_run, now=utcnow()
    )


@shuangku.command()
@click.argument("library", type=click.Choice(list(LIBRARIES)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_app
def export(app: Flask, library: str, file: Path) -> None:
    """导出公开内容，格式由扩展名定 · Export what is public; the ending says the format."""
    _require_tables()
    kind, form = LIBRARIES[library], sheets.format_of(file)
    rows = queries.everything(queries.Conditions(kind), None, 1_000_000)
    whole = file.with_name(file.name + ".part")
    with whole.open("wb") as stream:
        exporting.export(kind, rows, stream, form)
    whole.replace(file)  # a failure on the way leaves the file that was there
    click.echo(f"{len(rows)} → {file}")


@shuangku.command()
@click.argument("number", required=False)
@click.option("--text", default="", help="任意文字 · Any text")
@click.option(
    "--against", type=click.Choice(list(LIBRARIES)), default="results", help="匹配哪个库 · Library"
)
@click.option("--top", default=10, show_default=True, help="条数 · How many")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
@with_app
def match(app: Flask, number: str | None, text: str, against: str, top: int, as_json: bool) -> None:
    """为一段文字或一条记录匹配 · Rank a library for a text or for a listing."""
    if bool(number) == bool(text.strip()):
        raise click.ClickException("请给出编号或 --text 之一 · Give a number or --text")
    _open_index()
    if number:
        found = matchmaking.matches_of(queries.by_number(number), k=top)
    else:
        found = matchmaking.matches_of_text(text, LIBRARIES[against], k=top)
    keep_shown()
    both = ((True, found.ranked), (False, found.lower))
    rows = [_match_row(item, suitable=fits) for fits, items in both for item in items]
    if as_json:
        answer = {
            "enough_text": found.enough_text,
            "suitable": bool(found.ranked),
            "absent": list(found.absent),
            "list": found.number,
            "matches": rows,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if not found.ranked:
        click.echo(
            "暂无合适 · Nothing suitable" if found.enough_text else "文字太少 · Too little text"
        )
    for row in rows:
        click.echo(f"{row['score']:.2f}  {row['number']}  {row['title']}")


def _match_row(item: matchmaking.Ranked, *, suitable: bool) -> dict[str, Any]:
    hit, listing = item.hit, item.listing
    return {
        "number": listing.number,
        "source_key": listing.source_key,
        "title": listing.title,
        "suitable": suitable,
        **facts_of(hit),
    }


@shuangku.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
@with_app
def propose(app: Flask, as_json: bool) -> None:
    """为所有需求和成果生成今日推荐 · Recommend for everybody, within what each can take."""
    _open_index()
    pushing.propose_today(as_json)


@shuangku.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
@with_app
def likeness(app: Flask, as_json: bool) -> None:
    """找出重复内容和共性需求 · Find duplicates and needs that are shared."""
    _open_index()
    alike.look(as_json)


@shuangku.command()
@click.argument("number")
@click.option("--text", default="", help="清单由文字得出时的原文 · The text that had asked")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON · Print JSON")
@with_app
def replay(app: Flask, number: str, text: str, as_json: bool) -> None:
    """重算一份清单（编号，或 push/12）· Make a list again and say whether it is the same."""
    _open_index()
    answer = pushing.replay_list(number, text)
    click.echo(json.dumps(answer, ensure_ascii=False)) if as_json else pushing.say(answer)
    sys.exit(0 if answer["same"] else 1)


@shuangku.command()
@with_app
def reindex(app: Flask) -> None:
    """重建索引 · Build the index anew."""
    _require_tables()
    click.echo(f"{current_library().rebuild()} 条已编入索引 · indexed")


@shuangku.command()
@with_app
def check(app: Flask) -> None:
    """检查安装缺什么 · What is missing or wrong in this installation."""
    problems = [*_problems_of_store(), *_problems_of_settings(app.extensions["settings"])]
    for problem in problems:
        click.echo(f"✗ {problem}")
    if not problems:
        click.echo(f"✓ 一切正常 · all is well: {app.extensions['settings'].home}")
    sys.exit(1 if problems else 0)


def _problems_of_store() -> Iterator[str]:
    if not inspect(db.engine).has_table("need"):
        yield "尚未建库：shuangku init · no database yet"
    elif stuck := outbox.stuck():
        failure = outbox.last_failure()
        yield f"{stuck} 处改动没有编入索引 · changes wait to be indexed: {failure}"


def _problems_of_settings(settings: Settings) -> Iterator[str]:
    if Path(settings.encoder).is_absolute() and not Path(settings.encoder).is_dir():
        yield f"没有模型文件夹 · no such model folder: {settings.encoder}"
    if settings.encoder in ("", "ngrams"):
        yield "没有语义模型，按字组编码 · no encoder model, character n-grams are used"
    if len(settings.secret_key) < SHORTEST_SECRET:
        yield "会话密钥太短或为空，请删除 session.key · the session key is too short"
    if (settings.home / "ledger.key").stat().st_mode & 0o077:
        yield "台账私钥可被他人读取：chmod 600 · others can read the key: ledger.key"
    if shutil.disk_usage(settings.home).free < LEAST_FREE_BYTES:
        yield "磁盘空间不足 200 MB · less than 200 MB free"


def _open_index() -> None:
    _require_tables()
    current_library().open_snapshots()
    current_library().reconcile()


if __name__ == "__main__":
    shuangku()
