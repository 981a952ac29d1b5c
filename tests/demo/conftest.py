"""One demo for the tests of this folder."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.serving.processes import Command, command, environment


@pytest.fixture(scope="package")
def demo() -> Iterator[Command]:
    """A demo, started while its usual port is taken."""
    with ExitStack() as held:
        with suppress(OSError):  # somebody else holds it: as good
            # Shared among the processes of this run, and with nobody else.
            held.enter_context(socket.create_server(("127.0.0.1", 8_000), reuse_port=True))
        with command("demo", "--persons", "50", given=environment()) as running:
            running.line(r"^ready: http://127\.0\.0\.1:\d+ ")
            yield running
