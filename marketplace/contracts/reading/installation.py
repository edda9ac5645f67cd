"""The reader of this installation, made once from its cues and weights."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app

from marketplace.contracts.reading.reading import Reader


def init_app(app: Flask, tables: Mapping[str, Any]) -> None:
    """Keep the reader of ``tables``, the tables of ``config.reading_data``."""
    app.extensions["contract_reader"] = Reader(**tables)


def current_reader() -> Reader:
    """The reader of the running application."""
    return current_app.extensions["contract_reader"]
