"""Check a proof of the ledger: this one file and Python 3; no installation, no network.

    python verify_proof.py proof.json [--head head.json] [--key KEY]

``proof.json`` is a receipt (an entry and its place in the tree), a consistency proof (nothing was
rewritten between two heads) or a head. ``--head`` is a head you kept or had from somebody else,
``--key`` the public key as published: with either, nobody can be shown a history of his own. Three
answers, each for itself: is the entry *included*, are the heads *consistent*, are they *signed*.
What cannot be checked, as a signature where the Python library ``cryptography`` is lacking, is
called "not checked", never valid. Trees and proofs: RFC 9162 §2.1; heads: c2sp.org/tlog-checkpoint.
Exit code: 0 the claim holds and nothing is wrong, 1 something is wrong, 2 the command was mistyped.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

CAN_CHECK_SIGNATURES = find_spec("cryptography") is not None
if CAN_CHECK_SIGNATURES:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

YES, NO, NOT_CHECKED = "yes", "NO", "not checked"
WORDS = {"included": "已收录", "consistent": "前后一致", "signed": "已签名"}
WORDS |= {YES: "是", NO: "否", NOT_CHECKED: "未检验"}
#: format of a file → the question it answers
CLAIMS = {"receipt": "included", "consistency": "consistent", "head": "signed"}
EMPTY_ROOT = hashlib.sha256(b"").digest()
NOTE = re.compile(r"(\S+)\n(0|[1-9]\d{0,15})\n(\S{44})\n\n((?:— \S+ \S+\n)+)", re.ASCII)
Answers = dict[str, tuple[str, str]]  # question → (state, reason in Chinese · in English)


class Refused(ValueError):
    """The file is no proof; says why, in Chinese and English."""


class Head(NamedTuple):
    """A checkpoint; ``body`` is what is signed, ``signatures`` are (key name, key ID ‖ bytes)."""

    origin: str
    size: int
    root: bytes
    body: str
    signatures: list[tuple[str, bytes]]


def leaf_hash(content: bytes) -> bytes:
    """The hash of an entry, RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _sides(fn: int, sn: int, path: list[bytes]) -> list[bool] | None:
    """For each step of ``path`` whether it joins from the left; ``None`` if its length is wrong."""
    sides = []
    for _step in path:
        if sn == 0:
            return None
        sides.append(bool(fn & 1) or fn == sn)
        while sides[-1] and not fn & 1 and fn:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    return sides if sn == 0 else None


def includes(leaf: bytes, position: int, size: int, root: bytes, path: list[bytes]) -> bool:
    """Whether ``path`` leads from ``leaf`` at ``position`` to ``root``, RFC 9162 §2.1.3.2."""
    sides = _sides(position, size - 1, path) if 0 <= position < size else None
    for step, left in zip(path, sides or [], strict=False):
        leaf = node_hash(step, leaf) if left else node_hash(leaf, step)
    return sides is not None and leaf == root


