"""Cases for the pages to show, made through the API by the same persons who then sign in."""

from dataclasses import dataclass, field
from typing import Any, cast

import httpx2

from api.auth import Scope
from tests import canary
from tests.doors.answering import POINTS, asked_for, left_out, undecided
from tests.doors.cases.desk import OPENED, POST_NUMBER, look, request, today
from tests.pages.office import Office

DESK: tuple[Scope, ...] = ("cases:read", "cases:write", "records:read", "reply:download")
APPROVER: tuple[Scope, ...] = ("cases:read", "cases:approve")
RARE = canary.RARE
DOUBLE = "同じ封筒を二度登録した"


@dataclass(slots=True)
class Work:
    """The desk of an office, over the API."""

    office: Office
    _keys: dict[str, str] = field(default_factory=dict[str, str])

    def key(self, who: str) -> str:
        if who not in self._keys:
            scopes = APPROVER if who == "approver" else DESK
            self._keys[who] = self.office.key(*scopes, owner=who)
        return self._keys[who]

    def begun(self, **changes: object) -> "Worked":
        """A request that has just arrived."""
        answer = self.office.api("POST", "/v1/cases", self.key("officer"), request(**changes))
        assert answer.status_code == 201, answer.text
        return Worked(self, answer.json(), answer.headers["etag"])


@dataclass(slots=True)
class Worked:
    """One case and its newest answer."""

    work: Work
    last: dict[str, Any]
    etag: str

    @property
    def id(self) -> str:
        return self.last["case"]

    @property
    def number(self) -> str:
        return self.last["number"]

    def do(self, door: str, body: object = None, by: str = "officer") -> "Worked":
        if door == "approve":
            # Nobody approves what they have not opened.
            for document in OPENED:
                self.work.office.api("GET", f"/v1/cases/{self.id}/{document}", self.work.key(by))
        if door == "decisions":
            body = {"points": POINTS, **cast("dict[str, object]", body or {})}
        answer = self._asked(door, body, by)
        if door == "principal" and answer.status_code == 422:
            # Others of these tests bear the name of the form.
            errors = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
            assert undecided(errors), answer.text
            who = cast("dict[str, Any]", body)
            found = self._asked("candidates", asked_for(who), by).json()
            said = left_out(found["candidates"], more=found["more"])
            answer = self._asked(door, {**who, **said}, by)
        assert answer.status_code == 200, answer.text
        self.last, self.etag = answer.json(), answer.headers["etag"]
        return self

    def _asked(self, door: str, body: object, by: str) -> httpx2.Response:
        return self.work.office.api(
            "POST",
            f"/v1/cases/{self.id}/{door}",
            self.work.key(by),
            {} if body is None else body,
            **{"If-Match": self.etag},
        )

    def submitted(self) -> "Worked":
        """Identified without any record, decided, waiting for the approval."""
        tried = [{"scheme": "account", "id": f"{canary.MARK}{self.number}"}]
        who = self.work.office.api("GET", f"/v1/cases/{self.id}", self.work.key("officer")).json()
        identifiers = who["application"]["identifiers"]
        found = {"identifiers": identifiers, "tried": tried, "evidence": "会員番号が一致"}
        return (
            self.do("documents", look())
            .do("verification")
            .do("principal", found)
            .do("decisions", {})
            .do("submit")
        )

    def reported(self, stays: "Worked") -> "Worked":
        """Said to be taken in twice; it waits for a second person."""
        body = {"cause": "double", "reason": DOUBLE, "replaced_by": stays.id}
        return self.do("entry-mistake", body)

    def in_error(self, stays: "Worked") -> "Worked":
        """Confirmed by somebody else: it should never have been opened."""
        return self.reported(stays).do("mistake-confirmation", by="approver")

    def dispatched(self) -> "Worked":
        """Approved by somebody else, and in the post."""
        posted = {"dispatched_on": today(), "item_number": POST_NUMBER}
        return self.submitted().do("approve", by="approver").do("dispatch", posted)
