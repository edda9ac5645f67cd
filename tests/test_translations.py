"""Every word for users can be had in English."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "marketplace" / "translations" / "en" / "LC_MESSAGES"


def catalogue(path: Path, reader: Callable[..., Catalog] = read_po) -> Catalog:
    with path.open("rb") as file:
        return reader(file)


def test_every_message_in_the_code_is_translated_and_none_is_left_over(tmp_path: Path) -> None:
    fresh = tmp_path / "messages.pot"
    options = ["-F", "babel.cfg", "-k", "_l", "-k", "lazy_gettext", "-o", str(fresh), "."]
    command = [sys.executable, "-m", "babel.messages.frontend", "extract", *options]
    subprocess.run(command, cwd=ROOT, check=True)
    wanted = {(message.context, message.id) for message in catalogue(fresh) if message.id}
    english = catalogue(FOLDER / "messages.po")
    assert wanted == {(m.context, m.id) for m in english if m.id and m.string and not m.fuzzy}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    written, compiled = (
        {m.id: m.string for m in messages if m.id and not m.context}
        for messages in (
            catalogue(FOLDER / "messages.po"),
            catalogue(FOLDER / "messages.mo", read_mo),
        )
    )
    assert written == compiled


def test_translations_keep_the_places_for_names_and_numbers() -> None:
    for message in catalogue(FOLDER / "messages.po"):
        assert not message.id or not list(message.check()), message.id
