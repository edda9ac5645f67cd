"""The reader of the installation, and texts made of a few lines."""

from functools import cache

from config import reading_data
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.reading import Reader, Reading


@cache
def reader() -> Reader:
    """The reader with the weights that ship."""
    return Reader(**reading_data())


def read(*lines: str, title: str = "") -> Reading:
    """The reading of some lines."""
    return reader().read("\n".join(lines), title)


def script(*lines: str) -> Script:
    """The two views of some lines."""
    return Script("\n".join(lines))
