"""Exports over HTTP: asked for, made aside, put on record once, fetched in parts, deleted."""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import psycopg

from api.auth import Scope
from api.resources.accesses.schemas import ACCESSES
from api.resources.exports.schemas import EXPORT
from ledger.exports import verify
from ledger.values import PrincipalRef
from tests.canary import MEMBER, traces
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.exported import exported
from tests.doors.exporting import PATH, WHY, asked, auditor, fetched, inside_of, make_all, state
from tests.doors.samples import provision
from tests.doors.test_accesses import listed
from tests.doors.test_openapi import check
from tests.matrix import every

NAMED: Final = "exports:identified"
WHOLE: Final = "records:exclude"


def ready(corridor: Corridor, *more: Scope, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- handed on
    """An export that was asked for and made."""
    export = asked(corridor, *more, **body)["export"]
    make_all(corridor)
    found = state(corridor, export, *more)
    assert found["state"] == "ready", found
    return found


def rows_of(content: bytes) -> list[dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as bag:
        [name] = [one for one in bag.namelist() if one.endswith("data/records.ndjson")]
        return [json.loads(line) for line in bag.read(name).splitlines()]


def test_an_export_is_asked_for_made_put_on_record_and_fetched(
    corridor: Corridor, tmp_path: Path
) -> None:
    corridor.record(provision())
    begun = asked(corridor, case="D-1", reason=WHY)
    check({"components": {}}, EXPORT, begun)
    assert (begun["state"], begun["done"], "made" in begun) == ("waiting", 0, False)
    assert fetched(corridor, begun["export"]).json()["code"] == "EXPORT_STATE"
    assert listed(corridor, "?case=D-1")["accesses"] == [], "nothing has left yet"
    make_all(corridor)
    found = state(corridor, begun["export"])
    check({"components": {}}, EXPORT, found)
    assert found["done"] == found["of"] == found["made"]["as_of"]
    [look] = listed(corridor, "?case=D-1")["accesses"]
    assert (look["export"], look["position"]) == (begun["export"], found["made"]["position"])
    assert look["actor"] == begun["actor"]
    answer = fetched(corridor, begun["export"])
    digest = sha256(answer.content).hexdigest()
    assert (answer.status_code, digest) == (200, found["made"]["sha256"])
    assert answer.headers["etag"] == f'"{digest}"'
    assert answer.headers["content-length"] == str(found["made"]["bytes"])
    assert len(rows_of(answer.content)) == found["made"]["records"] > 0
    bag = tmp_path / "bag.zip"
    bag.write_bytes(answer.content)
    assert verify.main([str(bag)]) == verify.CONSISTENT


def test_a_download_goes_on_where_it_broke_off(corridor: Corridor) -> None:
    for _ in range(2):
        corridor.record(provision())
    export = ready(corridor)["export"]
    whole = fetched(corridor, export)
    size, tag = len(whole.content), whole.headers["etag"]
    parts = [
        fetched(corridor, export, headers={"Range": f"bytes={asked_for}", "If-Range": tag})
        for asked_for in (f"0-{size // 3}", f"{size // 3 + 1}-", "-7", "5-5")
    ]
    assert [one.status_code for one in parts] == [206] * 4
    assert parts[0].content + parts[1].content == whole.content
    assert (parts[2].content, parts[3].content) == (whole.content[-7:], whole.content[5:6])
    assert parts[1].headers["content-range"] == f"bytes {size // 3 + 1}-{size - 1}/{size}"
    other = fetched(corridor, export, headers={"Range": "bytes=5-9", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, whole.content), "no part of another version"
    beyond = fetched(corridor, export, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.json()["bytes"]) == (416, size)
    assert beyond.headers["content-range"] == f"bytes */{size}"
    again = fetched(corridor, export)
    assert again.content == whole.content


@every(
    "scope, body",
    [
        (NAMED, {"identified": True}),
        (NAMED, {"person": [{"scheme": "member", "id": MEMBER}], "case": "D-2"}),
        (WHOLE, {"whole": True}),
    ],
)
def test_what_names_persons_or_holds_everything_needs_a_scope_of_its_own_and_a_reason(
    corridor: Corridor, scope: Scope, body: dict[str, Any]
) -> None:
    given = {**body, "reason": WHY}
    refused = corridor.ask("POST", PATH, given, key=auditor(corridor))
    assert (refused.status, refused.code, refused.body["scopes"]) == (403, "SCOPE_MISSING", scope)
    unsaid = corridor.ask("POST", PATH, body, key=auditor(corridor, scope))
    assert unsaid.errors == {"/reason": "SCHEMA"}
    export = ready(corridor, scope, **given)["export"]
    assert fetched(corridor, export, scope).status_code == 200
    # To who may not fetch it, it is as one that there is not.
    nothing = f"{PATH}/{fresh_uuid()}"
    for method, end in (("GET", ""), ("GET", "/bag"), ("DELETE", "")):
        there = corridor.ask(method, f"{PATH}/{export}{end}", key=auditor(corridor))
        absent = corridor.ask(method, f"{nothing}{end}", key=auditor(corridor))
        assert there.status == absent.status == 404
        assert there.body.keys() == absent.body.keys()
    shown = corridor.ask("GET", f"{PATH}?limit=100", key=auditor(corridor)).body["exports"]
    assert export not in [one["export"] for one in shown]
    assert fetched(corridor, export, scope).status_code == 200, "and it was not deleted"


def fresh_uuid() -> str:
    return f"0b0e2c5e-7a57-8000-8000-{int(fresh_id()[2:]):012d}"


def test_a_person_is_named_in_the_bag_alone(corridor: Corridor) -> None:
    corridor.record(provision())
    body: dict[str, Any] = {
        "person": [{"scheme": "member", "id": MEMBER}],
        "case": "D-3",
        "reason": WHY,
        "identified": True,
    }
    found = ready(corridor, NAMED, **body)
    assert found["asked"]["identifiers"] == 1
    assert not traces(json.dumps(found, ensure_ascii=False))
    answer = fetched(corridor, found["export"], NAMED)
    assert traces(json.dumps(rows_of(answer.content), ensure_ascii=False)), "the control"
    with psycopg.connect(corridor.urls.owner) as connection:
        kept = connection.execute(
            "SELECT told || sealed FROM ledger.exports JOIN ledger.export_pieces USING (export)"
            " WHERE export = %s",
            (found["export"],),
        ).fetchall()
    text = b"".join(row[0] for row in kept)
    assert text
    assert b"PK\x03\x04" not in text
    assert MEMBER.encode() not in text


def test_a_bag_is_deleted_and_its_event_stays(corridor: Corridor) -> None:
    export = ready(corridor, case="D-5", reason=WHY)["export"]
    place, key = f"{PATH}/{export}", auditor(corridor)
    with inside_of(corridor).exports.working(UUID(export)):
        busy = corridor.ask("DELETE", place, key=key)
    assert (busy.status, busy.code) == (409, "EXPORT_STATE")
    assert corridor.ask("DELETE", place, key=key).status == 204
    assert corridor.ask("GET", place, key=key).status == 404
    assert fetched(corridor, export).status_code == 404
    with psycopg.connect(corridor.urls.owner) as connection:
        left = connection.execute(
            "SELECT count(*) FROM ledger.export_pieces WHERE export = %s", (export,)
        ).fetchone()
    assert left == (0,)
    assert [one["export"] for one in listed(corridor, "?case=D-5")["accesses"]] == [export]


# -- Exports in the list of looks: who made one, when and why; what is in it, not to everybody --


def whole(corridor: Corridor, query: str) -> list[dict[str, Any]]:
    """As it is listed for an auditor who may also exclude."""
    key = corridor.key("audit:read", "records:exclude")
    answer = corridor.ask("GET", f"/v1/accesses{query}", key=key)
    check({"components": {}}, ACCESSES, answer.body)
    return cast("list[dict[str, Any]]", answer.body["accesses"])


def test_what_is_in_an_export_is_told_to_whoever_may_exclude(
    corridor: Corridor, tmp_path: Path
) -> None:
    person = (PrincipalRef("member", f"CNRY-{fresh_id()}"),)
    exported(corridor.app, tmp_path / "one", case="E-2", reason=WHY, person=person, identified=True)
    exported(
        corridor.app, tmp_path / "all", case="E-2", reason=WHY, whole=True,
        counterparty="見本 個人", identified=True, bases=("none",), findings=("any",),
        source="https://a.example.jp",
    )  # fmt: skip
    of_one, of_all = whole(corridor, "?case=E-2")
    assert of_one["made"] == {
        "records": 0,
        "whole": False,
        "identified": True,
        "by_counterparty": False,
    }
    assert of_one["identifiers"] == {"count": 1, "schemes": ["member"]}
    assert of_all["made"] == {
        "records": 0,
        "whole": True,
        "identified": True,
        "by_counterparty": True,
        "bases": ["none"],
        "findings": ["any"],
        "source": "https://a.example.jp",
    }
    assert not traces(repr([of_one, of_all]))
    assert "見本 個人" not in repr(of_all), "a counterparty may be a person"


def test_exports_are_told_alike_whatever_was_hidden_and_however_much_they_hold(
    corridor: Corridor, tmp_path: Path
) -> None:
    source = f"https://hidden.example.jp/{fresh_id()}"
    key = corridor.key("events:write", source=source, label="hidden")
    item = {"source": source, "id": "1", "data": provision()}
    [sent] = corridor.send(item, key=key).body["results"]
    made: dict[str, Any] = {"case": "E-3", "reason": WHY, "source": source}
    exported(corridor.app, tmp_path / "before", **made)
    hiding = {"action": "exclude", "transfers": [sent["transfer"]], "ground": "i", "reason": "危害"}
    answer = corridor.ask("POST", "/v1/exclusions", hiding, key=corridor.key("records:exclude"))
    assert answer.status == 200, answer.text
    exported(corridor.app, tmp_path / "after", **made)
    exported(corridor.app, tmp_path / "whole", whole=True, **made)
    exported(corridor.app, tmp_path / "named", identified=True, **made)
    own = ("position", "at", "export", "as_of")
    told = [
        {name: one[name] for name in one if name not in own}
        for one in listed(corridor, "?case=E-3")["accesses"]
    ]
    assert len(told) == 4
    assert all(one == told[0] for one in told)
    counts = [one["made"]["records"] for one in whole(corridor, "?case=E-3")]
    assert counts == [1, 0, 1, 0], "the control: what was hidden counts"
