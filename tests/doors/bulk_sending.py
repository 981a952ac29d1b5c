"""Bulk transfers over HTTP: announced, sent in parts, committed, and carried out."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

import orjson

from api.web.services import Services
from tests.bulk.sending import in_database
from tests.canary import MEMBER
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import REMOVED, SOURCE, provision

PATH = "/v1/bulk-transfers"
NDJSON = {"content-type": "application/x-ndjson"}
CSV = {"content-type": "text/csv"}
Person = Mapping[str, str]


def people(count: int, prefix: str = MEMBER) -> list[Person]:
    """Canaries, all of them."""
    return [{"scheme": "member", "id": f"{prefix}-{n}"} for n in range(count)]


def ndjson(persons: Sequence[Person]) -> bytes:
    return b"".join(orjson.dumps(one) + b"\n" for one in persons)


def table(persons: Sequence[Person], columns: Sequence[str] = ("scheme", "id", "name")) -> bytes:
    rows = [columns, *([one.get(name, "") for name in columns] for one in persons)]
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


def announcement(contents: Sequence[bytes], lines: int, **members: object) -> dict[str, Any]:
    """The body that announces these parts."""
    whole = sha256(b"".join(sha256(one).digest() for one in contents)).hexdigest()
    body = {
        "source": SOURCE,
        "id": fresh_id(),
        "data": provision(principals=REMOVED),
        "lines": lines,
        "parts": len(contents),
        "sha256": whole,
        **members,
    }
    return {name: value for name, value in body.items() if value is not REMOVED}


def announce(
    corridor: Corridor, body: object, key: str | None = None, **headers: str
) -> dict[str, Any]:
    """The bulk transfer that was begun."""
    by = key or corridor.emitter
    answer = corridor.ask("POST", PATH, body, key=by, headers=headers)
    assert answer.status == 201, answer.text
    assert answer.headers["location"] == f"{PATH}/{answer.body['bulk']}"
    return answer.body


def put(
    corridor: Corridor,
    bulk: str,
    number: int,
    content: bytes,
    headers: Mapping[str, str] = NDJSON,
    key: str | None = None,
) -> Answer:
    path, by = f"{PATH}/{bulk}/parts/{number}", key or corridor.emitter
    return corridor.ask("PUT", path, key=by, content=content, headers=dict(headers))


def look(corridor: Corridor, bulk: str, key: str | None = None) -> Answer:
    return corridor.ask("GET", f"{PATH}/{bulk}", key=key or corridor.emitter)


def commit(corridor: Corridor, bulk: str, key: str | None = None) -> Answer:
    return corridor.ask("POST", f"{PATH}/{bulk}/commit", key=key or corridor.emitter)


def abort(corridor: Corridor, bulk: str, key: str | None = None) -> Answer:
    return corridor.ask("DELETE", f"{PATH}/{bulk}", key=key or corridor.emitter)


def inside_of(corridor: Corridor) -> Services:
    return cast("Services", corridor.app.state.services)


def carry_out(corridor: Corridor) -> int:
    """What the process for commits does: every one that has begun; how many."""
    inside = inside_of(corridor)
    begun = inside.bulk.started_commits(inside.now())
    for one in begun:
        inside.bulk.commit(one, inside.now())
    return len(begun)


def staged(
    corridor: Corridor, persons: Sequence[Person], key: str | None = None, **members: object
) -> dict[str, Any]:
    """A bulk transfer of one part that is there."""
    content = ndjson(persons)
    begun = announce(corridor, announcement([content], len(persons), **members), key)
    answer = put(corridor, begun["bulk"], 1, content, key=key)
    assert answer.status == 200, answer.text
    return begun


def sent(
    corridor: Corridor, persons: Sequence[Person], key: str | None = None, **members: object
) -> dict[str, Any]:
    """A bulk transfer that was carried out, as it is told."""
    begun = staged(corridor, persons, key, **members)
    answer = commit(corridor, begun["bulk"], key)
    assert answer.status == 202, answer.text
    assert carry_out(corridor) == 1
    found = look(corridor, begun["bulk"], key)
    assert found.body["state"] == "committed", found.text
    return found.body


def kept(corridor: Corridor, bulk: str) -> tuple[int, int]:
    """Parts and pieces of the bulk transfer in the database."""
    return in_database(corridor.urls.owner, bulk)
