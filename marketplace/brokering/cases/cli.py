"""``shuangku brokers``: the day's work for brokers, where no embedded worker does it."""

import click
from flask import Flask

from marketplace.accounts.models import Console
from marketplace.brokering.brokers import operations as brokers
from marketplace.brokering.cases import operations as cases
from marketplace.database import utcnow
from marketplace.transactions import transact


@click.group("brokers")
def commands() -> None:
    """技术经纪人 · Technology brokers."""


@commands.command("daily")
def daily(_app: Flask) -> None:
    """证书到期的暂停资格，分派无人对接的需求 · Expire certificates, share out unserved needs."""
    expired = transact(lambda: brokers.expire(now=utcnow()))
    shared = transact(lambda: cases.share(actor=Console(), now=utcnow()))
    click.echo(f"到期 · expired: {expired}  分派 · shared out: {len(shared)}")
