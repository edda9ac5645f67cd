"""The key of the ledger and the signed form of a head (c2sp.org/signed-note, Ed25519)."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, current_app

ED25519 = "ed25519"
#: The byte by which signed notes know Ed25519.
_TYPE = b"\x01"


@dataclass(frozen=True)
class Signature:
    """One signature of a head; it names its algorithm, so that others can stand beside it."""

    algorithm: str
    key: str
    line: str

    def as_row(self) -> dict[str, str]:
        """How it is stored."""
        return {"algorithm": self.algorithm, "key": self.key, "line": self.line}


class Signer:
    """Signs with the 32 bytes of ``seed``; ``ledger`` names a ledger that has no entries yet.

    ``former_keys`` are the public keys of this ledger that were in use before.
    """

    def __init__(self, seed: bytes, ledger: str, former_keys: Sequence[str] = ()) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = _TYPE + self._private.public_key().public_bytes_raw()
        self.former_keys = tuple(former_keys)
        self.ledger = ledger or f"shuangku/{self.fingerprint[:16]}"

    def key_of(self, ledger: str) -> str:
        """The public key as signed notes write it: name, key ID, type and key."""
        named = hashlib.sha256(ledger.encode() + b"\n" + self._public).hexdigest()[:8]
        return f"{ledger}+{named}+{base64.b64encode(self._public).decode()}"

    def sign(self, ledger: str, size: int, root: bytes) -> tuple[str, Signature]:
        """The checkpoint of a head, and its signature by itself."""
        key = self.key_of(ledger)
        body = f"{ledger}\n{size}\n{base64.b64encode(root).decode()}\n"
        made = bytes.fromhex(key.split("+")[1]) + self._private.sign(body.encode())
        line = f"— {ledger} {base64.b64encode(made).decode()}\n"
        return f"{body}\n{line}", Signature(ED25519, key, line)

    def knows(self, key: str) -> bool:
        """Whether ``key`` is this ledger's, now or formerly."""
        return key == self.key_of(key.partition("+")[0]) or key in self.former_keys

    @property
    def fingerprint(self) -> str:
        """What to publish, so that others can tell this key from another's."""
        return hashlib.sha256(self._public[1:]).hexdigest()


def current_signer() -> Signer:
    """The signer of the running application."""
    return current_app.extensions["ledger_signer"]


def init_app(app: Flask, *, seed: str, ledger: str, former_keys: Sequence[str]) -> None:
    """Give ``app`` its signer; ``seed`` is hexadecimal."""
    app.extensions["ledger_signer"] = Signer(bytes.fromhex(seed), ledger, former_keys)
