"""Each line of "Bad input": a problem with a pointer and a stable code, in two languages."""

from tests.canary import MEMBER, NAME, SUSPECT
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import EVERYTHING, OTHER_SOURCE, SOURCE, provision, receipt
from tests.matrix import every


def item(data: object, **members: object) -> dict[str, object]:
    return {"source": SOURCE, "id": fresh_id(), "data": data, **members}


ENVELOPES: dict[str, tuple[object, str, str]] = {
    "unknown member": ({"source": SOURCE, "id": "x", "data": {}, "note": "?"}, "/note", "SCHEMA"),
    "no object": (7, "", "SCHEMA"),
    "no id": ({"source": SOURCE, "data": provision()}, "/id", "SCHEMA"),
    "id of no string": (item(provision()) | {"id": 7}, "/id", "SCHEMA"),
    "long id": (item(provision()) | {"id": "x" * 600}, "/id", "SCHEMA"),
    "no data": ({"source": SOURCE, "id": "x"}, "/data", "SCHEMA"),
    "control in id": (item(provision()) | {"id": "a\tb"}, "/id", "CONTROL_CHARACTER"),
    "no ground": (item(provision(), order_11="v"), "/order_11", "SCHEMA"),
}


@every("name", ENVELOPES)
def test_what_is_wrong_with_an_item_itself_is_told_too(corridor: Corridor, name: str) -> None:
    given, pointer, code = ENVELOPES[name]
    answer = corridor.ask("POST", "/v1/transfers", {"items": [given]}, key=corridor.emitter)
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert answer.errors[f"/items/0{pointer}"] == code


def test_a_transfer_of_very_many_faults_is_told_the_first_hundred(corridor: Corridor) -> None:
    given = item(provision(principals=[dict[str, object]()] * 300_000))
    answer = corridor.ask("POST", "/v1/transfers", {"items": [given]}, key=corridor.emitter)
    assert (answer.status, answer.code) == (422, "SCHEMA_VIOLATION")
    assert len(answer.errors) <= 100
    assert answer.errors["/items/0/data/principals/0/scheme"] == "SCHEMA"
    assert corridor.send({**item(provision())}).status == 200, "nobody is harmed"


BODIES: dict[str, tuple[bytes, int, str]] = {
    "invalid utf-8": (b'{"items": ["\xff"]}', 400, "NOT_UTF8"),
    "utf-16": ('{"items": []}'.encode("utf-16"), 400, "NOT_UTF8"),
    "no json": (b'{"items": ', 400, "NOT_JSON"),
    "nothing": (b"", 400, "NOT_JSON"),
    "not a number": (b'{"items": [NaN]}', 400, "NOT_JSON"),
    "half a surrogate": (b'{"items": ["\\ud800"]}', 400, "NOT_JSON"),
    "a member twice": (b'{"items": [], "items": []}', 400, "DUPLICATE_MEMBER"),
    "10 MB": (b" " * 10_000_000, 413, "BATCH_TOO_LARGE"),
    "deep": (b'{"items": ' + b"[" * 400 + b"]" * 400 + b"}", 400, "NOT_JSON"),
}
DOORS = {
    "/v1/transfers": "application/json",
    "/v1/transfers/check": "application/json",
    "/v1/events": "application/cloudevents+json",
    "/v1/histories": "application/json",
    "/v1/links": "application/json",
    "/v1/notices": "application/json",
    "/v1/cases": "application/json",
    "/v1/cases/search": "application/json",
}


@every("path", DOORS)
@every("name", BODIES)
def test_what_is_no_json_in_utf8_is_refused_at_every_door(
    corridor: Corridor, name: str, path: str
) -> None:
    content, status, code = BODIES[name]
    key = corridor.key(*EVERYTHING, source=SOURCE)
    answer = corridor.ask(
        "POST", path, key=key, content=content, headers={"Content-Type": DOORS[path]}
    )
    assert (answer.status, answer.code) == (status, code)
    assert answer.errors == {"": code}


