"""A client that times each answer: a few connections, each in a thread that waits for its answer.

A thread does nothing else while its answer is on the way, and reads no more of it than its length:
what is measured is the server's time and the machine's, not the client's.
"""

import gc
import random
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.load import LoadError

PAUSE_SECONDS_MAX: Final = 0.003
"""Before each request: no request may begin at the beat at which the one before was answered."""
_READ: Final = 1 << 16
_END_OF_HEAD: Final = b"\r\n\r\n"
_OK: Final = b"HTTP/1.1 20"
_LENGTH: Final = b"content-length: "
_SILENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer.

    Attributes:
        seconds: from the first byte sent to the last one received.
    """

    seconds: float
    body: bytes


def timed(port: int, requests: Sequence[bytes], connections: int) -> list[Timed]:
    """Send every request once, in their order as the connections come to them; their answers.

    Raises:
        LoadError: an answer was no success, or did not come.
    """
    answers: list[Timed | None] = [None] * len(requests)
    failed: list[Exception] = []
    collects = gc.isenabled()
    gc.disable()
    threads = [
        threading.Thread(target=_asking, args=(port, requests, answers, failed, n, connections))
        for n in range(connections)
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        if collects:
            gc.enable()
    if failed:
        raise failed[0]
    return [one for one in answers if one is not None]


def _asking(
    port: int,
    requests: Sequence[bytes],
    answers: list[Timed | None],
    failed: list[Exception],
    first: int,
    every: int,
) -> None:
    pauses = random.Random(first)  # noqa: S311 -- no secret
    try:
        with socket.create_connection(("127.0.0.1", port), _SILENCE_SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in range(first, len(requests), every):
                if failed:
                    return
                time.sleep(pauses.uniform(0, PAUSE_SECONDS_MAX))
                answers[number] = _asked(connection, requests[number])
    except (OSError, LoadError) as error:
        failed.append(error)


def _asked(connection: socket.socket, content: bytes) -> Timed:
    started = time.perf_counter()
    connection.sendall(content)
    received, size = b"", 0
    while not size or len(received) < size:
        part = connection.recv(_READ)
        if not part:
            raise LoadError("the server closed the connection")
        received += part
        end = received.find(_END_OF_HEAD)
        if not size and end >= 0:
            at = received.find(_LENGTH) + len(_LENGTH)
            size = end + len(_END_OF_HEAD) + int(received[at : received.find(b"\r", at)])
    seconds = time.perf_counter() - started
    if not received.startswith(_OK):
        raise LoadError(received[:600].decode(errors="replace"))
    return Timed(seconds, received[received.find(_END_OF_HEAD) + len(_END_OF_HEAD) :])
