"""``python -m matching bench``: build time, memory and search time, beside what else could be used.

Each system is built and searched in a process of its own, one after the other, so that the peak of
its memory is its own. Seconds are those of the clock; beside them stand the seconds of processor
time, which do not depend on what else the machine does.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np

from matching.bench_corpus import Chunk, Sources, chunks, prepare
from matching.bench_systems import SYSTEMS, Ours, Query, System, missing, read_queries

WARM_UP = 20
CORES = 2
COLUMNS = {
    "documents": "documents",
    "system": "system",
    "build_seconds": "build s",
    "build_cpu_seconds": "cpu s",
    "build_peak_mb": "build MB",
    "peak_mb": "peak MB",
    "load_seconds": "load s",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "cpu_p50_ms": "cpu p50",
    "cpu_p95_ms": "cpu p95",
    "ranked_p50_ms": "rank p50",
    "ranked_p95_ms": "rank p95",
    "ranked_cpu_p50_ms": "rank cpu p50",
    "ranked_cpu_p95_ms": "rank cpu p95",
    "written_p50_ms": "wr p50",
    "written_p95_ms": "wr p95",
    "writes_per_second": "writes/s",
}


def add_arguments(command: ArgumentParser) -> None:
    """Declare what the command takes."""
    sizes = "how many documents, parted by commas"
    command.add_argument("--documents", type=_sizes, default=[10_000, 100_000], help=sizes)
    command.add_argument("--systems", default=",".join(SYSTEMS), help="which, parted by commas")
    command.add_argument("--queries", type=int, default=200, help="how many searches are timed")
    command.add_argument("--folder", type=Path, help="keeps what was read for the next run")
    command.add_argument("--system", choices=SYSTEMS, help="run this one in this process")
    command.add_argument("--index", type=Path, help="with --system ours: search what lies here")
    command.add_argument("--json", action="store_true")


def run(arguments: Namespace, sources: Sources) -> int:
    """Run the benchmark; return the exit status."""
    if arguments.system:
        print(json.dumps(measured(arguments, sources)))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        lines = list(_lines(arguments, sources, folder))
    print(json.dumps(lines, ensure_ascii=False) if arguments.json else table(lines))
    return 0


def table(lines: Sequence[dict[str, Any]]) -> str:
    """Return the lines as text; what was not measured is a dash."""
    rows = [list(COLUMNS.values())]
    for line in lines:
        note = line.get("skipped")
        cells = ["—" if line.get(name) is None else str(line[name]) for name in COLUMNS]
        rows.append([*cells[:2], note] if note else cells)
    width = max(len(cell) for row in rows for cell in row[: len(COLUMNS)] if " " not in cell)
    return "\n".join("  ".join(cell.rjust(width) for cell in row) for row in rows)


def _sizes(text: str) -> list[int]:
    return [max(1, int(part)) for part in text.split(",")]


def _lines(arguments: Namespace, sources: Sources, folder: Path) -> Iterator[dict[str, Any]]:
    for size in arguments.documents:
        prepare(sources, size, folder / "corpus", CORES)
        seconds = [
            (one.read_seconds, one.encode_seconds) for one in chunks(folder / "corpus", size)
        ]
        cut, encoded = (round(sum(column), 1) for column in zip(*seconds, strict=True))
        note = f"cutting took {cut} s of one core and encoding {encoded} s, the same for all"
        yield {"documents": size, "system": "reading", "skipped": note}
        for name in arguments.systems.split(","):
            yield _alone(name, size, folder, arguments)


def _alone(name: str, size: int, folder: Path, arguments: Namespace) -> dict[str, Any]:
    """Return the line of one system, measured in a process of its own."""
    lacking = missing(name)
    if lacking:
        return {
            "documents": size,
            "system": name,
            "skipped": f"{lacking} is not installed: skipped",
        }
    given = ("judged", "thesaurus", "terms", "encoder")
    options = [f"--{option}={getattr(arguments, option)}" for option in given]
    command = [sys.executable, "-m", "matching", "bench", f"--documents={size}", *options]
    command += [f"--queries={arguments.queries}"]
    command += [f"--system={name}", f"--folder={folder}"]
    # One query is one thread's work in FAISS; a second would only wait, at full load, for its end.
    surroundings = ["env", "OMP_NUM_THREADS=1", "TOKENIZERS_PARALLELISM=false"]
    try:
        return _answer([*surroundings, *command])
    except subprocess.CalledProcessError as failed:
        note = f"failed with {failed.returncode}"
        return {"documents": size, "system": name, "skipped": note}


def measured(arguments: Namespace, sources: Sources) -> dict[str, Any]:
    """Build and search one system here; return its line.

    This library is searched in a further process, which has only loaded what was saved.
    """
    name, size = arguments.system, arguments.documents[0]
    if arguments.index:
        ours = Ours(sources, arguments.index)
        began = time.perf_counter()
        ours.open()
        seconds = round(time.perf_counter() - began, 2)
        return {"load_seconds": seconds} | _timed(ours, arguments, sources)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as own:
        system: System = SYSTEMS[name](sources, Path(own))
        line: dict[str, Any] = {"documents": size, "system": name}
        line |= _built(system, arguments.folder / "corpus", size)
        if isinstance(system, Ours):
            return line | _answer(
                [sys.executable, "-m", "matching", *sys.argv[1:], f"--index={own}"]
            )
        return line | _timed(system, arguments, sources)


def _timed(system: System, arguments: Namespace, sources: Sources) -> dict[str, Any]:
    """Return how a system that is ready answers, alone and under writes."""
    queries = read_queries(sources.matcher(), sources.queries(arguments.queries))
    for query in queries[:WARM_UP]:
        system.search(query)
    line = _searched(system.search, queries, "")
    if isinstance(system, Ours):  # the same search as the others', without the reasons
        line |= _searched(system.rank, queries, "ranked_")
    first = next(chunks(arguments.folder / "corpus", arguments.documents[0]))
    line |= _under_writes(system, queries, first)
    return line | {"peak_mb": _peak()}


def _answer(command: Sequence[str]) -> dict[str, Any]:
    """Return the line that a process of its own prints; CalledProcessError where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    line: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return line


