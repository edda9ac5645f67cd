"""The words of the shipped tables, read once, and a site to gather from."""

from collections.abc import Iterator

import pytest

from config import FOLDER, code_lists, intake_data, regions
from marketplace.intake.words import Words, words_from
from matching import Thesaurus
from tests.scrapers.site import Site


@pytest.fixture(scope="session")
def words() -> Words:
    """The tables as they are shipped."""
    return words_from(
        intake_data(),
        regions=regions(),
        modes=code_lists()["mode"],
        thesaurus=Thesaurus.read(FOLDER / "thesaurus"),
    )


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    with Site() as site:
        yield site
