"""CloudEvents in: what the official SDK writes, and the rules for everybody else."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import orjson
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from tests.canary import MEMBER, NAME
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import OTHER_SOURCE, PERSON, SOURCE, provision
from tests.matrix import every

TYPE = "jp.example.ledger.transfer.v1"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"


def event(**attributes: object) -> dict[str, Any]:
    members = {
        "specversion": "1.0",
        "id": fresh_id(),
        "source": SOURCE,
        "type": TYPE,
        "datacontenttype": "application/json",
        "data": provision(),
        **attributes,
    }
    return {name: value for name, value in members.items() if value != "removed"}


def post(corridor: Corridor, content: bytes, headers: dict[str, str]) -> Answer:
    sender = corridor.key("events:write", source="https://platform-a.example.jp")
    return corridor.ask("POST", "/v1/events", key=sender, content=content, headers=headers)


def structured(corridor: Corridor, one: object) -> Answer:
    return post(corridor, orjson.dumps(one), {"Content-Type": STRUCTURED})


def of_the_sdk(**attributes: object) -> CloudEvent:
    return CloudEvent(
        attributes={
            "id": fresh_id(),
            "source": SOURCE,
            "type": TYPE,
            "time": datetime(2026, 11, 24, 8, 59, 58, tzinfo=UTC),
            "subject": "batch/2026-11-24/0007",
            "datacontenttype": "application/json",
            "recordedtime": "2026-11-24T09:00:03.002+09:00",
            "dataclassification": "confidential",
            "dataregulation": "APPI",
            **attributes,
        },
        data=provision(),
    )


def test_the_official_sdk_is_accepted_in_structured_and_binary_mode(corridor: Corridor) -> None:
    sent = of_the_sdk()
    positions: list[int] = []
    for convert, status in ((to_structured_event, "recorded"), (to_binary_event, "duplicate")):
        message = convert(sent)
        answer = post(corridor, bytes(message.body), dict(message.headers))
        assert answer.status == 200, answer.text
        assert answer.body["status"] == status
        positions.append(answer.body["position"])
    assert positions[0] == positions[1]


def test_the_official_sdk_is_accepted_in_a_batch(corridor: Corridor) -> None:
    bodies = [bytes(to_structured_event(of_the_sdk()).body) for _ in range(3)]
    answer = post(corridor, b"[" + b",".join(bodies) + b"]", {"Content-Type": BATCH})
    assert answer.status == 200
    assert answer.body["counts"] == {"recorded": 3}


def test_what_the_sdk_percent_encodes_is_the_same_key_in_both_modes(corridor: Corridor) -> None:
    sent = of_the_sdk(id="移転-" + fresh_id(), source=SOURCE + '/広告 "a"')
    message = to_binary_event(sent)
    assert message.headers["ce-id"].isascii()
    first = post(corridor, bytes(message.body), dict(message.headers))
    assert first.body["status"] == "recorded", first.text
    message = to_structured_event(sent)
    again = post(corridor, bytes(message.body), dict(message.headers))
    assert (again.body["status"], again.body["position"]) == ("duplicate", first.body["position"])


def test_an_event_and_an_item_of_the_same_key_are_the_same_transfer(corridor: Corridor) -> None:
    recorded = corridor.record(provision())
    answer = structured(corridor, event(id=recorded["id"]))
    assert answer.body["status"] == "duplicate"
    assert answer.body["position"] == recorded["position"]


def test_one_event_a_line_is_taken_and_a_broken_line_is_refused_alone(corridor: Corridor) -> None:
    lines = [
        orjson.dumps(event()),
        b"",
        b'{"specversion": ',
        b'{"id": "\xff"}',
        b'{"id": 1, "id": 2}',
        orjson.dumps(event(source=OTHER_SOURCE)),
        orjson.dumps(event()),
    ]
    answer = post(corridor, b"\n".join(lines) + b"\n", {"Content-Type": LINES})
    assert answer.status == 200
    results = answer.body["results"]
    assert [r["status"] for r in results] == ["recorded", *["rejected"] * 4, "recorded"]
    codes = [r["problem"]["errors"][0]["code"] for r in results if "problem" in r]
    assert codes == ["NOT_JSON", "NOT_UTF8", "DUPLICATE_MEMBER", "SOURCE_NOT_ALLOWED"]
    assert all("quarantine" in result for result in results[1:4])
    # What cannot be read may have had a mark under Order 11.
    chief = corridor.key("quarantine:write", "records:exclude", label="chief")
    kept = corridor.ask("GET", "/v1/quarantine?limit=100", key=chief)
    texts = [one["item"] for one in kept.body["items"]]
    assert {"line": '{"specversion": '} in texts
    assert {"line_base64": base64.b64encode(lines[3]).decode()} in texts


@every("name", ["ce-id", "ce-source", "ce-order11", "CE-Order11"])
def test_an_attribute_that_stands_twice_is_refused_as_a_member_is(
    corridor: Corridor, name: str
) -> None:
    sent = [("ce-specversion", "1.0"), ("ce-type", TYPE), ("ce-source", SOURCE), ("ce-id", "t-2")]
    sent += [("ce-order11", "i")] if "rder" in name else []
    key = corridor.key("events:write", "records:exclude", source=SOURCE, label="marker")
    answer = corridor.client.post(
        "/v1/events",
        content=orjson.dumps(provision()),
        headers=[
            *sent,
            (name, "x"),
            ("Content-Type", "application/json"),
            ("Authorization", f"Bearer {key}"),
        ],
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "DUPLICATE_MEMBER")


RULES: dict[str, tuple[dict[str, object], str, str]] = {
    "version": ({"specversion": "0.3"}, "/specversion", "SCHEMA"),
    "no version": ({"specversion": "removed"}, "/specversion", "SCHEMA"),
    "type": ({"type": "com.example.other"}, "/type", "SCHEMA"),
    "content": ({"datacontenttype": "text/xml"}, "/datacontenttype", "SCHEMA"),
    "no id": ({"id": "removed"}, "/id", "SCHEMA"),
    "no source": ({"source": None}, "/source", "SCHEMA"),
    "no data": ({"data": "removed"}, "/data", "SCHEMA"),
    "two data": ({"data_base64": "e30="}, "/data_base64", "SCHEMA"),
    "broken base64": ({"data": "removed", "data_base64": "?"}, "/data_base64", "SCHEMA"),
    "name": ({"data_owner": "x"}, "/data_owner", "SCHEMA"),
    "typed-in name": ({NAME: "x"}, "", "SCHEMA"),
    "long name": ({"a" * 21: "x"}, "/" + "a" * 21, "SCHEMA"),
    "time": ({"time": "garbage"}, "/time", "SCHEMA"),
    "time without offset": ({"time": "2026-11-24T09:00:00"}, "/time", "SCHEMA"),
    "time with a blank": ({"time": "2026-11-24 09:00:00Z"}, "/time", "SCHEMA"),
    "hour 24": ({"time": "2026-11-24T24:00:00Z"}, "/time", "SCHEMA"),
    "day that is none": ({"time": "2026-02-30T09:00:00Z"}, "/time", "SCHEMA"),
    "number for a time": ({"time": 1764000000}, "/time", "SCHEMA"),
    "object for a time": ({"time": {}}, "/time", "SCHEMA"),
    "object": ({"subject": {"a": 1}}, "/subject", "SCHEMA"),
    "ground": ({"order11": "v"}, "/order11", "SCHEMA"),
    "mark by another name": ({"xorder11": "i"}, "", "SCHEMA"),
    "mark that goes on": ({"order11ground": "i"}, "", "SCHEMA"),
    "person": ({"subject": MEMBER}, "/subject", "SUBJECT_IS_PERSON"),
    "name of a person": ({"subject": NAME}, "/subject", "SUBJECT_IS_PERSON"),
    "content of data": ({"data": provision(items=[])}, "/data/items", "SCHEMA"),
}


@every("rule", RULES)
def test_the_rules_of_attributes_are_held(corridor: Corridor, rule: str) -> None:
    attributes, pointer, code = RULES[rule]
    answer = structured(corridor, event(**attributes))
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors[pointer] == code
    assert answer.body["quarantine"]
    batch = post(corridor, orjson.dumps([event(), event(**attributes)]), {"Content-Type": BATCH})
    assert batch.status == 200
    assert [r["status"] for r in batch.body["results"]] == ["recorded", "rejected"]
    pointers = [e["pointer"] for e in batch.body["results"][1]["problem"]["errors"]]
    assert f"/1{pointer}" in pointers


def test_order_11_is_an_attribute_for_a_key_that_may(corridor: Corridor) -> None:
    refused = structured(corridor, event(order11="ii"))
    assert (refused.status, refused.code) == (403, "SCOPE_MISSING")
    assert refused.errors == {"/order11": "SCOPE_MISSING"}


def test_a_header_is_decoded_once(corridor: Corridor) -> None:
    written = f"{fresh_id()}%2541%41"
    headers = {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": quote(written),
        "ce-source": SOURCE,
        "ce-type": TYPE,
    }
    first = post(corridor, orjson.dumps(provision()), headers)
    assert first.body["status"] == "recorded", first.text
    for same, status in ((written, "duplicate"), (unquote(written), "recorded")):
        answer = structured(corridor, event(id=same))
        assert answer.body["status"] == status, same


def test_a_header_that_is_not_encoded_is_refused(corridor: Corridor) -> None:
    headers = {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": quote("\udcff", errors="surrogateescape"),
        "ce-source": SOURCE,
        "ce-type": TYPE,
    }
    answer = post(corridor, orjson.dumps(provision()), headers)
    assert answer.status == 422
    assert answer.errors["/id"] in ("NOT_UTF8", "SCHEMA")
    quoted = {**headers, "ce-id": f'"{fresh_id()}"', "ce-extra": "%E5%BA%83"}
    assert post(corridor, orjson.dumps(provision()), quoted).status == 200


def test_an_attribute_that_binary_mode_lacks_is_named(corridor: Corridor) -> None:
    message = to_binary_event(of_the_sdk())
    for missing in ("specversion", "type", "id", "source"):
        headers = {k: v for k, v in message.headers.items() if k != f"ce-{missing}"}
        answer = post(corridor, bytes(message.body), headers)
        assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
        assert answer.errors == {f"/{missing}": "SCHEMA"}
    answer = post(corridor, b"{}", {"Content-Type": "application/json", "ce-time": "today"})
    assert answer.status == 422
    assert {"/specversion", "/type", "/id", "/source", "/time"} <= answer.errors.keys()


def test_other_media_types_and_shapes_are_refused(corridor: Corridor) -> None:
    answer = post(corridor, b"{}", {"Content-Type": "application/json"})
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    answer = post(corridor, b"<a/>", {"Content-Type": "text/xml", "ce-specversion": "1.0"})
    assert answer.status == 415
    for content, media_type in ((b"[]", BATCH), (b"{}", BATCH), (b"\n\n", LINES)):
        answer = post(corridor, content, {"Content-Type": media_type})
        assert (answer.status, answer.errors) == (422, {"": "SCHEMA"})
    many = json.dumps([event()] * 1_001).encode()
    # The body is the list itself.
    assert post(corridor, many, {"Content-Type": BATCH}).errors == {"": "BATCH_TOO_LARGE"}
    lines = b"{}\n" * 1_001
    assert post(corridor, lines, {"Content-Type": LINES}).code == "BATCH_TOO_LARGE"
    assert structured(corridor, [PERSON]).errors == {"": "SCHEMA"}