def _built(system: System, corpus: Path, size: int) -> dict[str, Any]:
    clock = Clock()
    for chunk in chunks(corpus, size):
        with clock.running():
            system.add(chunk)
    with clock.running():
        system.finish()
    line = {"build_seconds": round(clock.wall, 1), "build_cpu_seconds": round(clock.processor, 1)}
    line["build_peak_mb"] = _peak()
    return line


def _searched(
    search: Callable[[Query], list[str]], queries: Sequence[Query], prefix: str
) -> dict[str, Any]:
    clocks = [Clock() for _ in queries]
    for clock, query in zip(clocks, queries, strict=True):
        with clock.running():
            search(query)
    walls = np.array([clock.wall for clock in clocks]) * 1_000
    processor = np.array([clock.processor for clock in clocks]) * 1_000
    line = {f"{prefix}p{q}_ms": round(float(np.percentile(walls, q)), 2) for q in (50, 95)}
    line |= {f"{prefix}cpu_p{q}_ms": round(float(np.percentile(processor, q)), 2) for q in (50, 95)}
    return line


def _under_writes(system: System, queries: Sequence[Query], chunk: Chunk) -> dict[str, Any]:
    """Search while another thread replaces one document after the other."""
    if not system.write(chunk):
        return {}
    done, writes = Event(), [0]

    def write() -> None:
        while not done.is_set():
            system.write(chunk)
            writes[0] += 1

    writer = Thread(target=write)
    began = time.perf_counter()
    writer.start()
    line = _searched(system.search, queries, "written_")
    done.set()
    writer.join()
    line["writes_per_second"] = round(writes[0] / (time.perf_counter() - began), 1)
    return line


class Clock:
    """Adds up wall and processor seconds of what runs within it."""

    def __init__(self) -> None:
        self.wall = self.processor = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens within."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.processor += time.process_time() - processor


def _peak() -> int:
    """Return the most memory that this process ever had resident, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
