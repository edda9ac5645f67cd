"""How long pages take at 20,000 listings, beside a bare Flask page in the same run.

    python benchmarks/pages.py [--listings 20000] [--requests 200]

The listings are the demonstration's, varied sentence by sentence, so that words and lengths are
those of real texts. Times are of the application alone, without network; a bare Flask page with
one template is the floor, and the same page asked twice in a row shows the noise.
"""

import argparse
import json
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from flask import Flask, render_template_string

from config import SHIPPED_ENCODER, Settings
from marketplace import create_app
from marketplace.accounts.models import Console
from marketplace.database import utcnow
from marketplace.demonstration.operations import rows_of
from marketplace.extensions import db
from marketplace.listings.importing import import_rows
from marketplace.listings.sheets import Row
from marketplace.matchmaking.indexing import current_library
from marketplace.transactions import transact

SEED = 13
QUERIES = ("稀土抛光粉", "锅炉结垢", "羊绒分梳", "风机叶片覆冰", "高盐废水", "奶牛乳房炎", "粉煤灰")

CONCEPTS = ("粉煤灰", "水泥", "玉米", "羊绒", "稀土", "结垢")


def varied(kind: str, count: int, rng: random.Random) -> list[Row]:
    """``count`` rows whose sentences are drawn from three listings of the demonstration."""
    rows = rows_of(f"{kind}s")
    made = []
    for number in range(count):
        base, *others = rng.sample(rows, 3)
        pool = [
            s for row in (base, *others) for s in re.split(r"(?<=[。；])", row["description"]) if s
        ]
        text = "".join(rng.sample(pool, max(1, len(pool) // 2)))
        cells = base | {
            "source_key": f"v{number}",
            "description": text,
            "organization": f"单位{number % 400}",
        }
        made.append(Row(number, cells))
    return made


def fill(listings: int) -> None:
    """Import half needs, half results, and index them."""
    rng = random.Random(SEED)
    for kind in ("need", "result"):
        rows = varied(kind, listings // 2, rng)
        report = transact(lambda k=kind, r=rows: import_rows(k, r, actor=Console(), now=utcnow()))
        print(f"{kind}: {report.counts}", flush=True)
    current_library().reconcile()


def bare_page() -> Flask:
    """A Flask page with one template, and nothing else."""
    app = Flask("bare")
    app.add_url_rule(
        "/", view_func=lambda: render_template_string("<p>{{ word }}</p>", word="hello")
    )
    return app


def timed(ask: Callable[[int], int], requests: int) -> dict[str, float]:
    """p50 and p95 in milliseconds over ``requests`` calls, after ten to warm up."""
    taken = []
    for number in range(requests + 10):
        began = time.perf_counter()
        status = ask(number)
        taken.append(1000 * (time.perf_counter() - began))
        assert status == 200, status
    p50, p95 = np.percentile(taken[10:], [50, 95])
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def measure(app: Flask, listings: int, requests: int) -> dict[str, dict[str, float]]:
    """Every page of the list, each request to another listing or query where there are several."""
    client, bare = app.test_client(), bare_page().test_client()
    half = listings // 2
    pages: dict[str, Callable[[int], str]] = {
        "home": lambda n: "/",
        "list": lambda n: f"/results?page={n % 50 + 1}",
        "list, narrowed": lambda n: f"/results?field=0{n % 7 + 1}&stage=mature",
        "list, by concept": lambda n: f"/results?concept={CONCEPTS[n % len(CONCEPTS)]}",
        "narrowed, by concept": lambda n: f"/results?field=0{n % 7 + 1}&concept={CONCEPTS[0]}",
        "search": lambda n: f"/results?q={QUERIES[n % len(QUERIES)]}",
        "need with matches": lambda n: f"/needs/{n * 37 % half + 1}",
        "result with matches": lambda n: f"/results/{n * 37 % half + 1}",
    }
    figures = {"bare Flask page": timed(lambda n: bare.get("/").status_code, requests)}
    for name, path in pages.items():
        figures[name] = timed(lambda n, p=path: client.get(p(n)).status_code, requests)
    return figures


def main() -> None:
    """Fill a market in a temporary folder, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home / 'market.db'}"
        app = create_app(Settings(home, url, "bench", encoder=str(SHIPPED_ENCODER)))
        with app.test_request_context():
            db.create_all()
            fill(arguments.listings)
        figures = measure(app, arguments.listings, arguments.requests)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    floor = figures["bare Flask page"]["p50_ms"]
    if arguments.json:
        print(json.dumps({"listings": arguments.listings, "peak_mb": peak, "pages": figures}))
        return
    print(f"{'page':24}{'p50 ms':>9}{'p95 ms':>9}{'× bare':>9}")
    for name, row in figures.items():
        print(f"{name:24}{row['p50_ms']:9.2f}{row['p95_ms']:9.2f}{row['p50_ms'] / floor:9.0f}")
    print(f"{arguments.listings} listings, peak memory {peak} MB")


if __name__ == "__main__":
    main()
