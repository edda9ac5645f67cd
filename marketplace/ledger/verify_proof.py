"""Check a proof of the ledger: this one file and Python 3, no installation, no network.

    python verify_proof.py proof.json [--head head.json] [--key KEY]

``proof.json`` is a receipt (an entry and its place), a consistency proof (nothing was rewritten
between two heads) or a head. With ``--head``, a head you kept or had from others, or ``--key``, the
key as published, nobody can be shown a history of his own. What cannot be checked, as signatures
without the library ``cryptography``, is "not checked", never valid. Exit code: 0 sound, 1 not.
"""

import argparse
import base64
import hashlib
import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

if CAN_CHECK_SIGNATURES := find_spec("cryptography") is not None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

YES, NO, NOT_CHECKED = "yes", "NO", "not checked"  # the worst comes first in order of text
WORDS = {"included": "已收录", "consistent": "前后一致", "signed": "已签名"}
WORDS |= {YES: "是", NO: "否", NOT_CHECKED: "未检验"}
CLAIMS = {"receipt": "included", "consistency": "consistent", "head": "signed"}
EMPTY_ROOT = hashlib.sha256(b"").digest()
NOTE = re.compile(r"(\S+)\n(0|[1-9]\d{0,15})\n(\S{44})\n\n((?:— \S+ \S+\n)+)", re.ASCII)
Answers = dict[str, tuple[str, str]]  # question → (state, reason)


class Refused(ValueError):
    """The file is no proof; says why, in Chinese and English."""


class Head(NamedTuple):
    """A checkpoint (c2sp.org/tlog-checkpoint); its signatures are (key name, key ID ‖ bytes)."""

    origin: str
    size: int
    root: bytes
    note: str
    signatures: list[tuple[str, bytes]]


def leaf_hash(content: bytes) -> bytes:
    """The hash of an entry, RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _climb(fn: int, sn: int, first: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root to which ``path`` leads, RFC 9162 §2.1.3.2 and §2.1.4.2."""
    old = new = first
    for step in path:
        if sn == 0:
            return b"", b""
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    return (old, new) if sn == 0 else (b"", b"")


def includes(leaf: bytes, position: int, size: int, root: bytes, path: list[bytes]) -> bool:
    """Whether ``path`` leads from ``leaf`` at ``position`` to ``root``."""
    return 0 <= position < size and _climb(position, size - 1, leaf, path)[1] == root