@every("path", DOORS)
def test_another_media_type_is_refused(corridor: Corridor, path: str) -> None:
    key = corridor.key(*EVERYTHING, source=SOURCE)
    for stated in ("text/plain", "application/json; charset=shift_jis"):
        answer = corridor.ask(
            "POST", path, key=key, content=b"{}", headers={"Content-Type": stated}
        )
        assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_known_id_with_other_content_is_a_conflict(corridor: Corridor) -> None:
    first = corridor.record(provision())
    other = {"source": SOURCE, "id": first["id"], "data": provision(items=["氏名", "住所"])}
    answer = corridor.send(other)
    assert (answer.status, answer.code) == (409, "DUPLICATE_MISMATCH")
    assert answer.errors == {"/items/0/id": "DUPLICATE_MISMATCH"}
    assert answer.body["position"] == first["position"]
    assert answer.body["transfer"] == first["transfer"]


@every("source", [OTHER_SOURCE, SOURCE + "x", "urn:" + MEMBER])
def test_another_source_than_the_keys_is_refused(corridor: Corridor, source: str) -> None:
    answer = corridor.send({**item(provision()), "source": source})
    assert (answer.status, answer.code) == (403, "SOURCE_NOT_ALLOWED")
    assert answer.errors == {"/items/0/source": "SOURCE_NOT_ALLOWED"}


def test_valid_items_of_a_batch_are_recorded_beside_refused_ones(corridor: Corridor) -> None:
    known = corridor.record(provision())
    answer = corridor.send(
        item(provision()),
        item(provision(items=[])),
        {**item(provision()), "source": OTHER_SOURCE},
        {"source": SOURCE, "id": known["id"], "data": receipt()},
        item(receipt()),
        item(provision(), order_11="i"),
    )
    assert answer.status == 200
    statuses = [result["status"] for result in answer.body["results"]]
    assert statuses == ["recorded", "rejected", "rejected", "conflict", "recorded", "rejected"]
    assert answer.body["counts"] == {"recorded": 2, "rejected": 3, "conflict": 1}
    pointers = [
        result["problem"]["errors"][0]["pointer"]
        for result in answer.body["results"]
        if "problem" in result
    ]
    assert pointers == [
        "/items/1/data/items",
        "/items/2/source",
        "/items/3/id",
        "/items/5/order_11",
    ]
    assert answer.body["results"][1]["quarantine"]
    assert "quarantine" not in answer.body["results"][2]


def test_every_refusal_is_told_in_japanese_too(corridor: Corridor) -> None:
    japanese = {"Accept-Language": "ja"}
    answers = [
        corridor.send(item(provision(items=[])), **japanese),
        corridor.send({**item(provision()), "source": OTHER_SOURCE}, **japanese),
        corridor.ask(
            "POST", "/v1/links", {"a": 1}, key=corridor.key("records:write"), headers=japanese
        ),
    ]
    for answer in answers:
        assert answer.headers["content-language"] == "ja"
        texts = [answer.body["title"], answer.body["detail"]]
        texts += [error["detail"] for error in answer.body["errors"]]
        assert not any(text.isascii() for text in texts)


TYPED_IN: list[tuple[str, object]] = [
    ("/v1/links", {SUSPECT: 1, NAME: 2}),
    ("/v1/notices", {"kind": NAME}),
    ("/v1/notices", {"kind": "opt_out", NAME: 1}),
    ("/v1/histories", {"identifiers": [{"scheme": NAME, "id": MEMBER, NAME: 1}]}),
    ("/v1/transfers", {"items": [{NAME: 1, "data": {NAME: {NAME: NAME}}}]}),
    ("/v1/transfers", {"items": [{"source": NAME, "id": MEMBER, "data": {}}], NAME: 1}),
]


@every("path, body", TYPED_IN)
def test_what_is_typed_into_the_wrong_place_is_not_repeated(
    corridor: Corridor, path: str, body: object
) -> None:
    # `ask` searches the answer.
    key = corridor.key(*EVERYTHING, source=SOURCE)
    assert corridor.ask("POST", path, body, key=key).status in (403, 422)
