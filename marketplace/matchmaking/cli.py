"""``shuangku propose`` and ``shuangku replay``."""

import json
from typing import Any

import click

from marketplace.database import utcnow
from marketplace.matchmaking import queries
from marketplace.matchmaking.models import PushRun
from marketplace.matchmaking.operations import Proposal, local_day, propose, weigh
from marketplace.transactions import transact

PUSH = "push/"


def propose_today(as_json: bool) -> None:
    """Make today's recommendations, and print how even and how good they are."""
    proposal = weighed()
    run = transact(lambda: propose(proposal, now=utcnow()))
    answer: dict[str, Any] = {
        "id": f"{PUSH}{run.id}",
        "day": run.day.isoformat(),
        "digest": run.digest,
    }
    answer |= {"recipe": run.recipe, "figures": run.figures}
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"{PUSH}{run.id}  {run.day}  {len(proposal.pairs)} 对 · pairs")
    for name, words in (("before", "均衡前 · before"), ("after", "均衡后 · after")):
        row = run.figures[name]
        click.echo(
            f"{words}: Gini {row['exposure_gini']:.3f}  超出承接能力 · over limit"
            f" {row['over_limit']:.1%}  最多 · most {row['most']}  平均适合度 · mean score"
            f" {row['mean_score']:.3f}"
        )


def weighed() -> Proposal:
    """What would be recommended today."""
    proposal = weigh(day=local_day(utcnow()))
    assert proposal is not None  # nobody stops a command's own work
    return proposal


def replay_list(number: str, text: str) -> dict[str, Any]:
    """Make a list, or with ``push/12`` a day's recommendations, again; what is the same or not."""
    if number.startswith(PUSH) and number.removeprefix(PUSH).isdecimal():
        return _replay_run(queries.run_numbered(int(number.removeprefix(PUSH))))
    row = queries.shown_list(number)
    again = queries.replay_shown(row, text)
    return {
        "id": row.digest[: queries.NUMBER_LENGTH],
        "same": again.same,
        "same_order": again.same_order,
        "digest": [again.before.digest, again.now.digest],
        "differs": list(again.differences),
        "changed": list(again.changed),
        "gone": list(again.gone),
        "come": list(again.come),
    }


def _replay_run(run: PushRun) -> dict[str, Any]:
    now, pairs = weighed(), queries.pairs_of(run)
    again = {
        (p.query, p.document): (p.score, now.revisions[p.query], now.revisions[p.document])
        for p in now.pairs
    }
    names = ("recipe", "need_index", "result_index", "limits")
    stored = {key: r for (need, result), (_, *both) in pairs.items()
              for key, r in zip((need, result), both, strict=True)}  # fmt: skip
    return {
        "id": f"{PUSH}{run.id}",
        "same": now.digest == run.digest,
        "same_order": again == pairs,
        "digest": [run.digest, now.digest],
        "differs": [name for name in names if getattr(now, name) != getattr(run, name)],
        "changed": sorted(k for k, r in stored.items() if now.revisions.get(k, r) != r),
        "gone": sorted(key for key in stored if key not in now.revisions),
        "come": sorted({key for pair in again for key in pair} - set(stored)),
    }


def say(answer: dict[str, Any]) -> None:
    """Print what a replay found, in one line each."""
    words = {"query": "提问的记录", "recipe": "配方", "index": "库中内容", "need_index": "需求库内容",
             "result_index": "成果库内容", "limits": "承接能力"}  # fmt: skip
    if answer["same"]:
        click.echo(f"✓ {answer['id']} 逐字节相同 · the same, byte for byte")
        return
    order = "顺序相同 · same order" if answer["same_order"] else "顺序不同 · another order"
    click.echo(f"✗ {answer['id']} {order}")
    for name in answer["differs"]:
        click.echo(f"  {words[name]}已变 · {name} has changed")
    for name, said in (("changed", "内容已改"), ("gone", "已离开"), ("come", "新进入")):
        if answer[name]:
            click.echo(f"  {said} · {name}: {'、'.join(answer[name])}")
