"""Ten thousand pages over real HTTP on this machine: time, memory, and what the library adds.

    python benchmarks/scraping.py [PAGES]

Three figures: a bare loop that fetches every page with the same HTTP library; the client alone (robots,
pace 0, address and size checks); a whole run (parsing, notices, layout). Then personal data in a long
text. Time is processor time, so that other work on the machine does not
count; the site runs in this process, so its work is in every figure.
"""

import resource
import sys
import time

import httpcore2

from scrapers.cache import MemoryCache
from scrapers.fetch import Client
from scrapers.personal import find
from scrapers.run import run
from tests.scrapers.site import Site
from tests.scrapers.test_layout import Results, made
from tests.scrapers.test_personal import NEGATIVES, POSITIVES

PER_PAGE = 20


def megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(what: str, count: int, began: float) -> None:
    """Print a line of figures."""
    took = time.process_time() - began
    print(
        f"{what:<28}{count:>8}{took:>9.1f} s{took / count * 1000:>8.2f} ms each{megabytes():>8.0f} MB"
    )


def main(pages: int) -> None:
    """Measure over a site of so many pages, listing and details together."""
    listing = max(1, round(pages / (PER_PAGE + 1)))
    with Site() as site:
        site.make(lambda path: made(path, pages=listing, per_page=PER_PAGE))
        urls = [
            site.url(f"/{number}-{n}.html")
            for number in range(1, listing + 1)
            for n in range(PER_PAGE)
        ]
        print(f"{'':<12}{'pages':>8}{'processor':>11}{'':>16}{'most memory':>11}")
        began = time.process_time()
        with httpcore2.ConnectionPool() as pool:
            for url in urls:
                pool.request("GET", url)
        report("bare loop", len(urls), began)
        settings = {
            "contact": "a@example.org",
            "seconds_apart": 0,
            "allowed": frozenset({site.host}),
        }
        with Client(cache=MemoryCache(), **settings) as client:
            began = time.process_time()
            for url in urls:
                client.get(url)
            report("client", len(urls), began)
        with Client(cache=MemoryCache(), **settings) as client:
            began = time.process_time()
            done = run(Results(site.url("/list.html")), client)
            report("run", done.pages + len(done.notices), began)
        assert done.is_complete and len(done.notices) == len(urls), "a notice was lost"
    text = "。\n".join([text for text, *_ in POSITIVES] + NEGATIVES)
    text *= 100_000 // len(text)
    began = time.process_time()
    count = len(find(text))
    print(
        f"personal data: {count} places in {len(text)} characters, {time.process_time() - began:.2f} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
