"""Passwords are kept as argon2id hashes (RFC 9106), with the library's parameters."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Flask, current_app

SHORTEST = 8
_STRONG = PasswordHasher()
#: Argon2's smallest parameters: whoever tests makes people by the thousand, and guards nothing.
_FOR_TESTS = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def init_app(app: Flask, *, testing: bool) -> None:
    """Choose how much work a hash is; only ``testing`` makes it little."""
    app.extensions["password_hasher"] = _FOR_TESTS if testing else _STRONG


def hash_password(password: str) -> str:
    """The encoded argon2id hash."""
    return _hasher().hash(password)


def verify_password(encoded: str | None, password: str) -> bool:
    """Whether ``password`` is the one hashed; ``None`` costs the same time and is false."""
    hasher = _hasher()
    try:
        hasher.verify(encoded or _nobody(hasher), password)
    except VerificationError:
        return False
    return encoded is not None


def random_password() -> str:
    """Twelve characters that can be read out on the telephone: no 0 O 1 l I. 60 bits."""
    return "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz-") for _ in range(12))


def _hasher() -> PasswordHasher:
    return current_app.extensions["password_hasher"]


@cache
def _nobody(hasher: PasswordHasher) -> str:
    """Checked when the name is unknown, so that the time of an answer tells nothing."""
    return hasher.hash("nobody")
