"""A sender of bulk transfers that asks again until it is answered."""

import http.client
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import orjson

from tests.chaos.ledger import PATIENCE_S, Ledger
from tests.doors.bulk_sending import PATH, announcement


class Sender:
    """Asks again until it is answered, as a sender that was interrupted does."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = ledger.key()

    def ask(  # JSON
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> Any:  # noqa: ANN401 -- JSON
        """The answer; whoever died meanwhile is waited for."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < deadline, f"no answer to {method}"
            try:
                status, again, read = self._once(method, path, body, kind)
            except (OSError, http.client.HTTPException):
                status, again, read = 0, None, b""
            if status in (200, 201, 202):
                return orjson.loads(read)
            # What is taken in already needs no part; else only the ledger's own trouble passes.
            if status == 409 and method == "PUT":
                return None
            assert status in (0, 503), f"{status}: {read.decode()}"
            assert status == 0 or again is not None, "503 without Retry-After"
            time.sleep(0.05)

    def _once(
        self, method: str, path: str, body: bytes, kind: str
    ) -> tuple[int, str | None, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._ledger.port, timeout=30)
        with closing(connection):
            head = {"Authorization": f"Bearer {self._key}", "Content-Type": kind}
            connection.request(method, path, body, head)
            answer = connection.getresponse()
            return answer.status, answer.headers["Retry-After"], answer.read()

    def begun(self, contents: Sequence[bytes], lines: int, key: str) -> str:
        """Where the bulk transfer is that was announced."""
        body = announcement(contents, lines, id=key)
        return f"{PATH}/{self.ask('POST', PATH, orjson.dumps(body))['bulk']}"

    def put(self, place: str, number: int, content: bytes) -> None:
        self.ask("PUT", f"{place}/parts/{number}", content, "application/x-ndjson")

    def ended(self, place: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.ask("GET", place))["state"] != "committed":
            assert time.monotonic() < deadline, found["state"]
            time.sleep(0.05)
        return found["result"]