def extends(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the tree of ``new`` leaves begins with the ``old`` ones."""
    if old in (0, new):
        return not path and old_root == (new_root if old == new else EMPTY_ROOT)
    low = (old & -old).bit_length() - 1  # below this level the old tree has no loose end
    first, *steps = [old_root, *path] if old == 1 << low else path or [b""]
    reached = _climb(old - 1 >> low, new - 1 >> low, first, steps)
    return old < new and reached == (old_root, new_root)


def decoded(text: str) -> bytes:
    """The bytes of base64 in its one canonical form."""
    content = base64.b64decode(text)
    if base64.b64encode(content).decode() != text:
        raise ValueError(text)
    return content


def read_head(text: str) -> Head:
    """A signed checkpoint; :class:`Refused` for any other text."""
    if not (parts := NOTE.fullmatch(text)):
        raise Refused("不是签名树头 · not a signed tree head (C2SP checkpoint)")
    signatures = [(line.split()[1], decoded(line.split()[2])) for line in parts[4].splitlines()]
    return Head(parts[1], int(parts[2]), decoded(parts[3]), text, signatures)


def signature_of(head: Head, key: str) -> tuple[str, str]:
    """Whether ``head`` is signed by ``key``, written ``name+ID+base64``: state and reason."""
    name, named, encoded = key.split("+", 2)
    public = decoded(encoded)
    fits = hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] == named
    made = [sign[4:] for who, sign in head.signatures if (who, sign[:4].hex()) == (name, named)]
    if name != head.origin or not fits or not made:
        return NO, "不是这个台账的公钥签的 · not signed by this key of this ledger"
    if public[:1] != b"\x01" or not CAN_CHECK_SIGNATURES:
        return NOT_CHECKED, "缺少程序库 cryptography 或不识此算法 · library or algorithm lacking"
    body = head.note.partition("\n\n")[0] + "\n"
    try:
        for signature in made:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, body.encode())
    except InvalidSignature:
        return NO, "签名与树头不符 · the signature does not fit the head"
    return YES, f"SHA-256 {hashlib.sha256(public[1:]).hexdigest()}"


def written(document: dict[str, Any]) -> bytes:
    """The one exact form of a proof file, in which no byte can change unseen."""
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read(data: bytes) -> dict[str, Any]:
    """A proof file; a bare checkpoint is a head without its key."""
    if not data.startswith(b"{"):
        return {"format": "head", "head": data.decode(), "key": ""}
    document: dict[str, Any] = json.loads(data)
    if document.get("format") not in CLAIMS or written(document) != data:
        raise Refused("不是台账证明，或已被改动 · not a proof of the ledger, or altered")
    return document


def _included(document: dict[str, Any], head: Head) -> tuple[str, str]:
    if "entry" not in document:
        return NOT_CHECKED, "文件中没有条目 · the file holds no entry"
    content, position = decoded(document["entry"]), document["position"]
    entry, path = json.loads(content), [decoded(step) for step in document["path"]]
    if entry["algorithm"] != "sha256":
        return NOT_CHECKED, "不识此算法 · unknown algorithm"
    holds = includes(leaf_hash(content), position, head.size, head.root, path)
    holds = holds and (entry["position"], entry["ledger"]) == (position, head.origin)
    return YES if holds else NO, f"第 {position} 条，共 {head.size} 条 · {position} of {head.size}"


def _consistent(document: dict[str, Any], heads: list[Head]) -> tuple[str, str]:
    sizes = [head.size for head in heads]
    if len({head.origin for head in heads}) > 1:
        return NO, "树头属于不同的台账 · the heads are of different ledgers"
    if len({(head.size, head.root) for head in heads}) > len({*sizes}):
        return NO, "同一规模有两个树根，历史被改写 · two roots for one size: history was rewritten"
    if document["format"] == "consistency":
        new, old, path = heads[0], heads[1], [decoded(step) for step in document["path"]]
        holds = extends(old.size, new.size, old.root, new.root, path)
        return YES if holds else NO, f"{old.size} → {new.size}"
    if len({*sizes}) < len(sizes):
        return YES, "与给出的树头相同 · the same as the given head"
    return NOT_CHECKED, "需要同一规模的树头或一致性证明 · needs a head of that size or a proof"


def check(data: bytes, against: bytes | None = None, key: str = "") -> tuple[Answers, bool]:
    """The answers, and whether the file's claim holds and nothing is wrong; or :class:`Refused`."""
    try:
        document, other = read(data), read(against) if against else {}
        heads = [read_head(document[name]) for name in ("head", "old") if name in document]
        known = [*heads, *([read_head(other["head"])] if other else [])]
        keys = sorted({document["key"], other.get("key", ""), key} - {""})
        signed = [signature_of(head, one) for one in keys for head in heads]
        answers = {
            "included": _included(document, heads[0]),
            "consistent": _consistent(document, known),
            "signed": min(signed, default=(NOT_CHECKED, "没有公钥 · no public key")),
        }
        claimed = answers[CLAIMS[document["format"]]]
        return answers, claimed[0] == YES and min(answers.values())[0] != NO
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as fault:
        raise Refused(fault if isinstance(fault, Refused) else "格式有误 · malformed") from fault


def _main() -> int | str:
    options = argparse.ArgumentParser(description="检验台账证明 · Check a proof of the ledger")
    for name, kind in (("proof", Path), ("--head", Path), ("--key", str)):
        options.add_argument(name, type=kind)
    at = options.parse_args()
    try:
        found, sound = check(at.proof.read_bytes(), at.head and at.head.read_bytes(), at.key or "")
    except (OSError, Refused) as fault:
        return f"✗ {fault}"
    for question, (state, reason) in found.items():
        print(f"{WORDS[question]} {question}: {WORDS[state]} {state} ({reason})")
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(_main())
