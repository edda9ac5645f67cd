"""Messages, and who carries them: an SMTP server, or the page 已发邮件 where there is none."""

import hmac
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import localtime
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.errors import InvalidInput
from marketplace.notices.letters import Letter

#: A long address in a head may be neither broken nor encoded, or no program finds it (RFC 5322 2.1.1).
UNBROKEN = MAIL_POLICY.clone(max_line_length=998)
#: A server that says nothing for so long is down.
TIMEOUT_SECONDS = 30.0
#: scheme → (port, whether TLS from the first byte, whether STARTTLS)
SCHEMES = {"smtp": (25, False, False), "smtps": (465, True, False), "smtp+tls": (587, False, True)}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
UNAVAILABLE = 421
PERMANENT = 500


class Refused(Exception):
    """The server takes this mail not now, or (``final``) not at all."""

    def __init__(self, code: int, text: bytes | str) -> None:
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        super().__init__(f"{code} {said}")
        self.final = code >= PERMANENT


class Blocked(Exception):
    """No mail goes out at all: the server is away, or does not take us for who we are."""


class Carrier(Protocol):
    """Takes letters over, one by one, until it is closed."""

    def carry(self, letter: Letter) -> str:
        """Take ``letter`` over; what has to be kept of it here. Raises Refused or Blocked."""

    def close(self) -> None:
        """End the connection, if there is one."""


@dataclass(frozen=True)
class Sender:
    """Who writes: the address, the name before it, and the key behind the message identifiers."""

    address: str
    secret: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]

    def message_id(self, key: str) -> str:
        """The identifier of the mail about ``key``: the same each time it is sent, here alone."""
        mark = hmac.new(self.secret.encode(), key.encode(), "sha256").hexdigest()[:24]
        return f"<{key.replace('/', '.')}.{mark}@{self.domain}>"

    def message(self, letter: Letter) -> EmailMessage:
        """The message as RFC 5322, with both ways to stop it (RFC 2369, RFC 8058)."""
        message = EmailMessage(policy=MAIL_POLICY)
        message["From"] = Address(_("双库科技大市场"), addr_spec=self.address)
        message["To"] = Address(addr_spec=letter.address)
        message["Subject"] = letter.title
        message["Date"] = localtime()
        message["Message-ID"] = self.message_id(letter.key)
        message["Auto-Submitted"] = "auto-generated"
        if letter.stop:
            message["List-Unsubscribe"] = f"<{letter.stop}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text, cte="base64")
        message.add_alternative(letter.html, subtype="html", cte="base64")
        return message


@dataclass(frozen=True)
class Server:
    """Where mail is handed over, as ``SHUANGKU_SMTP_URL`` says."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """``smtps://user:password@host:465``, ``smtp+tls://…:587`` or, without TLS, ``smtp://host``.

        A password goes over TLS, or to this machine, or nowhere.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise _wrong(_l("应为 smtps://用户:密码@主机:465 或 smtp+tls://用户:密码@主机:587"))
        port, tls, starttls = SCHEMES[parts.scheme]
        if parts.password and not (tls or starttls or parts.hostname in LOOPBACK):
            raise _wrong(_l("密码不能明文传送，请用 smtps:// 或 smtp+tls://"))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, parts.port or port, user, password, tls, starttls)


def _wrong(reason: object) -> InvalidInput:
    return InvalidInput({"smtp": [f"SHUANGKU_SMTP_URL：{reason}"]})


class Relay:
    """Hands letters to a server over one connection."""

    def __init__(self, server: Server, sender: Sender) -> None:
        self._server = server
        self._sender = sender
        self._connection: smtplib.SMTP | None = None

    def carry(self, letter: Letter) -> str:
        """Accepted when this returns; nothing is kept here."""
        try:
            self._hand_over(letter)
        except smtplib.SMTPRecipientsRefused as refusal:
            raise Refused(*refusal.recipients[letter.address]) from refusal
        except smtplib.SMTPDataError as refusal:
            raise Refused(refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as failure:
            self._drop()
            raise Blocked(f"{type(failure).__name__}: {failure}") from failure
        return ""

    def close(self) -> None:
        """Say goodbye; what was accepted stays accepted, whether the server answers or not."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _hand_over(self, letter: Letter) -> None:
        content = self._sender.message(letter).as_bytes(policy=UNBROKEN)
        try:
            self._open().sendmail(self._sender.address, [letter.address], content)
        except smtplib.SMTPSenderRefused as refusal:
            if refusal.smtp_code != UNAVAILABLE:
                raise
            self._drop()  # so many and no more over one connection: it is opened anew
            self._open().sendmail(self._sender.address, [letter.address], content)

    def _open(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        known: dict[str, Any] = {"local_hostname": self._sender.domain, "timeout": TIMEOUT_SECONDS}
        connection: smtplib.SMTP = (
            smtplib.SMTP_SSL(server.host, server.port, context=context, **known)
            if server.tls
            else smtplib.SMTP(server.host, server.port, **known)
        )
        try:
            if server.starttls:
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


class LocalOutbox:
    """Keeps letters on the page 已发邮件, where a market has no server for mail."""

    def carry(self, letter: Letter) -> str:
        """The text, to be kept."""
        return letter.text

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Post:
    """How this installation sends mail."""

    sender: Sender
    server: Server | None

    @contextmanager
    def opened(self) -> Iterator[Carrier]:
        """A carrier for some letters; it connects with the first of them."""
        carrier: Carrier = Relay(self.server, self.sender) if self.server else LocalOutbox()
        try:
            yield carrier
        finally:
            carrier.close()


def current_post() -> Post:
    """The post of the running application."""
    return current_app.extensions["post"]


def init_app(app: Flask, *, url: str, sender: str, public_url: str, secret: str) -> None:
    """Give ``app`` its post; a wrong ``SHUANGKU_SMTP_URL`` is said at the start."""
    host = urlsplit(public_url).hostname or ""
    address = sender or f"shuangku@{host if host[-1:].isalpha() else 'localhost'}"
    server = Server.from_url(url) if url else None
    app.extensions["post"] = Post(Sender(address, secret), server)
