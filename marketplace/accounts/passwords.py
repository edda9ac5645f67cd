"""Passwords are kept as argon2id hashes (RFC 9106), with the library's parameters."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_hasher = PasswordHasher()
SHORTEST = 8
#: Checked when the name is unknown, so that the time of an answer tells nothing.
_NOBODY = _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """The encoded argon2id hash."""
    return _hasher.hash(password)


def verify_password(encoded: str | None, password: str) -> bool:
    """Whether ``password`` is the one hashed; ``None`` costs the same time and is false."""
    try:
        _hasher.verify(encoded or _NOBODY, password)
    except VerificationError:
        return False
    return encoded is not None


def random_password() -> str:
    """Twelve characters that can be read out on the telephone: no 0 O 1 l I. 60 bits."""
    return "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz-") for _ in range(12))