def extends(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the tree of ``new`` leaves begins with the ``old`` ones, RFC 9162 §2.1.4.2."""
    if old in (0, new):
        return not path and old_root == (new_root if old == new else EMPTY_ROOT)
    first, *steps = [old_root, *path] if old & (old - 1) == 0 else [*path] or [b""]
    full = ((old - 1) ^ old).bit_length() - 1  # levels on which the old tree has no loose end
    sides = _sides(old - 1 >> full, new - 1 >> full, steps) if old < new else None
    before = after = first
    for step, left in zip(steps, sides or [], strict=False):
        before = node_hash(step, before) if left else before
        after = node_hash(step, after) if left else node_hash(after, step)
    return sides is not None and (before, after) == (old_root, new_root)


def decoded(text: str) -> bytes:
    """The bytes of base64 in its one canonical form."""
    content = base64.b64decode(text)
    if base64.b64encode(content).decode() != text:
        raise Refused("编码有误 · not canonical base64")
    return content


def read_head(text: str) -> Head:
    """A signed checkpoint; :class:`Refused` for any other text."""
    parts = NOTE.fullmatch(text)
    if parts is None:
        raise Refused("不是签名树头 · not a signed tree head (C2SP checkpoint)")
    lines = [line.split(" ") for line in parts[4].splitlines()]
    signatures = [(name, decoded(value)) for _dash, name, value in lines]
    body = text[: text.index("\n\n") + 1]
    return Head(parts[1], int(parts[2]), decoded(parts[3]), body, signatures)


def public_key(key: str) -> bytes:
    """Algorithm byte and public key from ``name+ID+base64``, whose ID must fit."""
    name, named, encoded = [*key.split("+", 2), "", ""][:3]
    if hashlib.sha256(name.encode() + b"\n" + decoded(encoded)).hexdigest()[:8] != named:
        raise Refused("公钥有误 · the public key is malformed")
    return decoded(encoded)


def fingerprint(key: str) -> str:
    """What to compare with the published fingerprint: hex SHA-256 of the public key."""
    return hashlib.sha256(public_key(key)[1:]).hexdigest()


def signature_of(head: Head, key: str) -> tuple[str, str]:
    """Whether ``head`` is signed by ``key``: state and reason."""
    public, who = public_key(key), (key.split("+")[0], bytes.fromhex(key.split("+")[1]))
    made = [sign[4:] for name, sign in head.signatures if (name, sign[:4]) == who]
    if who[0] != head.origin or not made:
        return NO, "不是这个台账的公钥签的 · not signed by this key of this ledger"
    if public[:1] != b"\x01" or not CAN_CHECK_SIGNATURES:
        return NOT_CHECKED, "缺少 cryptography 程序库或不识此算法 · library or algorithm lacking"
    try:
        for signature in made:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, head.body.encode())
    except InvalidSignature:
        return NO, "签名与树头不符 · the signature does not fit the head"
    return YES, f"公钥指纹 {fingerprint(key)} · key fingerprint {fingerprint(key)}"


def written(document: dict[str, Any]) -> bytes:
    """The one exact form of a proof file, in which no byte can change unseen."""
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read(data: bytes) -> dict[str, Any]:
    """A proof file, or a bare checkpoint as a head without its key."""
    if not data.lstrip().startswith(b"{"):
        return {"format": "head", "head": data.decode(), "key": ""}
    document = json.loads(data)
    if document.get("format") not in CLAIMS or written(document) != data:
        raise Refused("不是台账证明，或已被改动 · not a proof of the ledger, or altered")
    return document


def _included(document: dict[str, Any], head: Head) -> tuple[str, str]:
    content = decoded(document["entry"])
    entry, position, path = json.loads(content), document["position"], document["path"]
    where = f"第 {position} 条，共 {head.size} 条 · position {position} of {head.size} entries"
    if entry["algorithm"] != "sha256":
        return NOT_CHECKED, "不识此算法 · unknown algorithm"
    if (entry["position"], entry["ledger"]) != (position, head.origin):
        return NO, "条目不属于这个位置 · the entry belongs to another place"
    leaf, steps = leaf_hash(content), [decoded(step) for step in path]
    return (YES if includes(leaf, position, head.size, head.root, steps) else NO), where


def _consistent(document: dict[str, Any], known: list[Head]) -> tuple[str, str]:
    """All heads that are known must be of one ledger; those of one size must be the same."""
    if len({head.origin for head in known}) > 1:
        return NO, "树头属于不同的台账 · the heads are of different ledgers"
    if len({(head.size, head.root) for head in known}) > len({head.size for head in known}):
        return NO, "同一规模有两个树根：历史被改写 · two roots for one size: history was rewritten"
    if document["format"] == "consistency":
        new, old, path = known[0], known[1], [decoded(step) for step in document["path"]]
        holds = extends(old.size, new.size, old.root, new.root, path)
        return (YES if holds else NO), f"{old.size} → {new.size} · {old.size} to {new.size} entries"
    if len(known) > 1 and len({head.size for head in known}) == 1:
        return YES, "与给出的树头相同 · the same as the given head"
    return NOT_CHECKED, "需要同一规模的树头或一致性证明 · needs a head of that size, or a proof"


def check(data: bytes, against: bytes | None = None, key: str = "") -> Answers:
    """The three answers for a proof file; :class:`Refused` where it is none."""
    try:
        document, other = read(data), read(against) if against else None
        heads = [read_head(document[name]) for name in ("head", "old") if name in document]
        known = [*heads, *([read_head(other["head"])] if other else [])]
        keys = {k for k in (document["key"], key, other["key"] if other else "") if k}
        signed = [signature_of(head, k) for k in sorted(keys) for head in heads]
        unknown = (NOT_CHECKED, "没有公钥 · no public key was given")
        none = (NOT_CHECKED, "文件中没有条目 · the file holds no entry")
        return {
            "included": _included(document, heads[0]) if "entry" in document else none,
            "consistent": _consistent(document, known),
            "signed": min(signed, key=lambda one: (NO, NOT_CHECKED, YES).index(one[0]), default=unknown),
        }  # fmt: skip
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        reason = str(fault) if isinstance(fault, Refused) else "格式有误 · malformed"
        raise Refused(reason) from fault


def is_sound(data: bytes, answers: Answers) -> bool:
    """Whether what the file claims holds and nothing is wrong."""
    states = {question: state for question, (state, _reason) in answers.items()}
    return states[CLAIMS[read(data)["format"]]] == YES and NO not in states.values()


def main() -> int:
    """Answer on the command line."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("proof", type=Path)
    options.add_argument("--head", type=Path)
    options.add_argument("--key", default="")
    given = options.parse_args()
    try:
        data = given.proof.read_bytes()
        answers = check(data, given.head.read_bytes() if given.head else None, given.key)
    except (OSError, Refused) as fault:
        print(f"✗ {fault}")
        return 1
    for question, (state, reason) in answers.items():
        print(f"{WORDS[question]} {question}: {WORDS[state]} {state} ({reason})")
    return 0 if is_sound(data, answers) else 1


if __name__ == "__main__":
    sys.exit(main())
