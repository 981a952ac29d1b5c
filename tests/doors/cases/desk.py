"""A desk that works on cases through the doors: an officer, an approver, a dispatcher."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import jsonschema_rs

from api.auth import Scope
from api.resources.cases.schemas import answers
from ledger.clock import day_in_japan, now
from tests.canary import MEMBER, NAME
from tests.doors.answering import POINTS, asked_for, left_out, undecided
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import PERSON

WHO = {"scheme": PERSON["scheme"], "id": MEMBER}
ABSENT = {"scheme": "account", "id": "CNRY-nobody"}
"""Another kind of identifier, under which there is nobody."""
ADDRESS = "東京都千代田区永田町2-11-1"
DESK: tuple[Scope, ...] = ("cases:read", "cases:write")
APPROVER: tuple[Scope, ...] = ("cases:read", "cases:approve")
SENDER: tuple[Scope, ...] = ("reply:download",)
OPENED = ("preview.pdf", "letters/method.pdf")
"""What is approved; of the second there is none as a rule."""
POST_NUMBER = "123-45-67890-1"


def today() -> str:
    return day_in_japan(now()).isoformat()


def request(**changes: object) -> dict[str, Any]:
    """A request of the principal in person."""
    return {
        "arrived_on": today(),
        "requester": "self",
        "form": {"name": NAME, "postal_code": "100-6150", "address": ADDRESS},
        "identifiers": [WHO],
        **changes,
    }


def paper(kind: str, person: str = "principal", **changes: object) -> dict[str, Any]:
    """An original on which everything was looked at and nothing is wrong."""
    return {
        "kind": kind,
        "person": person,
        "is_original": True,
        "issued_on": today(),
        "shows_name": True,
        "shows_birth_date": True,
        "shows_current_address": True,
        "address_mark": "printed",
        "my_number_shown": False,
        **changes,
    }


def both(person: str = "principal") -> list[dict[str, Any]]:
    return [paper("seal_certificate", person), paper("residence_certificate", person)]


AGREEING = {
    "has_registered": True,
    "form_is_registered": True,
    "identity_is_form": True,
    "billing_is_registered": True,
    "representative_is_on_papers": True,
}


def look(*papers: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """A look at these papers, or at the two of the principal."""
    return {
        "papers": list(papers) or both(),
        "addresses": AGREEING,
        "form_checked": True,
        **changes,
    }


@dataclass(slots=True)
class Case:
    """One case as its people see it: the newest answer, and the tag that it bore."""

    corridor: Corridor
    id: str
    etag: str
    last: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def path(self) -> str:
        return f"/v1/cases/{self.id}"

    @property
    def status(self) -> str:
        return self.last["status"]

    @property
    def next(self) -> list[str]:
        return self.last["next"]

    def ask(
        self,
        door: str,
        body: object = None,
        *,
        scopes: tuple[Scope, ...] = DESK,
        by: str = "officer",
        opens: bool = True,
        **headers: str | None,
    ) -> Answer:
        """Ask for a step of the version that was seen last, or of what `If_Match` says.

        Args:
            opens: who approves opens what goes out first.
        """
        if door == "approve" and opens:
            for document in OPENED:
                self.fetch(f"/{document}", scopes=scopes, by=by)
        if door == "decisions":
            body = {"points": POINTS, **cast("Mapping[str, object]", body or {})}
        sent = {"If-Match": self.etag, **{n.replace("_", "-"): h for n, h in headers.items()}}
        key = self.corridor.key(*scopes, label=by)

        def asked(door: str, body: object) -> Answer:
            return self.corridor.ask(
                "POST",
                f"{self.path}/{door}",
                {} if body is None else body,
                key=key,
                headers={name: one for name, one in sent.items() if one is not None},
            )

        answer = asked(door, body)
        if door == "principal" and answer.status == 422 and undecided(answer.errors):
            # Others of these tests bear the name of the form.
            who = cast("Mapping[str, Any]", body)
            found = asked("candidates", asked_for(who)).body
            said = left_out(found["candidates"], more=found["more"])
            answer = asked(door, {**who, **said})
        return answer

    def do(self, door: str, body: object = None, **how: Any) -> "Case":  # noqa: ANN401 -- as `ask` takes it
        """Take a step that is not refused."""
        answer = self.ask(door, body, **how)
        assert answer.status == 200, answer.text
        assert answer.headers["etag"] == f'"{answer.body["version"]}"'
        fits(answers.STEP, answer.body)
        self.etag, self.last = answer.headers["etag"], answer.body
        return self

    def approve(self, by: str = "approver") -> "Case":
        return self.do("approve", scopes=APPROVER, by=by)

    def dispatch(self, **changes: object) -> "Case":
        body = {"dispatched_on": today(), "item_number": POST_NUMBER, **changes}
        return self.do("dispatch", body)

    def verified(self, *papers: Mapping[str, Any]) -> "Case":
        return self.do("documents", look(*papers)).do("verification")

    def identified(self, **changes: object) -> "Case":
        found = {"identifiers": [WHO], "tried": [ABSENT], "evidence": "会員番号が一致"}
        body = {**found, **changes}
        return self.do("principal", body)

    def submitted(self, **decision: object) -> "Case":
        return self.verified().identified().do("decisions", decision).do("submit")

    def read(self, scopes: tuple[Scope, ...] = DESK, by: str = "officer") -> dict[str, Any]:
        """The whole case."""
        answer = self.fetch("", scopes=scopes, by=by)
        assert answer.status == 200, answer.text
        self.etag = answer.headers["etag"]
        fits(answers.WHOLE, answer.body)
        return answer.body

    def fetch(self, what: str, *, scopes: tuple[Scope, ...] = DESK, by: str = "officer") -> Answer:
        """Fetch something of the case; `what` begins with a slash, or is nothing."""
        return self.corridor.ask(
            "GET", f"{self.path}{what}", key=self.corridor.key(*scopes, label=by)
        )

    def content(self, what: str, *scopes: Scope) -> bytes:
        """The bytes of a document of the case."""
        key = self.corridor.key(*(scopes or SENDER), label="dispatcher")
        got = self.corridor.client.get(
            f"{self.path}{what}", headers={"Authorization": f"Bearer {key}"}
        )
        assert got.status_code == 200, got.text
        assert got.headers["cache-control"] == "no-store"
        return got.content


def fits(schema: dict[str, Any], value: object) -> None:
    """Whether the answer is one that the document promises."""
    jsonschema_rs.Draft202012Validator(schema).validate(value)


def received(
    corridor: Corridor, body: object = None, by: str = "officer", **headers: str
) -> Answer:
    """Take a request in; the answer."""
    key = corridor.key(*DESK, label=by)
    asked = request() if body is None else body
    return corridor.ask("POST", "/v1/cases", asked, key=key, headers=headers)


def begun(corridor: Corridor, **changes: object) -> Case:
    """A new case, with some members of the request changed."""
    answer = received(corridor, request(**changes))
    assert answer.status == 201, answer.text
    fits(answers.RECEIVED, answer.body)
    assert answer.headers["location"] == f"/v1/cases/{answer.body['case']}"
    return Case(corridor, answer.body["case"], answer.headers["etag"], answer.body)
