"""A case played step by step against the doors of a ledger of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.resources.histories.endpoints import LISTS
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.writer import document_of
from tests.acceptance.reading import CaseError, first_keys
from tests.acceptance.through_http.desk import File, RefusedError
from tests.acceptance.through_http.told import Told, words_of
from tests.acceptance.through_http.world import World
from tests.doors.samples import SOURCE

Step = Mapping[str, Any]
END = "end"


@dataclass(slots=True)
class Story:
    """The steps of one case.

    Args:
        notices: those that a step may name.
        flags: (case, instant or `end`) of each look at the flags that is wanted.
        refused: instants of dispatches that are expected not to go out.
        may_refuse: instants of decisions that are expected to be refused.
        asked: the names of what is expected.
        records: key of a message → the key of its record (`first_keys`).
    """

    world: World
    notices: Mapping[str, Mapping[str, Any]]
    flags: Sequence[tuple[str, str]] = ()
    refused: frozenset[str] = frozenset()
    may_refuse: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    transfers: dict[str, str] = field(default_factory=dict[str, str])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, File] = field(default_factory=dict[str, File])
    seen: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])
    holds: dict[str, str] = field(default_factory=dict[str, str])
    published: set[str] = field(default_factory=set[str])
    purges: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    dispatches: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refusals: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    records: dict[str, str] = field(default_factory=dict[str, str])

    def tell(self, steps: Sequence[Step]) -> Told:
        """Play the steps; each at the instant that it states."""
        self.records = first_keys(steps)
        for n, step in enumerate(steps):
            self._flags_before(_instant(step["at"]))
            self.world.clock.says(_instant(step["at"]))
            STEPS[step["do"]](self, step)
            if self._is_decided(step) and not self._goes_out(step["case"], steps[n + 1 :]):
                self.files[step["case"]].approve()
        self._flags_before(None)
        # Each of them is asked for one by one, so only of a case that says what they are.
        living = self._living() if self.asked & {"held", "exceptions"} else set[str]()
        exceptions = self._exceptions(living) if "exceptions" in self.asked else ()
        return Told(
            self.files,
            self.seen,
            self.purges,
            self.dispatches,
            self.refusals,
            sorted(self._records(living)),
            sorted(self._records(exceptions)),
            words_of(steps),
        )

    def _is_decided(self, step: Step) -> bool:
        return step["do"] == "decide" and step["at"] not in [one["at"] for one in self.refusals]

    def _goes_out(self, case: str, later: Sequence[Step]) -> bool:
        """Whether the decision is dispatched before the case is decided anew."""
        for step in later:
            if step.get("case") == case and step["do"] in ("decide", "dispatch"):
                return step["do"] == "dispatch" and step["at"] not in self.refused
        return False

    def _flags_before(self, next_at: datetime | None) -> None:
        for case, as_of in self.flags:
            due = next_at is None or (as_of != END and _instant(as_of) < next_at)
            if due and (case, as_of) not in self.seen:
                if as_of != END:
                    self.world.clock.says(_instant(as_of))
                self._followed()
                self.seen[case, as_of] = sorted(self.files[case].whole()["flags"])

    # -- records ---------------------------------------------------------------------------------

    def record(self, step: Step) -> None:
        for notice in step.get("notices", []):
            self._publish(self.notices[notice] if isinstance(notice, str) else notice)
        item = {"source": SOURCE, "id": step["key"], "data": step["transfer"]}
        by = "emitter"
        if "order11" in step:
            item["order_11"], by = step["order11"], "chief"
        answer = self.world.told("POST", "/v1/transfers", {"items": [item]}, by=by)
        [result] = answer.body["results"]
        if result["status"] != "recorded":
            raise CaseError(f"{step['key']}: {result}")
        self.transfers[step["key"]] = result["transfer"]
        self.keys[result["transfer"]] = step["key"]

    def _publish(self, notice: Mapping[str, Any]) -> None:
        if notice["notice_id"] in self.published:
            return
        self.published.add(notice["notice_id"])
        members = {name: value for name, value in notice.items() if name != "versions"}
        for version in notice.get("versions", [None]):
            # When it was recorded is told by the ledger's own clock.
            stated: dict[str, Any] = {}
            if version is not None:
                kept = {name: value for name, value in version.items() if name != "recorded_at"}
                # A story tells what was published, lawful or not.
                stated = {"version": kept, "record_unlawful_changes": True}
            self.world.told("POST", "/v1/notices", {**members, **stated})

    def correct(self, step: Step) -> None:
        self._change(step, "corrections", {"changes": step["set"], "reason": step["reason"]})

    def reclassify(self, step: Step) -> None:
        body = {"basis": step["basis"], "changes": step.get("set", {}), "reason": step["reason"]}
        self._change(step, "reclassifications", body)

    def retract(self, step: Step) -> None:
        self._change(step, "retraction", {"reason": step["reason"]})

    def _change(self, step: Step, door: str, body: object) -> None:
        # As the chief: what is excluded is unknown to an officer.
        path = f"/v1/transfers/{self.transfers[step['key']]}/{door}"
        self.world.told("POST", path, body, by="chief")

    def exclude(self, step: Step) -> None:
        body = {"action": "exclude", "ground": step["item"], "reason": "加害のおそれ"}
        self._change_exclusion(step, body, by="chief")

    def lift(self, step: Step) -> None:
        body = {"action": "lift", "reason": "おそれの消滅"}
        for chief in ("chief", "second-chief"):
            self._change_exclusion(step, body, by=chief)

    def _change_exclusion(self, step: Step, body: dict[str, Any], *, by: str) -> None:
        """For whom the step says, and else for every person of the record."""
        principal = step.get("principal")
        whom = {"for_all_persons": True} if principal is None else {"principal": principal}
        named = {**body, **whom, "transfers": [self.transfers[step["key"]]]}
        self.world.told("POST", "/v1/exclusions", named, by=by)

    def publish_procedure(self, step: Step) -> None:
        """The published procedure with other settings, for requests of that day and later."""
        document = {**document_of(PUBLISHED[-1]), "effective_from": self.world.today}
        document["readings"] = step["readings"]
        self.world.told("POST", "/v1/procedures", document)

    # -- what was sent, and what was not ---------------------------------------------------------

    def quarantine(self, step: Step) -> None:
        """An item that is refused for what is wrong with it, and waits in quarantine."""
        item = {"source": SOURCE, "id": step["key"], "data": step["transfer"]}
        answer = self.world.ask("POST", "/v1/transfers", {"items": [item]}, by="emitter")
        if answer.status != 422:
            raise CaseError(f"{step['key']}: {answer.status} {answer.text}")

    def register(self, step: Step) -> None:
        body = {"source": _own(step), "name": step["emitter"], "since": step["since"]}
        self.world.told("PUT", f"/v1/emitters/{step['emitter']}", body, by="operator")

    def declare(self, step: Step) -> None:
        """The emitter has sent everything of these days."""
        key = self.world.corridor.key("coverage:write", source=_own(step))
        path = f"/v1/emitters/{step['emitter']}/coverage"
        body = {"from": step["from"], "to": step["to"]}
        answer = self.world.corridor.ask("PUT", path, body, key=key)
        if answer.status != 200:
            raise CaseError(f"{path}: {answer.status} {answer.text}")

    # -- persons ---------------------------------------------------------------------------------

    def pair(self, door: str, step: Step) -> None:
        body = {name: step[name] for name in ("a", "b", "evidence")}
        self.world.told("POST", f"/v1/{door}", body)

    def rename(self, step: Step) -> None:
        body = {"principal": step["principal"], "name": step["name"]}
        self.world.told("POST", "/v1/renames", body)

    def stop(self, step: Step) -> None:
        body = {"principal": step["principal"], "kind": step["kind"], "day": self.world.today}
        self.world.told("POST", "/v1/directives", body)

    def erase(self, step: Step) -> None:
        """A request to erase is a case of its own, and no directive: the records stay (29(2))."""
        File(self.world, "erasure", step, self.keys).erase(len(self.files))

    # -- retention -------------------------------------------------------------------------------

    def hold(self, step: Step) -> None:
        body: dict[str, Any] = {"reason": step["reason"]}
        if "key" in step:
            body["transfer"] = self.transfers[step["key"]]
        else:
            body["identifiers"] = [step["principal"]]
        answer = self.world.told("POST", "/v1/holds", body, by="chief")
        self.holds[step["hold"]] = answer.body["hold"]

    def release(self, step: Step) -> None:
        path = f"/v1/holds/{self.holds[step['hold']]}/release"
        self.world.told("POST", path, {"reason": "保全の終了"}, by="chief")

    def purge(self, step: Step) -> None:
        """A plan of that instant, and all that it names destroyed at once."""
        before = self._records(self._living())
        self._followed()
        plan = {"confirm_clock": True}
        self.world.told("POST", "/v1/retention/plans", plan, by="chief")
        self._followed()
        self.world.told("POST", "/v1/retention/expiries", {}, by="chief")
        purged = before - self._records(self._living())
        self.purges.append({"at": step["at"], "purged": sorted(purged)})

    def _followed(self) -> None:
        """Wait until the read side has reached the head: a look at a history does."""
        nobody = {"scheme": "member", "id": "NOBODY"}
        head = self.world.corridor.head()
        body = {"identifiers": [nobody], "case": "retention", "reason": "待つ", "after": head}
        self.world.told("POST", "/v1/histories", body)

    def _records(self, messages: Iterable[str]) -> set[str]:
        """The records that the messages make: those of one series are one, under its first key."""
        return {self.records[key] for key in messages}

    def _living(self) -> set[str]:
        """Keys of the messages whose content is there, also of those that are excluded."""
        return {key for key in self.transfers if self._shown(key) is not None}

    def _shown(self, key: str) -> dict[str, Any] | None:
        answer = self.world.ask(
            "GET", f"/v1/transfers/{self.transfers[key]}?reason=inspection", by="chief"
        )
        if answer.status not in (200, 410):
            raise CaseError(f"{key}: {answer.status} {answer.text}")
        return answer.body if answer.status == 200 else None

    def _exceptions(self, held: set[str]) -> Iterator[str]:
        """Messages that stand and are not lawful, of all or for one of their persons."""
        for key in held:
            shown = self._shown(key)
            if shown is None or shown["retracted"] is not None:
                continue
            persons = shown["data"].get("principals", [])
            if not shown["lawful"] or any(not self._is_lawful(key, one) for one in persons):
                yield key

    def _is_lawful(self, key: str, principal: Mapping[str, str]) -> bool:
        who = [{"scheme": principal["scheme"], "id": principal["id"]}]
        head = self.world.corridor.head()
        body = {"identifiers": who, "case": "exceptions", "reason": "点検", "after": head}
        body["limit"] = 500
        history = self.world.told("POST", "/v1/histories", body).body
        entries = (one for name in LISTS.values() for one in history[name])
        own = self.transfers[key]
        return all(one["lawful"] for one in entries if one["transfer"] == own)

    # -- cases -----------------------------------------------------------------------------------

    def request(self, step: Step) -> None:
        file = File(self.world, step["case"], step, self.keys)
        file.arrive(len(self.files))
        self.files[step["case"]] = file

    def withhold(self, step: Step) -> None:
        self.files[step["case"]].withheld.append(step)

    def decide(self, step: Step) -> None:
        try:
            self.files[step["case"]].decide(step)
        except RefusedError as refused:
            if step["at"] not in self.may_refuse:
                raise CaseError(str(refused)) from None
            self.refusals.append({"at": step["at"], "errors": refused.errors})

    def dispatch(self, step: Step) -> None:
        went = self.files[step["case"]].dispatch()
        self.dispatches.append({"at": step["at"], "dispatched": went})

    def returned(self, step: Step) -> None:
        body = {"returned_on": self.world.today, "reason": "not_collected"}
        self.files[step["case"]].do("returned-mail", body)

    def close(self, step: Step) -> None:
        self.files[step["case"]].do("close", {})


STEPS: Mapping[str, Callable[[Story, Step], None]] = {
    "record": Story.record,
    "correct": Story.correct,
    "reclassify": Story.reclassify,
    "retract": Story.retract,
    "link": lambda story, step: story.pair("links", step),
    "unlink": lambda story, step: story.pair("unlinks", step),
    "rename": Story.rename,
    "erasure_request": Story.erase,
    "stop": Story.stop,
    "exclude_order11": Story.exclude,
    "lift_order11": Story.lift,
    "hold": Story.hold,
    "release": Story.release,
    "purge": Story.purge,
    "request": Story.request,
    "withhold": Story.withhold,
    "decide": Story.decide,
    "dispatch": Story.dispatch,
    "returned": Story.returned,
    "close": Story.close,
    "quarantine": Story.quarantine,
    "register_emitter": Story.register,
    "declare": Story.declare,
    "publish_procedure": Story.publish_procedure,
}
"""Every step that a case may hold."""


def _own(step: Step) -> str:
    """The source of an emitter, which nobody else sends under."""
    return f"https://{step['emitter']}.example.jp/transfers"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
