"""Clients that send transfers until each is acknowledged, whatever dies meanwhile."""

import itertools
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import orjson

from tests.chaos.ledger import PATIENCE_S
from tests.transfers import item

_ANSWER_S_MAX = 8.0


class ImpatientError(Exception):
    """A transfer was not acknowledged in three minutes."""


@dataclass(slots=True)
class Load:
    """What the clients sent and what was acknowledged.

    Attributes:
        acknowledged: id → position.
        wrong: answers that must not be.
        tries: requests without an acknowledgement.
    """

    port: int
    key: str
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    wrong: list[str] = field(default_factory=list[str])
    tries: int = 0
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def start(self, clients: int) -> None:
        """Begin to send."""
        for n in range(clients):
            thread = threading.Thread(target=self._client, args=(n,), name=f"client-{n}")
            self._threads.append(thread)
            thread.start()

    def finish(self) -> None:
        """Let each client see the acknowledgement of what it last sent."""
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _client(self, number: int) -> None:
        dice = random.Random(number)  # noqa: S311 -- which sizes and repeats, nothing secret
        for batch in itertools.count():
            if self.stop.is_set():
                return
            ids = [f"{number}-{batch}-{n}" for n in range(dice.choice((1, 1, 3, 20)))]
            if self.acknowledged and dice.random() < 0.2:
                # A repeat of something old among the new: it must keep its first position.
                ids.append(dice.choice(list(self.acknowledged)))
            try:
                self.send(ids)
            except ImpatientError as error:
                self.wrong.append(str(error))
                return

    def send(self, ids: list[str]) -> None:
        """Send these transfers until they are acknowledged."""
        body = orjson.dumps({"items": [item(id_) for id_ in ids]})
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            answer = self._post(body)
            if answer is not None:
                self._note(ids, answer)
                return
            self.tries += 1
            time.sleep(0.05)
        raise ImpatientError("a transfer was not acknowledged in three minutes")

    def _post(self, body: bytes) -> list[dict[str, object]] | None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_S_MAX)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/v1/transfers", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        if answer.status == 503:
            if answer.headers["Retry-After"] is None:
                self.wrong.append("503 without Retry-After")
            return None
        if answer.status != 200:
            self.wrong.append(f"{answer.status} {content[:300]!r}")
            return None
        return orjson.loads(content)["results"]

    def _note(self, ids: list[str], results: list[dict[str, object]]) -> None:
        for id_, result in zip(ids, results, strict=True):
            if result["status"] not in ("recorded", "duplicate"):
                self.wrong.append(f"{id_} is {result['status']}")
                continue
            position = result["position"]
            assert isinstance(position, int)
            known = self.acknowledged.setdefault(id_, position)
            if known != position:
                self.wrong.append(f"{id_} was at {known} and is at {position}")
