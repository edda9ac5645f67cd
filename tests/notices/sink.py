"""A real SMTP server that keeps what it is given, and refuses what it is told to refuse."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Condition, Thread
from typing import Any

from aiosmtpd.smtp import SMTP


class Sink:
    """The mails that were accepted, in their order; ``answers`` gives other answers by address."""

    def __init__(self) -> None:
        self.port = 0
        self.contents: list[bytes] = []
        self.answers: dict[str, str] = {}
        self._arrived = Condition()

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take any recipient but those with another answer."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the content, then accept it."""
        with self._arrived:
            self.contents.append(envelope.content)
            self._arrived.notify_all()
        return "250 OK"

    def wait_for(self, count: int, seconds: float) -> bool:
        """Until so many mails have come; false where they do not come in time."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.contents) >= count, seconds)

    @property
    def messages(self) -> list[EmailMessage]:
        """What was accepted, parsed."""
        return [message_from_bytes(one, policy=policy.default) for one in self.contents]  # type: ignore[misc]

    @property
    def message_ids(self) -> list[bytes]:
        """The Message-ID of each, in the order of arrival."""
        return [
            line.partition(b":")[2].strip()
            for content in self.contents
            for line in content.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
            if line.lower().startswith(b"message-id:")
        ]

    @property
    def url(self) -> str:
        """What ``SHUANGKU_SMTP_URL`` says of this server."""
        return f"smtp://127.0.0.1:{self.port}"


PATIENCE = 60
"""Seconds for what takes none, unless the machine is busy with everything else."""


@contextmanager
def listening(sink: Sink, **options: Any) -> Iterator[Sink]:
    """``sink`` behind a port of this machine, in a thread of its own."""
    loop = asyncio.new_event_loop()
    # In the thread from the beginning: a browser at hand has a loop of its own in this one.
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = loop.create_server(
        lambda: SMTP(sink, hostname="sink.example", **options), "127.0.0.1", sink.port
    )
    server = asyncio.run_coroutine_threadsafe(opening, loop).result(PATIENCE)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    """No more connections, and the end of those that stand."""
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)
