"""Processes of the application beside the tests' own, to be killed or compared with.

They are forked from one that has the application's modules loaded and nothing else: a start costs
a few milliseconds instead of seconds, and no thread, lock or connection of the tests is inherited.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["marketplace.cli"])


def begin(work: Callable[..., None], *arguments: Any, **environ: str) -> BaseProcess:
    """Begin ``work``, a function of a test's module, in a process with that environment."""
    process = _FORKS.Process(target=_with_environ, args=(environ, work, arguments))
    process.start()
    return process


def next_word(process: BaseProcess, received: Connection) -> Any:
    """The next thing that the process sends; a failure where it ends without."""
    wait([received, process.sentinel])
    assert received.poll(), f"it ended with {process.exitcode}"
    return received.recv()


def _with_environ(environ: dict[str, str], work: Callable[..., None], arguments: Any) -> None:
    os.environ.update(environ)
    work(*arguments)
