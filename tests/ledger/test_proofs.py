"""Heads, receipts and consistency proofs, and the one file with which anybody checks them."""

import ast
import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from marketplace.database import utcnow
from marketplace.errors import Conflict, NotFound
from marketplace.ledger import queries, verify_proof
from marketplace.ledger.operations import sign_head
from marketplace.ledger.signing import Signer, current_signer
from marketplace.ledger.verify_proof import (
    CLAIMS,
    NO,
    NOT_CHECKED,
    YES,
    Head,
    Refused,
    check,
    read_head,
    signature_of,
    written,
)
from marketplace.transactions import transact
from marketplace.worker import drain
from tests.factories import a_head, an_entry, some_entries

CHECKER = Path(verify_proof.__file__)


@pytest.fixture
def receipt(app: Flask) -> bytes:
    """The receipt of the fifth of nine entries."""
    some_entries(9)
    a_head()
    return written(queries.receipt(4))


def states(*arguments: object) -> dict[str, str]:
    answers, _sound = check(*arguments)
    return {question: state for question, (state, _reason) in answers.items()}


def test_a_receipt_proves_its_entry_included_and_its_head_signed(receipt: bytes) -> None:
    assert states(receipt) == {"included": YES, "consistent": NOT_CHECKED, "signed": YES}
    assert check(receipt)[1]


def test_a_receipt_holds_the_bytes_as_they_are_stored(receipt: bytes) -> None:
    assert base64.b64decode(json.loads(receipt)["entry"]) == queries.load(4).content


@pytest.mark.parametrize("size", range(1, 18))
def test_every_entry_has_a_receipt_at_every_size(app: Flask, size: int) -> None:
    some_entries(size)
    a_head()
    for position in range(size):
        assert states(written(queries.receipt(position)))["included"] == YES


def test_no_byte_of_a_receipt_can_be_altered(receipt: bytes) -> None:
    for place in range(len(receipt)):
        for byte in {receipt[place] ^ 1, receipt[place] ^ 0x20, ord(" "), ord("A"), 0xFF}:
            altered = receipt[:place] + bytes([byte]) + receipt[place + 1 :]
            assert altered == receipt or not is_accepted(altered), (
                place,
                altered[place - 9 :][:20],
            )


def is_accepted(data: bytes) -> bool:
    try:
        return check(data)[1]
    except Refused:
        return False


def test_no_byte_of_a_receipt_can_be_left_out_or_put_in(receipt: bytes) -> None:
    for place in range(len(receipt)):
        assert not is_accepted(receipt[:place] + receipt[place + 1 :])
        assert not is_accepted(receipt[:place] + b" " + receipt[place:])


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_what_is_no_proof_is_refused_and_never_a_failure(data: bytes) -> None:
    assert not is_accepted(data)


