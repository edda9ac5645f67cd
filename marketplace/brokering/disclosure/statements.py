"""The versions of the confidentiality statement; one of them is in force on any day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from flask import Flask, current_app


@dataclass(frozen=True)
class Statement:
    """A text that people confirm; ``sha256`` is over its UTF-8 bytes as they are shown."""

    version: str
    in_force: date
    text: str

    @property
    def sha256(self) -> str:
        """The digest that each confirmation keeps."""
        return sha256(self.text.encode()).hexdigest()


def statements_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """The statements of the file, the oldest first; ValueError where there is none."""
    read = [Statement(row["version"], row["in_force"], row["text"].strip()) for row in rows]
    if not read:
        raise ValueError("config/confidentiality.toml names no statement")
    return tuple(sorted(read, key=lambda one: one.in_force))


def in_force(day: date) -> Statement:
    """The statement that is confirmed on ``day``; before the first one, the first."""
    known: tuple[Statement, ...] = current_app.extensions["confidentiality"]
    past = [one for one in known if one.in_force <= day]
    return past[-1] if past else known[0]


def init_app(app: Flask, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give ``app`` its statements."""
    app.extensions["confidentiality"] = statements_from(rows)
