"""A client that costs little: prepared requests over kept connections, one thread, one epoll.

It shares the machine with what it measures, so it builds nothing and reads no more of an answer
than its status, its length and one mark that must stand in it.
"""

import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Final

_READ: Final = 1 << 18
_END_OF_HEAD: Final = b"\r\n\r\n"
_OK: Final = b"HTTP/1.1 200"
_LENGTH: Final = b"content-length: "
SILENCE_SECONDS: Final = 60.0


class LoadError(Exception):
    """An answer was not what it must be; the figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came back.

    Attributes:
        seconds: from the first byte sent to the last one received.
        latency_ms: median milliseconds of a request.
    """

    seconds: float
    requests: int
    latency_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def request(
    path: str, body: bytes, credential: str, headers: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """The bytes of one POST; `headers` beside those that each has."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {credential}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


@dataclass(slots=True)
class _Client:
    """One connection with one request on its way."""

    socket: socket.socket
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    size: int = 0
    started: float = 0.0

    def begin(self, content: bytes) -> None:
        """Begin to send; the socket's buffer takes what it can."""
        self.received.clear()
        self.size = 0
        self.started = time.perf_counter()
        self.unsent = memoryview(content)
        self.go_on()

    def go_on(self) -> None:
        """Send what the socket takes now."""
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return

    def is_answered(self, mark: bytes) -> bool:
        """Take what has arrived; whether the answer is complete.

        Raises:
            LoadError: another status, no mark, or the server hung up.
        """
        part = self.socket.recv(_READ)
        if not part:
            raise LoadError("the server closed the connection")
        received = self.received
        received += part
        if not self.size:
            end = received.find(_END_OF_HEAD)
            if end < 0:
                return False
            if not received.startswith(_OK):
                raise LoadError(bytes(received[:300]).decode(errors="replace"))
            at = received.find(_LENGTH) + len(_LENGTH)
            self.size = end + len(_END_OF_HEAD) + int(received[at : received.find(b"\r", at)])
        if len(received) < self.size:
            return False
        if received.find(mark) < 0:
            raise LoadError("the answer is not the one that is measured")
        return True


def drive(port: int, requests: Sequence[bytes], clients: int, mark: bytes) -> Load:
    """Send every request once, over `clients` connections that each wait for their answer.

    Raises:
        LoadError: an answer was not 200, did not hold `mark`, or did not come.
    """
    waiting = iter(requests)
    poll = select.epoll()
    connected = [_connected(port) for _ in range(min(clients, len(requests)))]
    by_number = {client.socket.fileno(): client for client in connected}
    try:
        started = time.perf_counter()
        for number, client in by_number.items():
            client.begin(next(waiting))
            poll.register(number, _interest(client))
        latencies = list(_answers(poll, by_number, waiting, mark))
        seconds = time.perf_counter() - started
    finally:
        poll.close()
        for client in connected:
            client.socket.close()
    if len(latencies) != len(requests):
        raise LoadError("some requests were not answered in time")
    return Load(seconds, len(requests), median(latencies) * 1000)


def _answers(
    poll: select.epoll, by_number: dict[int, _Client], waiting: Iterator[bytes], mark: bytes
) -> Iterator[float]:
    """Seconds of each request, as they are answered; ends early when nothing comes any more."""
    open_count = len(by_number)
    while open_count:
        events = poll.poll(SILENCE_SECONDS)
        if not events:
            return
        for number, event in events:
            client = by_number[number]
            if event & select.EPOLLOUT:
                client.go_on()
                poll.modify(number, _interest(client))
            elif client.is_answered(mark):
                yield time.perf_counter() - client.started
                following = next(waiting, None)
                if following is None:
                    poll.unregister(number)
                    open_count -= 1
                    continue
                client.begin(following)
                if client.unsent:
                    poll.modify(number, _interest(client))


def _interest(client: _Client) -> int:
    return select.EPOLLOUT if client.unsent else select.EPOLLIN


def _connected(port: int) -> _Client:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)  # noqa: FBT003 -- the library has no name for it
    return _Client(connection)
