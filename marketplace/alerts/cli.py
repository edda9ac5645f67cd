"""``shuangku digests`` composes what is due now; ``shuangku mail`` sends what waits."""

import click
from flask import Flask

from marketplace import outbox
from marketplace.accounts.models import Console
from marketplace.alerts import operations, worker
from marketplace.database import utcnow
from marketplace.matchmaking.indexing import current_library
from marketplace.notices import mailings, queries
from marketplace.notices.models import Cadence, MailingState
from marketplace.outbox import Topic
from marketplace.transactions import transact


@click.group()
def commands() -> None:
    """Commands of the alerts."""


@commands.command("digests")
@click.option("--daily", "only", flag_value=Cadence.DAILY.value, help="只做当天的 · The day's only")
@click.option(
    "--weekly", "only", flag_value=Cadence.WEEKLY.value, help="只做本周的 · The week's only"
)
def digests(app: Flask, only: str | None) -> None:
    """编制当天和本周的汇总（每期只编一次）· Compose the day's and the week's digests, once each."""
    current_library().open_snapshots()  # a text is looked up in the index
    current_library().reconcile()
    cadences = (Cadence(only),) if only else operations.CADENCES
    asked = transact(lambda: operations.ask_due(now=utcnow(), cadences=cadences))
    _drain({Topic.DIGEST: worker.compose})
    click.echo(f"应编 {asked} 人，汇总已编好，邮件待发 · asked for {asked}, mails wait to be sent")


@commands.command("mail")
@click.option("--retry", is_flag=True, help="失败的再试一次 · Try again what failed")
def mail(app: Flask, retry: bool) -> None:
    """发出等待的邮件，说明各有多少封 · Send what waits; say how many mails stand where."""
    if retry:
        transact(_retry_all)
    worker.notices.resume_abandoned()
    _drain({Topic.MAIL: worker.deliver})
    counts = queries.count_by_state()
    words = {
        MailingState.SENT: "已发 sent",
        MailingState.PENDING: "待发 waiting",
        MailingState.SENDING: "发送中 under way",
        MailingState.FAILED: "失败 failed",
        MailingState.DROPPED: "不再需要 dropped",
    }
    click.echo("，".join(f"{name} {counts.get(state, 0)}" for state, name in words.items()))
    if failure := outbox.last_failure():
        click.echo(f"上次受阻 · last failure: {failure}", err=True)


def _retry_all() -> None:
    for number in queries.failed():
        row = queries.mailing(number, Console())
        mailings.retry(row, actor=Console(), now=utcnow())


def _drain(handlers: dict[Topic, outbox.Handler]) -> None:
    while outbox.drain(handlers):
        pass