HOSTILE = [
    b'{"format":"receipt"}', written({"format": "receipt"}), b"{" * 100_000, b'{"a":' * 100_000,
    written({"format": ["receipt"]}), written({"format": "receipt", "head": 7, "key": ""}), b"{}\n", b"[]\n",
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        check(data)


@pytest.mark.parametrize(
    "name, value",
    [
        ("path", "abc"), ("path", [7]), ("path", []), ("position", "4"), ("position", -1),
        ("position", 99), ("position", 2**70), ("entry", ""), ("entry", "W10="), ("key", "a+b+c"), ("head", "x"),
        ("key", "x"), ("entry", None), ("path", None),
    ],
)  # fmt: skip
def test_a_receipt_with_an_odd_value_is_refused(receipt: bytes, name: str, value: object) -> None:
    assert not is_accepted(written(json.loads(receipt) | {name: value}))


def test_an_unknown_algorithm_is_not_checked_and_never_valid(receipt: bytes) -> None:
    document = json.loads(receipt)
    entry = json.loads(base64.b64decode(document["entry"])) | {"algorithm": "sm3"}
    document["entry"] = base64.b64encode(json.dumps(entry).encode()).decode()
    assert states(written(document))["included"] == NOT_CHECKED
    assert not check(written(document))[1]


def test_a_receipt_of_another_ledger_with_the_same_tree_is_refused(receipt: bytes) -> None:
    document, head = json.loads(receipt), queries.latest_head()
    other = Signer(bytes(32), "")
    note, signature = other.sign("another/ledger", head.size, head.root)
    answers = states(written(document | {"head": note, "key": signature.key}))
    assert answers == {"included": NO, "consistent": NOT_CHECKED, "signed": YES}


def test_a_key_given_by_hand_must_have_signed(receipt: bytes) -> None:
    own = current_signer().key_of(queries.latest_head().origin)
    other = Signer(bytes(32), "").key_of(queries.latest_head().origin)
    assert states(receipt, None, own)["signed"] == YES
    assert states(receipt, None, other)["signed"] == NO


def test_a_head_of_the_same_size_agrees_or_shows_that_history_was_rewritten(receipt: bytes) -> None:
    head = queries.latest_head()
    kept = written(queries.head_file(head))
    assert states(receipt, kept)["consistent"] == YES
    assert states(receipt, head.note.encode())["consistent"] == YES
    note, _signature = current_signer().sign(head.origin, head.size, bytes(32))
    assert states(receipt, note.encode())["consistent"] == NO
    assert not check(receipt, note.encode())[1]


def test_a_head_of_another_size_leaves_consistency_open(receipt: bytes) -> None:
    some_entries(1)
    assert states(receipt, a_head().note.encode())["consistent"] == NOT_CHECKED


def test_a_kept_head_pins_the_key_it_was_signed_with(receipt: bytes) -> None:
    head = queries.latest_head()
    note, signature = Signer(bytes(32), "").sign(head.origin, head.size, head.root)
    kept = written({"format": "head", "head": note, "key": signature.key})
    assert states(receipt, kept)["signed"] == NO


@pytest.mark.parametrize("old", range(0, 12))
def test_two_heads_prove_that_nothing_was_rewritten_between_them(app: Flask, old: int) -> None:
    some_entries(old) if old else None
    older = a_head()
    some_entries(12 - old)
    newer = a_head()
    proof = written(queries.consistency(read_head(older.note), newer))
    assert states(proof) == {"included": NOT_CHECKED, "consistent": YES, "signed": YES}
    assert states(proof, older.note.encode())["consistent"] == YES


def test_a_head_that_was_not_ours_is_not_consistent(receipt: bytes) -> None:
    head = queries.latest_head()
    note, _signature = current_signer().sign(head.origin, 5, bytes(32))
    proof = written(queries.consistency(read_head(note), head))
    assert states(proof)["consistent"] == NO


def test_a_consistency_proof_leads_from_the_older_head_to_the_newer(receipt: bytes) -> None:
    older = read_head(queries.latest_head().note)
    note, _signature = current_signer().sign(older.origin, 10, bytes(32))
    with pytest.raises(Conflict):
        queries.consistency(read_head(note), queries.latest_head())


def test_a_bare_checkpoint_is_a_head_whose_key_must_be_given(receipt: bytes) -> None:
    head = queries.latest_head()
    assert states(head.note.encode())["signed"] == NOT_CHECKED
    assert not check(head.note.encode())[1]
    assert check(head.note.encode(), None, head.key)[1]


def test_a_head_is_a_checkpoint_that_names_its_ledger_its_size_and_its_root(app: Flask) -> None:
    some_entries(3)
    head = a_head()
    lines = head.note.splitlines()
    assert lines[:2] == [queries.load(0).envelope["ledger"], "3"]
    assert base64.b64decode(lines[2]) == head.root == queries.root_at(3)
    assert lines[3] == "" and lines[4].startswith(f"— {lines[0]} ")
    assert head.signatures[0]["algorithm"] == "ed25519" and head.algorithm == "sha256"


def test_a_key_is_named_as_signed_notes_name_it() -> None:
    """The example of Go's sumdb/note, which signed notes come from."""
    text = "If you think cryptography is the answer to your problem,\n"
    text += "then you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    head = Head("PeterNeumann", 0, b"", f"{text}\n—", [("PeterNeumann", base64.b64decode(line))])
    assert signature_of(head, key)[0] == YES
    assert signature_of(head._replace(note=f"{text}!\n\n—"), key)[0] == NO


def test_a_head_is_signed_once_for_one_state_of_the_ledger(app: Flask) -> None:
    some_entries(3)
    assert a_head().id == a_head().id
    some_entries(1)
    assert a_head().size == 4


def test_the_worker_signs_what_was_entered(app: Flask) -> None:
    an_entry()
    with pytest.raises(Conflict):
        queries.receipt(0)
    drain()
    assert queries.latest_head().size == 1
    assert check(written(queries.receipt(0)))[1]


def test_a_head_covers_committed_entries_alone(app: Flask) -> None:
    some_entries(2)
    transact(lambda: sign_head(now=utcnow()))
    assert queries.latest_head().size == queries.size() == 2


def test_there_is_no_receipt_for_an_entry_that_is_not_there(app: Flask) -> None:
    for position in (0, -1, 2**64):
        with pytest.raises(NotFound):
            queries.receipt(position)


def test_a_number_finds_how_its_registration_stands_now(app: Flask) -> None:
    made = an_entry()
    assert queries.entry_of_number(made.facts["number"]).position == made.position
    with pytest.raises(NotFound):
        queries.entry_of_number("0" * 16)


# The file that others are given.


def alone(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A Python with neither libraries nor this project, and the checker copied to a bare folder."""
    shutil.copy(CHECKER, folder / "verify_proof.py")
    words = [sys.executable, "-I", "-S", "verify_proof.py", *map(str, arguments)]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_the_checker_is_one_short_file_of_the_standard_library() -> None:
    source = CHECKER.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 200
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert names - {"cryptography"} <= sys.stdlib_module_names


def test_the_checker_needs_nothing_and_says_what_it_could_not_check(
    receipt: bytes, tmp_path: Path
) -> None:
    (tmp_path / "proof.json").write_bytes(receipt)
    answer = alone(tmp_path, "proof.json")
    assert answer.returncode == 0, answer.stderr
    included, consistent, signed = answer.stdout.splitlines()
    assert "included: 是 yes" in included
    assert "consistent: 未检验 not checked" in consistent
    assert "signed: 未检验 not checked" in signed


def test_the_checker_refuses_an_altered_receipt_without_any_library(
    receipt: bytes, tmp_path: Path
) -> None:
    document = json.loads(receipt)
    (tmp_path / "proof.json").write_bytes(written(document | {"position": 5}))
    answer = alone(tmp_path, "proof.json")
    assert answer.returncode == 1 and "included: 否 NO" in answer.stdout
    (tmp_path / "proof.json").write_bytes(receipt + b" ")
    assert alone(tmp_path, "proof.json").returncode == 1


def test_the_checker_checks_consistency_files_and_kept_heads(
    receipt: bytes, tmp_path: Path
) -> None:
    older = queries.latest_head()
    some_entries(4)
    proof = queries.consistency(read_head(older.note), a_head())
    (tmp_path / "c.json").write_bytes(written(proof))
    (tmp_path / "kept.txt").write_text(older.note, encoding="utf-8")
    assert "consistent: 是 yes" in alone(tmp_path, "c.json", "--head", "kept.txt").stdout
    forged = older.note.replace(older.note.splitlines()[2], base64.b64encode(bytes(32)).decode())
    (tmp_path / "kept.txt").write_text(forged, encoding="utf-8")
    answer = alone(tmp_path, "c.json", "--head", "kept.txt")
    assert answer.returncode == 1 and "consistent: 否 NO" in answer.stdout


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("--nonsense",)])
def test_the_checker_tells_how_it_is_used(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert alone(tmp_path, *arguments).returncode == 2


def test_the_checker_says_in_one_line_that_a_file_is_missing(tmp_path: Path) -> None:
    answer = alone(tmp_path, "missing.json")
    assert answer.returncode == 1 and len(answer.stderr.splitlines()) == 1


def test_each_format_has_one_claim() -> None:
    assert set(CLAIMS.values()) == {"included", "consistent", "signed"}
