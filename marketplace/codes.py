"""Code lists and regions as the running application knows them."""

from collections.abc import Mapping
from functools import cached_property

from flask import current_app


class Codes:
    """Names of codes and codes of names, for lists and for regions."""

    def __init__(
        self, lists: Mapping[str, dict[str, str]], regions: tuple[tuple[str, str, str], ...]
    ) -> None:
        self.lists = lists
        self.regions = {code: name for code, name, _parent in regions}
        self.parents = {code: parent for code, _name, parent in regions}

    @cached_property
    def leagues(self) -> dict[str, str]:
        """The twelve leagues and cities, then the provinces outside."""
        return {
            code: name
            for code, name in self.regions.items()
            if self.parents[code] in ("150000", "") and code != "150000"
        }

    def banners(self, league: str) -> dict[str, str]:
        """Banners, counties, cities and districts of ``league``."""
        return {c: n for c, n in self.regions.items() if self.parents[c] == league}

    def league(self, region: str) -> str:
        """The league or province to which ``region`` belongs; itself where it is one."""
        parent = self.parents.get(region, "")
        return region if parent in ("", "150000") else parent

    def name(self, kind: str, code: str) -> str:
        """The Chinese name of ``code``; the code itself where the list lacks it."""
        names = self.regions if kind in ("region", "league") else self.lists.get(kind, {})
        return names.get(code, code)

    def full_region(self, code: str) -> str:
        """``包头市昆都仑区``."""
        league = self.league(code)
        return self.name("region", league) + (self.name("region", code) if code != league else "")

    def find(self, kind: str, text: str) -> str | None:
        """The code that ``text`` names, written as a code or as a name; ``None`` if neither."""
        names = self.regions if kind == "region" else self.lists[kind]
        if text in names:
            return text
        if kind == "region":
            return self._region_codes.get(text)
        return next((code for code, name in names.items() if name == text), None)

    @cached_property
    def _region_codes(self) -> dict[str, str]:
        """Both ``昆都仑区`` and ``包头市昆都仑区``; of two equal short names neither counts."""
        short: dict[str, list[str]] = {}
        for code, name in self.regions.items():
            short.setdefault(name, []).append(code)
        full = {self.full_region(code): code for code in self.regions}
        return full | {name: codes[0] for name, codes in short.items() if len(codes) == 1}


def current_codes() -> Codes:
    """The code lists of the running application."""
    return current_app.extensions["codes"]
