"""A web site on this machine: recorded pages, served over real HTTP, with the faults of real sites.

A fault is a function of the handler and the answer it was about to give. ``spoil`` gives the next
requests for a path one fault each; ``spoil_all`` gives one to every request. Faults that need time move
the hands of a clock instead, so that no test waits.
"""

import gzip
import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from tests.scrapers.clock import Hands

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What the site is about to send."""

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]


Spoiler = Callable[["Handler", Answer], Answer | None]


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; the second must not wait for an acknowledgement of the first.
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:  # noqa: N802  (the name http.server calls)
        """Send the page, or what a fault makes of it."""
        site = self.server.site
        headers = {name.lower(): value for name, value in self.headers.items()}
        site.requests.append(Request(self.path, headers))
        answer = site.answer(self.path)
        spoiler = site.next_spoiler(self.path)
        spoilt = spoiler(self, answer) if spoiler else answer
        if spoilt is not None:
            self.send(spoilt)

    def send(self, answer: Answer, *, announced: int | None = None) -> None:
        """Send an answer; ``announced`` is a Content-Length other than the true one."""
        mark = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if answer.status == 200 and self.headers.get("If-None-Match") == mark:
            answer = Answer(status=304)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("ETag", mark)
        self.send_header(
            "Content-Length", str(len(answer.body) if announced is None else announced)
        )
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; ``site.requests`` remembers."""


class Server(ThreadingHTTPServer):
    """The server of one site."""

    daemon_threads = True
    site: "Site"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is what some tests are about."""


class Site:
    """Pages by path, faults by path, and what was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.released = threading.Event()
        self._pages: dict[str, Answer] = {}
        self._made: list[Callable[[str], Answer | None]] = []
        self._spoilers: defaultdict[str, list[Spoiler]] = defaultdict(list)
        self._lasting: dict[str, Spoiler] = {}
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.site = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    def __enter__(self) -> "Site":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """``host:port`` of the site."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return f"http://{self.host}{path}"

    def asked(self, path: str = "") -> list[str]:
        """Paths asked so far, robots.txt left out; with a path, only requests for that."""
        paths = [request.path for request in self.requests if request.path != "/robots.txt"]
        return [asked for asked in paths if path in ("", asked)]

    def put(self, path: str, body: str | bytes, content_type: str = HTML, **more: Any) -> None:
        """Serve a body under a path."""
        packed = body.encode() if isinstance(body, str) else body
        self._pages[path] = Answer(packed, content_type=content_type, **more)

    def put_folder(self, prefix: str, folder: Path) -> None:
        """Serve the files of a folder; ``list@page=2.json`` answers ``list.json?page=2``."""
        for path in filter(Path.is_file, folder.rglob("*")):
            stem, _, query = path.stem.partition("@")
            name = path.relative_to(folder).with_name(f"{stem}{path.suffix}").as_posix()
            name += f"?{query}" if query else ""
            self.put(f"{prefix}/{name}", path.read_bytes(), type_of(path))

    def make(self, maker: Callable[[str], Answer | None]) -> None:
        """Serve what a function makes of a path."""
        self._made.append(maker)

    def spoil(self, path: str, *spoilers: Spoiler) -> None:
        """Give the next requests for a path one fault each."""
        self._spoilers[path] += spoilers

    def spoil_all(self, path: str, spoiler: Spoiler) -> None:
        """Give every request for a path a fault."""
        self._lasting[path] = spoiler

    def mend(self) -> None:
        """Take all faults back."""
        self._spoilers.clear()
        self._lasting.clear()

    def answer(self, path: str) -> Answer:
        """The page of a path; 404 if there is none."""
        made = (answer for maker in self._made if (answer := maker(path)))
        return self._pages.get(path) or next(made, Answer(b"404", 404))

    def paths(self) -> list[str]:
        """Paths that pages were put under."""
        return list(self._pages)

    def page(self, path: str) -> bytes:
        """The bytes served under a path."""
        return self.answer(path).body

    def next_spoiler(self, path: str) -> Spoiler | None:
        """The fault for this request."""
        waiting = self._spoilers[path]
        return waiting.pop(0) if waiting else self._lasting.get(path)


def type_of(path: Path) -> str:
    """The Content-Type a common server gives a file."""
    return (
        HTML if path.suffix == ".html" else guess_type(path.name)[0] or "application/octet-stream"
    )


def answers(status: int, **headers: str) -> Spoiler:
    """An answer of this status; ``Retry_After="30"`` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, answer: Answer(b"<html>no</html>", status, headers=named)


def redirects(to: str, status: int = 302) -> Spoiler:
    """A redirect."""
    return lambda handler, answer: Answer(status=status, headers={"Location": to})


def gb18030_declared_as_utf8(handler: Handler, answer: Answer) -> Answer:
    """The page in GB18030 under a header that says UTF-8."""
    return replace(answer, body=answer.body.decode().encode("gb18030"), content_type=HTML)


def in_no_encoding(handler: Handler, answer: Answer) -> Answer:
    """The page with its characters spoilt beyond reading."""
    return replace(answer, body=bytes(b ^ 0x55 if b > 0x7F and b % 3 else b for b in answer.body))


def half(handler: Handler, answer: Answer) -> Answer:
    """Half the page, announced as all of it."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def broken_off(handler: Handler, answer: Answer) -> None:
    """Half the page, and then the connection ends."""
    handler.close_connection = True
    handler.send(half(handler, answer), announced=len(answer.body))


def silent(handler: Handler, answer: Answer) -> None:
    """No answer until the site closes."""
    handler.close_connection = True
    handler.server.site.released.wait()


def drips(clock: Hands, seconds: float) -> Spoiler:
    """The page in small pieces, each so many seconds after the last."""

    def drip(handler: Handler, answer: Answer) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        for start in range(0, len(answer.body), 64):
            clock.advance(seconds)
            handler.wfile.write(answer.body[start : start + 64])

    return drip


def drips_headers(clock: Hands, seconds: float) -> Spoiler:
    """Headers without end, each so many seconds after the last, until the client hangs up."""

    def drip(handler: Handler, answer: Answer) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            clock.advance(seconds)
            handler.wfile.write(f"X-Drop-{number}: 1\r\n".encode())

    return drip


def packed(handler: Handler, answer: Answer) -> Answer:
    """The page packed by gzip."""
    return replace(answer, body=gzip.compress(answer.body), headers={"Content-Encoding": "gzip"})


def bomb(size: int) -> Spoiler:
    """So many zeros, packed to a thousandth."""
    body = gzip.compress(bytes(size))
    return lambda handler, answer: Answer(body, headers={"Content-Encoding": "gzip"})
