"""Settings and code lists: the only place that reads the environment and the data files.

Everything else receives a frozen value from here through ``create_app``.
"""

import csv
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SHIPPED_FIGURES = FOLDER.parent / "matching" / "judged" / "history.jsonl"
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
    #: 32 bytes in hexadecimal from which the key of the ledger is made
    ledger_key: str = field(default_factory=lambda: new_ledger_key(), repr=False)
    #: how a ledger without entries will call itself; empty: after its key
    ledger_name: str = ""
    ledger_former_keys: tuple[str, ...] = ()
    encoder: str = ""
    query_prefix: str = ""
    #: a file of weights and thresholds for that encoder; empty: those that are shipped
    recipe: str = ""
    demonstration: bool = False
    embedded: bool = True
    #: of the message broker, in production: ``redis://…`` or ``amqp://…``
    broker_url: str = "redis://127.0.0.1:6379/0"
    #: how long a worker that fell silent keeps its work from others
    lease_seconds: float = 120.0
    secure_cookies: bool = False
    #: where people reach this installation; the QR code of a certificate opens an address below it
    public_url: str = "http://127.0.0.1:8000"
    #: the server that takes mail over; empty: mail stays here, on the page 已发邮件
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    testing: bool = False
    terms: Path = FOLDER / "jieba_terms.txt"
    thesaurus: Path = FOLDER / "thesaurus"
    figures: Path = SHIPPED_FIGURES
    codes: Mapping[str, dict[str, str]] = field(default_factory=lambda: code_lists())
    regions: tuple[tuple[str, str, str], ...] = field(default_factory=lambda: regions())
    registration: "RegistrationData" = field(default_factory=lambda: registration_data())
    #: what each statistical table counts
    statistics: Mapping[str, Any] = field(default_factory=lambda: statistics_data())
    #: the words by which notices from outside are read
    intake: Mapping[str, Any] = field(default_factory=lambda: intake_data())
    #: by what a contract's text is read
    reading: Mapping[str, Any] = field(default_factory=lambda: reading_data())
    #: the versions of the statement after which confidential parts open
    confidentiality: tuple[Mapping[str, Any], ...] = field(
        default_factory=lambda: confidentiality_data()
    )
    #: what each verified behaviour counts for, and from where on deals look odd
    credit: Mapping[str, Any] = field(default_factory=lambda: credit_data())

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
            ledger_key=kept_secret(home / "ledger.key", new_ledger_key),
            ledger_name=environ.get("SHUANGKU_LEDGER", ""),
            ledger_former_keys=tuple(environ.get("SHUANGKU_LEDGER_FORMER_KEYS", "").split()),
            encoder=environ.get("SHUANGKU_ENCODER", shipped),
            query_prefix=environ.get("SHUANGKU_QUERY_PREFIX", ""),
            recipe=environ.get("SHUANGKU_RECIPE", ""),
            demonstration=(home / "demonstration").exists(),
            embedded=environ.get("SHUANGKU_MODE", "embedded") == "embedded",
            broker_url=environ.get("SHUANGKU_BROKER_URL", cls.broker_url),
            lease_seconds=float(environ.get("SHUANGKU_LEASE_SECONDS", cls.lease_seconds)),
            public_url=environ.get("SHUANGKU_PUBLIC_URL", cls.public_url).rstrip("/"),
            secure_cookies=environ.get("SHUANGKU_HTTPS", "0") == "1",
            smtp_url=environ.get("SHUANGKU_SMTP_URL", ""),
            mail_from=environ.get("SHUANGKU_MAIL_FROM", ""),
        )


def new_session_key() -> str:
    """A key for the cookies of sessions."""
    return secrets.token_urlsafe(48)


def new_ledger_key() -> str:
    """The seed of an Ed25519 key: 32 random bytes in hexadecimal."""
    return secrets.token_hex(32)


def kept_secret(path: Path, fresh: Callable[[], str] = new_session_key) -> str:
    """What ``fresh`` made of random bytes once, readable by its owner alone, on disk before use."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as key:
            key.write(fresh())
            key.flush()
            os.fsync(key.fileno())
        with suppress(FileExistsError):  # of processes that start together one makes it
            os.link(draft, path)
        draft.unlink()
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


def statistics_data() -> dict[str, Any]:
    """The tables of the statistics, their scopes and notes, and the plan's targets."""
    return _toml(FOLDER / "statistics.toml")


def intake_data() -> dict[str, Any]:
    """The words by which notices are read: headings, routes, fields, what makes a sum a budget."""
    return _toml(FOLDER / "intake.toml")


def reading_data() -> dict[str, Any]:
    """``cues`` as ``reading/cues.toml`` has them, their fitted ``weights``, and those of ``wording``."""
    tables = {name: _rows(FOLDER / "reading" / f"{name}.csv") for name in ("weights", "wording")}
    return {"cues": _toml(FOLDER / "reading" / "cues.toml")["cue"], **tables}


def _rows(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as rows:
        return tuple(csv.DictReader(rows))


def confidentiality_data() -> tuple[Mapping[str, Any], ...]:
    """The versions of the confidentiality statement, as the file has them."""
    return tuple(_toml(FOLDER / "confidentiality.toml")["statement"])


def credit_data() -> dict[str, Any]:
    """The dated versions of the credit rules."""
    return _toml(FOLDER / "credit.toml")


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def regions() -> tuple[tuple[str, str, str], ...]:
    """Rows ``(code, name, parent)`` of GB/T 2260: the region, and the provinces outside."""
    with (FOLDER / "regions.csv").open(encoding="utf-8", newline="") as rows:
        return tuple((row["code"], row["name"], row["parent"]) for row in csv.DictReader(rows))
