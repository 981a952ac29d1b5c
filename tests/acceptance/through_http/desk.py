"""One request for disclosure, from its arrival to the post, as its people do it over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ledger.clock import JAPAN
from tests.acceptance.reading import CaseError
from tests.acceptance.through_http.answered import Reply
from tests.acceptance.through_http.documents import text_of, unpacked
from tests.acceptance.through_http.lines import keys_of
from tests.acceptance.through_http.papers import form_of, looked, paper
from tests.acceptance.through_http.world import World
from tests.doors.answering import POINTS, asked_for, left_out, undecided
from tests.doors.corridor import Answer

REASON = "開示により請求者以外の者の権利利益を害するおそれがあるため"
# A hindrance that is neither a confidentiality clause nor volume, which are none by themselves.
_CAUSES = {"ART33_2_II": ["hindrance_of_business"]}
_SIDES = {"both": (True, True), "provided": (True, False), "received": (False, True)}
_MEDIA = {"electronic": "electronic", "paper": "paper", "unspecified": None}
_MEDIUM = ("medium", "medium_reason", "medium_agreement")
_REFUSED = frozenset({"STALE_APPROVAL", "PRINCIPAL_CAME_OF_AGE"})
_NOT_DUE = "NOTHING_TO_SUPPLEMENT"
_SEALS, _RESIDENCE = "seal_certificate", "residence_certificate"
_ITEM_NUMBER = "123-45-67890-1"
# Tried in every case, as it must be where nothing is found: no story has anybody under them. Two
# kinds, for a story's own identifier may be of either, or of one that the ledger does not know.
_ABSENT = [{"scheme": "phone", "id": "0300000000"}, {"scheme": "email", "id": "nobody@example.jp"}]


class RefusedError(Exception):
    """What a step says is not enough to search or to decide.

    Attributes:
        errors: JSON pointer → code.
    """

    def __init__(self, place: str, errors: Mapping[str, str]) -> None:
        super().__init__(f"{place}: {errors}")
        self.errors = dict(errors)


@dataclass(slots=True)
class File:
    """A case at the desk.

    Attributes:
        told: every answer of its doors, by door.
        who: as whom the person was searched for last.
        pages: `decision` or `approval` → what was read there last, of a case that asks for it;
            `method` → the letter on another medium, where one goes with the reply; `correction`
            and `interim` → that letter, of a case that reads it.
        gives_reason: why another medium is chosen than was asked for: a letter tells it.
        previews: name → letter that was looked at before it was approved.
    """

    world: World
    name: str
    step: Mapping[str, Any]
    keys: dict[str, str]
    id: str = ""
    etag: str = ""
    last: dict[str, Any] = field(default_factory=dict[str, Any])
    told: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    previews: dict[str, bytes] = field(default_factory=dict[str, bytes], repr=False)
    who: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    pages: dict[str, str] = field(default_factory=dict[str, str])
    withheld: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    replies: list[Reply] = field(default_factory=list[Reply])
    sent: int = 0
    gives_reason: bool = False
    _case: str = ""

    @property
    def seen(self) -> dict[str, str]:
        """Name → text of what else was shown of it; few cases ask for it, and reading is dear."""
        previews = {name: text_of(one) for name, one in self.previews.items()}
        return {"case": self._case, **previews}

    @property
    def path(self) -> str:
        return f"/v1/cases/{self.id}"

    @property
    def uuid(self) -> UUID:
        return UUID(self.id)

    @property
    def status(self) -> str:
        return self.last["status"]

    # -- the request -----------------------------------------------------------------------------

    def arrive(self, number: int) -> None:
        """Take the request in and verify it, or ask for the paper that is missing."""
        step, today = self.step, self.world.today
        provided, received = _SIDES[step.get("direction", "both")]
        period = step.get("period", {})
        body = {
            "arrived_on": today,
            "requester": "self",
            "form": {**form_of(number), **self._names(step)},
            "birth_date": step.get("birth_date"),
            "identifiers": [step["principal"]],
            "provided": provided,
            "received": received,
            "first_day": period.get("from"),
            "last_day": period.get("to"),
            "medium": _MEDIA[step.get("form", "unspecified")],
        }
        stated = {member: value for member, value in body.items() if value is not None}
        answer = self.world.told("POST", "/v1/cases", stated)
        self.id = answer.body["case"]
        self._keep("", answer)
        if step.get("identity", "verified") == "verified":
            self.do("documents", looked(paper(_SEALS, today), paper(_RESIDENCE, today)))
            self.do("verification")
        else:
            self.do("documents", looked(paper(_SEALS, today)))
            self.do("correction-request")
            if "correction" in self.world.letters:
                letter = self.world.content(f"{self.path}/letters/correction.pdf", by="officer")
                self.pages["correction"] = text_of(letter)

    def erase(self, number: int) -> None:
        """The request is one to erase: it is answered that the records stay, and closed."""
        today, who = self.world.today, [self.step["principal"]]
        body = {
            "kind": "utilization_cease",
            "arrived_on": today,
            "requester": "self",
            "form": form_of(number),
            "identifiers": who,
        }
        answer = self.world.told("POST", "/v1/cases", body)
        self.id = answer.body["case"]
        self._keep("", answer)
        self.do("documents", looked(paper(_SEALS, today), paper(_RESIDENCE, today)))
        self.do("verification")
        self._identify("person", who, {})
        reason = "提供の記録は、法定の保存期間が終わるまで保存する義務があるためです。"
        self.do("measures", {"outcome": "not_taken", "reason": reason})
        self.do("submit")
        self.do("approve", by="approver")
        self.do("dispatch", {"dispatched_on": today, "item_number": _ITEM_NUMBER})
        self.do("delivery", {"delivered_on": today})

    # -- the decision ----------------------------------------------------------------------------

    def decide(self, step: Mapping[str, Any]) -> None:
        """Search, decide, and look at the letter.

        Args:
            step: who is identified, what is said of namesakes and points, and in which medium the
                reply goes; of what it does not state the officer says something to everything.

        Raises:
            RefusedError: the search or the decision is refused for what it states.
        """
        if self.step.get("identity", "verified") != "verified":
            self._refuse()
        else:
            self._search(step)
            self._look("decision", by="officer")
            points = step.get("points", POINTS)
            self.gives_reason = "medium_reason" in step
            medium = {name: step[name] for name in _MEDIUM if name in step}
            self._decided({"withheld": self._held(), "points": points, **medium})
        whole = self.whole()
        decision = whole["decision"]
        search = self.last.get("search", {"provided": 0, "received": 0})
        counted = search["provided"] + search["received"]
        grounds = sorted({one["ground"] for one in decision.get("withheld", [])})
        reply = Reply(self.name, self.sent + 1, decision["outcome"], grounds, counted)
        # A decision that never went out is replaced by the next one.
        self.replies = [*self.replies[: self.sent], reply]
        preview = self.world.content(f"{self.path}/preview.pdf", by="officer")
        self.previews[f"preview {reply.n}"] = preview

    def _decided(self, body: object) -> None:
        answer = self.ask("decisions", body)
        if answer.status == 422 and "errors" in answer.body:
            raise RefusedError(f"{self.name}: decisions", answer.errors)
        if answer.status != 200:
            raise CaseError(f"{self.name}: decisions: {answer.status} {answer.text}")
        self._keep("decisions", answer)

    def _look(self, page: str, *, by: str) -> None:
        shown = self.world.page(f"/desk/cases/{self.id}/{page}", by=by)
        if shown is not None:
            self.pages[page] = shown

    def _search(self, step: Mapping[str, Any]) -> None:
        if self.sent and self.status in ("dispatched", "returned", "closed"):
            self.do("reopen", {"reason": "回答の後に記録の内容が変わったため"})
        if self.status == "notice_ready":
            self.do("return", {"reason": "記録を改めて確認するため"}, by="approver")
        if "interim" in self.world.letters:
            printed = f"/desk/cases/{self.id}/letters/interim.pdf"
            self.pages["interim"] = text_of(self.world.printed(printed, by="officer"))
        self.who = [step.get("principal", self.step["principal"])]
        self._identify("principal", self.who, step)

    def _identify(self, door: str, who: list[Mapping[str, str]], step: Mapping[str, Any]) -> None:
        """Say who the person is; the name on the form is ours, and may not be the case's."""
        body: dict[str, object] = {
            "identifiers": who,
            "tried": [*step.get("tried", []), *_ABSENT],
            "evidence": "会員番号が一致",
        }
        if "former_names" in step:
            body["former_names"] = step["former_names"]
        if "left_out" in step:
            body["left_out"] = [
                {"identifier": one["principal"], "because": one["because"]}
                for one in step["left_out"]
            ]
        answer = self.ask(door, body)
        if answer.status == 422 and answer.errors == {"/identifiers/0": "NAME_DIFFERS"}:
            self.told.append((f"{door} refused", answer.errors))
            said = {"identifier": who[0], "because": "改姓(戸籍謄本で確認)"}
            body["names_differ"] = [said]
            answer = self.ask(door, body)
        if answer.status == 422 and "left_out" in step:
            raise RefusedError(f"{self.name}: {door}", answer.errors)
        if answer.status == 422 and undecided(answer.errors):
            self.told.append((f"{door} refused", answer.errors))
            found = self.ask("candidates", asked_for(body)).body
            self.do(door, {**body, **left_out(found["candidates"], more=found["more"])})
        elif answer.status == 200:
            self._keep(door, answer)
        else:
            raise CaseError(f"{self.name}: {door}: {answer.status} {answer.text}")

    def _held(self) -> list[dict[str, Any]]:
        """What was withheld of the records that are found: others are none of the decision's."""
        found = {one["transfer"] for one in self._entries(self._history())}
        transfers = {key: transfer for transfer, key in self.keys.items()}
        return [
            {
                "record": transfers[one["key"]],
                "ground": one["ground"],
                "reason": one.get("reason", REASON),
                "items": one.get("items", []) if one["part"] == "items" else [],
                "causes": _CAUSES.get(one["ground"], []),
            }
            for one in self.withheld
            if transfers[one["key"]] in found
        ]

    def _refuse(self) -> None:
        """The time for the correction is over: a day that the case does not state."""
        if self.status != "decided":
            due = self.whole()["clocks"]["correction_due_on"]["on"]
            after = date.fromisoformat(due) + timedelta(days=1)
            self.world.clock.says(datetime.combine(after, time(10), JAPAN))
            self.do("refusal")

    # -- the letter ------------------------------------------------------------------------------

    def approve(self) -> None:
        """Submit as the officer, approve as a second person, and read what would go out."""
        if self.status != "notice_ready":
            if not self._goes("submit", {}, "officer") and len(self.replies) == self.sent:
                return
            self.do("approve", by="approver")
        self._read(self.replies[-1])

    def dispatch(self) -> bool:
        """Send the reply; whether it went out."""
        if len(self.replies) == self.sent:
            return False
        for door, by in (("submit", "officer"), ("approve", "approver")):
            if self.status != "notice_ready" and not self._goes(door, {}, by):
                return False
        body = {"dispatched_on": self.world.today, "item_number": _ITEM_NUMBER}
        if not self._goes("dispatch", body, "officer"):
            return False
        self.sent += 1
        reply = self.replies[-1]
        before = reply.letter.files
        self._read(reply)
        if before and dict(before) != dict(reply.letter.files):
            raise CaseError(f"{self.name}: another letter went out than was approved")
        if self.whole()["replies"][-1]["supplementary"] != reply.supplementary:
            raise CaseError(f"{self.name}: the case does not tell what is a supplement")
        return True

    def _goes(self, door: str, body: dict[str, Any], by: str) -> bool:
        answer = self.ask(door, body, by=by)
        if answer.status < 400:
            self._keep(door, answer)
            return True
        if answer.code == _NOT_DUE:
            # Nothing is to be told beside the reply that went out: the case ends with it.
            self.replies = self.replies[: self.sent]
            self.do("close")
            return False
        codes = {answer.code, *answer.errors.values()} if "errors" in answer.body else {answer.code}
        if codes & _REFUSED:
            return False
        raise CaseError(f"{self.name}: {door}: {answer.status} {answer.text}")

    def _read(self, reply: Reply) -> None:
        reply.letter = unpacked(self.reply_zip(reply.n))
        lines = reply.letter.lines
        reply.lines = keys_of(lines, self._history(), self.keys) if lines else []
        earlier = self.whole()["replies"][: reply.n - 1]
        reply.supplementary = bool(earlier)
        # A letter that the post brought back is replaced by no other: the person never had it.
        if reply.letter.is_supplement != any(one["returned"] is None for one in earlier):
            raise CaseError(f"{self.name}: the letter does not say what it replaces")

    def reply_zip(self, n: int) -> bytes:
        return self.world.content(f"{self.path}/reply.zip?reply={n}", by="sender")

    def reply_pdf(self, n: int) -> bytes:
        return self.world.content(f"{self.path}/reply.pdf?reply={n}", by="sender")

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, door: str, body: object, *, by: str = "officer") -> Answer:
        headers = {"If-Match": self.etag}
        if door == "approve":
            # Nobody approves what they have not opened; a refusal is told at the door itself.
            self._look("approval", by="approver")
            self.world.ask("GET", f"{self.path}/preview.pdf", by=by)
            if self.gives_reason:
                method = self.world.content(f"{self.path}/letters/method.pdf", by=by)
                self.pages["method"] = text_of(method)
        return self.world.ask("POST", f"{self.path}/{door}", body, by=by, headers=headers)

    def do(self, door: str, body: object = None, *, by: str = "officer") -> None:
        """Take a step that is not refused."""
        answer = self.ask(door, {} if body is None else body, by=by)
        if answer.status != 200:
            raise CaseError(f"{self.name}: {door}: {answer.status} {answer.text}")
        self._keep(door, answer)

    def whole(self) -> dict[str, Any]:
        """The case as it stands; whoever looks at it is told nothing else than before."""
        answer = self.world.told("GET", self.path)
        self.etag = answer.headers["etag"]
        self.told.append(("GET", answer.body))
        self._case = answer.text
        return answer.body

    def _keep(self, door: str, answer: Answer) -> None:
        self.etag, self.last = answer.headers["etag"], answer.body
        self.told.append((door, answer.body))

    def _history(self) -> dict[str, Any]:
        """The person's history as of the search that stands."""
        body = {
            "identifiers": self.who or [self.step["principal"]],
            "case": self.last["number"],
            "reason": "開示請求の調査",
            "as_of": self.last["search"]["as_of"],
            "limit": 500,
        }
        return self.world.told("POST", "/v1/histories", body).body

    @staticmethod
    def _names(step: Mapping[str, Any]) -> dict[str, str]:
        """The names on the form, where the story needs its own."""
        return {one: step[one] for one in ("name", "name_kana") if one in step}

    @staticmethod
    def _entries(history: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [*history["provisions"], *history["receipts"]]
