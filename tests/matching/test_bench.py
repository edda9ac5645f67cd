from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matching.__main__ import JUDGED, default_thesaurus, main
from matching.bench import table
from matching.bench_texts import LONGEST, SHORTEST, Generator


@pytest.fixture(scope="module")
def generator() -> Generator:
    """The generator of the benchmark's documents."""
    return Generator(JUDGED, default_thesaurus())


def test_the_same_number_gives_the_same_short_document(generator: Generator) -> None:
    documents = list(generator.documents(50))
    assert list(generator.documents(20, first=30)) == documents[30:]
    assert len({document.text for document in documents}) == 50
    assert all(SHORTEST <= len(one.title + one.text) <= LONGEST for one in documents)
    assert all(set(one.facets) == {"field", "league", "open"} for one in documents)


def test_few_words_stand_in_many_documents_and_many_in_few(generator: Generator) -> None:
    texts = [document.text for document in generator.documents(400)]
    held = [sum(one in text for text in texts) for one in dict.fromkeys("".join(texts))]
    assert max(held) > 200
    assert sum(count <= 4 for count in held) > len(held) / 5


def test_a_system_is_measured_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--documents", "40", "--queries", "3", "--systems", "ours,floor"]
    assert main(["bench", *options, "--folder", str(tmp_path), "--json"]) == 0
    reading, ours, floor = json.loads(capsys.readouterr().out)
    assert reading["system"] == "reading"
    for line in (ours, floor):
        assert line["documents"] == 40 and line["p95_ms"] > 0 and line["peak_mb"] > 0
    assert ours["written_p95_ms"] > 0 and "written_p95_ms" not in floor


def test_a_system_that_is_not_installed_is_skipped_with_a_line() -> None:
    program = (
        "import sys; from importlib.machinery import PathFinder\n"
        "class Lacking:\n"
        "    @staticmethod\n"
        "    def find_spec(name, *_):\n"
        "        if name == 'tantivy': raise ModuleNotFoundError(name)\n"
        "from matching.bench_systems import missing\n"
        "sys.path = [path for path in sys.path if 'site-packages' not in path]\n"
        "print(missing('tantivy'), missing('ours'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["tantivy", "None"]


def test_a_skipped_system_is_a_line_of_the_table() -> None:
    skipped = {"documents": 10, "system": "tantivy", "skipped": "tantivy is not installed: skipped"}
    assert "tantivy is not installed" in table([skipped])
