"""核对码: twelve characters on a certificate that nobody can guess from its number.

A keyed digest, so that a certificate made again after an interruption is the same to the byte.
"""

import hashlib
import hmac

from flask import current_app

#: Crockford's digits: no I, L, O or U, which are misread.
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_MISREAD = str.maketrans("OIL", "011", "- \t\r\n")


def code_of(subject: str) -> str:
    """The code of what is called ``subject``: 60 bits of HMAC-SHA-256 under the secret key."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.new(secret, f"certificate:{subject}".encode(), hashlib.sha256).digest()
    value = int.from_bytes(digest[:8], "big")
    return "".join(DIGITS[value >> shift & 31] for shift in range(4, 64, 5))


def grouped(code: str) -> str:
    """As it is printed: three groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def is_same(typed: str, code: str) -> bool:
    """Whether what somebody typed is ``code``, in whatever case, with or without its hyphens."""
    plain = typed[:60].upper().translate(_MISREAD)
    return hmac.compare_digest(plain.encode(), code.encode())
