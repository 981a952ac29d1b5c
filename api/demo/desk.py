"""The desk of the demo: two officers, an approver and a chief, each step over HTTP with a key."""

import json
from collections.abc import Mapping
from contextlib import ExitStack, closing
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self, cast

from api.demo.client import DemoClient, DemoResponse, UnexpectedAnswerError
from api.demo.keys import DemoKeys
from api.demo.plan import DeskRequest, PlannedStep
from ledger.values import Json

_TRANSFER: Final = "{transfer}"
_CASE: Final = "{case}"
_APPROVAL: Final = "approve"
_LETTER: Final = "preview.pdf"
_DONE: Final = frozenset((HTTPStatus.OK, HTTPStatus.CREATED))


class DemoDesk:
    """Who works on cases, one connection each; close it when done."""

    def __init__(self, url: str, keys: DemoKeys) -> None:
        self._closing = ExitStack()
        self._clients = {
            who: self._closing.enter_context(closing(DemoClient(url, key)))
            for who, key in keys.desk()
        }
        # Label of a case → its address, and its tag as it was last seen.
        self._cases: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def ask(self, asked: DeskRequest, transfers: Mapping[str, str]) -> dict[str, Json]:
        """What the ledger answers to a request of the desk.

        Args:
            transfers: label → id.

        Raises:
            UnexpectedAnswerError: it refuses.
        """
        transfer = _named(asked.label, transfers)
        path = asked.path.replace(_TRANSFER, transfer)
        return self._clients[asked.who].post(path, _about(asked.body, transfer))

    def step(self, stepped: PlannedStep, transfers: Mapping[str, str]) -> dict[str, Json]:
        """What the ledger answers to a step of a case; `{}` where it refuses, as it should.

        Raises:
            UnexpectedAnswerError: it refuses, or does not where it should.
        """
        case, tag = self._cases.get(stepped.case, ("/v1/cases", ""))
        path = f"{case}/{stepped.door}" if stepped.door else case
        body = _about(stepped.body, _named(stepped.label, transfers))
        if stepped.other is not None:
            body = _filled(body, _CASE, self._cases[stepped.other][0].rpartition("/")[2])
        if stepped.door == _APPROVAL:
            # Nobody approves what they have not opened.
            self._clients[stepped.who].ask("GET", f"{case}/{_LETTER}", None)
        answer = self._clients[stepped.who].ask("POST", path, body, tag)
        if stepped.refused is not None:
            if answer.status != HTTPStatus.CONFLICT or answer.body.get("code") != stepped.refused:
                raise _unexpected(stepped, answer)
            return {}
        if answer.status not in _DONE:
            raise _unexpected(stepped, answer)
        self._cases[stepped.case] = (answer.location or case, answer.etag)
        return answer.body


def _named(label: str | None, transfers: Mapping[str, str]) -> str:
    return "" if label is None else transfers[label]


def _about(body: dict[str, Json], transfer: str) -> dict[str, Json]:
    """The body with the id of the transfer where it stands for it."""
    return _filled(body, _TRANSFER, transfer)


def _filled(body: dict[str, Json], place: str, value: str) -> dict[str, Json]:
    return cast("dict[str, Json]", json.loads(json.dumps(body).replace(place, value)))


def _unexpected(stepped: PlannedStep, answer: DemoResponse) -> UnexpectedAnswerError:
    door = stepped.door or "/v1/cases"
    return UnexpectedAnswerError(
        f"{stepped.case} {door}: {answer.status} {answer.body.get('code')}"
    )
