"""The sources, a file for each publisher; a class with a name in one of them is registered."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules

from scrapers.source import Source


def registered() -> dict[str, type[Source]]:
    """Every source by its name, in the order of names; ValueError if two have the same."""
    found: dict[str, type[Source]] = {}
    for module in iter_modules(__path__, f"{__name__}."):
        for source in sources_in(vars(import_module(module.name)).values()):
            if found.setdefault(source.name, source) is not source:
                raise ValueError(f"two sources are called {source.name}")
    return dict(sorted(found.items()))


def sources_in(values: Iterable[object]) -> Iterator[type[Source]]:
    """The classes among some values that are sources with a name."""
    for value in values:
        if isinstance(value, type) and issubclass(value, Source) and value.name:
            yield value
