"""Judged sets as others write them: taken where they can only be meant one way, else refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matching.__main__ import main
from matching.judgements import UnreadableJudgements, read_judged

QUERY = b'{"id": 1, "title": "\xe9\x94\x85\xe7\x82\x89\xe7\xbb\x93\xe5\x9e\xa2", "text": null}'
DOCUMENT = b'{"id": "d", "text": "\xe9\x94\x85\xe7\x82\x89\xe9\x98\xbb\xe5\x9e\xa2\xe5\x89\x82"}'
GRADE = b'{"query_id": "1", "document_id": "d", "grade": 3}'
KEYS = {"method", "ndcg@10", "recall@10", "recall@100", "mrr"}


def written(folder: Path, queries: bytes, documents: bytes, qrels: bytes) -> list[Path]:
    """The three files, in the order that ``read_judged`` takes them."""
    paths = []
    for name, content in (("queries", queries), ("documents", documents), ("qrels", qrels)):
        paths.append(folder / f"{name}.jsonl")
        paths[-1].write_bytes(content)
    return paths


def test_what_can_only_be_meant_one_way_is_taken_so(tmp_path: Path) -> None:
    queries = b"\xef\xbb\xbf\r\n" + QUERY + b"\r\n\r\n" + b'{"id": 2.0, "title": 3, "more": []}'
    documents = DOCUMENT + b'\n{"id": "e", "title": "\\ud800", "facets": {"field": "05"}}\n'
    qrels = GRADE + b'\n{"query_id": 2, "document_id": "e", "grade": "2.0"}'
    judged = read_judged(*written(tmp_path, queries, documents, qrels))
    assert [(one.key, one.title, one.text) for one in judged.queries] == [
        ("1", "锅炉结垢", ""),
        ("2", "3", ""),
    ]
    assert judged.documents[1].title == "\ufffd", "no text can hold half a character"
    assert judged.documents[1].facets == {"field": ("05",)}
    assert judged.grades == {"1": {"d": 3}, "2": {"e": 2}}
    assert judged.notes == ()


def test_what_is_odd_but_harmless_is_noted(tmp_path: Path) -> None:
    qrels = GRADE + b'\n{"query_id": "x", "document_id": "y", "grade": -1}'
    again = DOCUMENT + b'\n{"id": "d", "title": "another"}'
    unanswered = QUERY + b'\n{"id": 5, "title": "\xe7\x82\x89\xe8\x86\x9b"}'
    judged = read_judged(*written(tmp_path, unanswered, again, qrels))
    assert [one.title for one in judged.documents] == [""]
    assert judged.grades["x"] == {"y": 0}
    assert len(judged.notes) == 4 and all(note.endswith(": 1") for note in judged.notes)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("queries", b"{"),
        ("queries", b"[1]"),
        ("queries", b"\xff\xfe"),
        ("queries", b'{"title": "no id"}'),
        ("queries", b'{"id": true}'),
        ("queries", b'{"id": ""}'),
        ("documents", b'{"id": "z", "text": ["a"]}'),
        ("documents", b'{"id": "z", "facets": {"field": 5}}'),
        ("documents", b'{"id": "z", "facets": []}'),
        ("documents", b"[" * 100_000),
        ("documents", b'{"id": ' + b"1" * 5_000 + b"}"),
        ("qrels", b'{"query_id": "1", "document_id": "d"}'),
        ("qrels", b'{"query_id": "1", "document_id": "d", "grade": "good"}'),
        ("qrels", b'{"query_id": "1", "document_id": "d", "grade": NaN}'),
        ("qrels", b'{"query_id": "1", "document_id": "d", "grade": 1' + b"0" * 400 + b"}"),
        ("qrels", b'{"query_id": "1", "grade": 1}'),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, line: bytes
) -> None:
    contents = {"queries": QUERY, "documents": DOCUMENT, "qrels": GRADE}
    contents[name] += b"\n\n" + line
    paths = written(tmp_path, *contents.values())
    with pytest.raises(UnreadableJudgements):
        read_judged(*paths)
    asked = [f"--{path.stem}={path}" for path in paths]
    assert main(["evaluate", *asked]) == 2
    assert f"{name}.jsonl:3: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["queries", "documents"])
def test_a_file_without_a_line_is_refused(tmp_path: Path, name: str) -> None:
    contents = {"queries": QUERY, "documents": DOCUMENT, "qrels": GRADE} | {name: b"\n"}
    with pytest.raises(UnreadableJudgements, match=f"{name}.jsonl"):
        read_judged(*written(tmp_path, *contents.values()))


@pytest.mark.parametrize("qrels", [b"", b'{"query_id": 1, "document_id": "d", "grade": 0}'])
def test_nothing_relevant_gives_figures_that_are_not_defined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], qrels: bytes
) -> None:
    paths = written(tmp_path, QUERY, DOCUMENT, qrels)
    asked = [f"--{path.stem}={path}" for path in paths] + [f"--cache={tmp_path}"]
    assert main(["evaluate", *asked, "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["methods"]
    assert all(line.keys() >= KEYS and line["ndcg@10"] is None for line in lines)
    assert main(["evaluate", *asked]) == 0 and "—" in capsys.readouterr().out


def test_a_query_of_one_word_is_ranked_for_and_a_long_text_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = json.dumps({"id": 1, "title": "阻垢剂"}).encode()
    documents = DOCUMENT + b"\n" + json.dumps({"id": "long", "text": "风电叶片" * 250_000}).encode()
    paths = written(tmp_path, query, documents, GRADE)
    asked = [f"--{path.stem}={path}" for path in paths] + [f"--cache={tmp_path}"]
    assert main(["evaluate", *asked, "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["methods"]
    assert all(line["ndcg@10"] == 1 for line in lines)


def test_a_model_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = written(tmp_path, QUERY, DOCUMENT, GRADE)
    asked = [f"--{path.stem}={path}" for path in paths]
    assert main(["evaluate", *asked, "--encoder", str(tmp_path / "none")]) == 2
    assert "no such model folder" in capsys.readouterr().err
