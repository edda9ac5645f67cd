"""Settings and code lists: the only place that reads the environment and the data files.

Everything else receives a frozen value from here through ``create_app``.
"""

import csv
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SHIPPED_ENCODER = FOLDER.parent / "matching" / "models" / "shuangku-static-zh"


@dataclass(frozen=True)
class RegistrationData:
    """What the registration of contracts reads from files, as the files say it."""

    rules: tuple[Mapping[str, Any], ...]
    code_lists: Mapping[str, Any]
    calendar: Mapping[str, Any]
    targets: tuple[Mapping[str, Any], ...]
    zones: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Settings:
    """All that an installation may set; each variable is read in :meth:`from_environ` alone."""

    home: Path
    database_url: str
    secret_key: str
    encoder: str = ""
    query_prefix: str = ""
    demonstration: bool = False
    embedded: bool = True
    secure_cookies: bool = False
    testing: bool = False
    terms: Path = FOLDER / "jieba_terms.txt"
    thesaurus: Path = FOLDER / "thesaurus"
    codes: Mapping[str, dict[str, str]] = field(default_factory=lambda: code_lists())
    regions: tuple[tuple[str, str, str], ...] = field(default_factory=lambda: regions())
    registration: "RegistrationData" = field(default_factory=lambda: registration_data())

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read ``SHUANGKU_*``; what is not set lives in one folder, ``SHUANGKU_HOME`` (``./var``)."""
        home = Path(environ.get("SHUANGKU_HOME", "var")).resolve()
        home.mkdir(parents=True, exist_ok=True)
        shipped = str(SHIPPED_ENCODER) if SHIPPED_ENCODER.is_dir() else ""
        return cls(
            home=home,
            database_url=environ.get("SHUANGKU_DATABASE_URL", f"sqlite:///{home / 'market.db'}"),
            secret_key=environ.get("SHUANGKU_SECRET_KEY") or kept_secret(home / "session.key"),
            encoder=environ.get("SHUANGKU_ENCODER", shipped),
            query_prefix=environ.get("SHUANGKU_QUERY_PREFIX", ""),
            demonstration=(home / "demonstration").exists(),
            embedded=environ.get("SHUANGKU_MODE", "embedded") == "embedded",
            secure_cookies=environ.get("SHUANGKU_HTTPS", "0") == "1",
        )


def kept_secret(path: Path) -> str:
    """The signing key of the sessions, made once and readable by its owner alone."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as key:
            key.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def code_lists() -> dict[str, dict[str, str]]:
    """The code lists of ``fields.toml``: list name → code → Chinese name, in their order."""
    return tomllib.loads((FOLDER / "fields.toml").read_text(encoding="utf-8"))


def registration_data() -> RegistrationData:
    """The rule versions, their code lists, the calendar, the targets and the zones."""
    versions = sorted((FOLDER / "rules").glob("[0-9]*.toml"))
    return RegistrationData(
        rules=tuple(_toml(path) for path in versions),
        code_lists=_toml(FOLDER / "rules" / "codes.toml"),
        calendar=_toml(FOLDER / "calendar.toml"),
        targets=tuple(_toml(FOLDER / "registration_targets.toml")["target"]),
        zones=tuple(_toml(FOLDER / "zones.toml")["zone"]),
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def regions() -> tuple[tuple[str, str, str], ...]:
    """Rows ``(code, name, parent)`` of GB/T 2260: the region, and the provinces outside."""
    with (FOLDER / "regions.csv").open(encoding="utf-8", newline="") as rows:
        return tuple((row["code"], row["name"], row["parent"]) for row in csv.DictReader(rows))
