"""``shuangku likeness``."""

import json

import click

from marketplace.database import utcnow
from marketplace.likeness import operations
from marketplace.transactions import transact


def look(as_json: bool) -> None:
    """Compare all public listings now, keep what is alike, and print how much there is."""
    found = operations.find()
    counts = transact(lambda: operations.keep(found, now=utcnow()))
    if as_json:
        click.echo(json.dumps(counts))
    else:
        line = "疑似重复 {pairs} 对待判，共性需求 {groups} 组 · pairs to judge, groups of needs"
        click.echo(line.format(**counts))
