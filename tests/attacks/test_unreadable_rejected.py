"""That something unreadable was rejected is told before a decision, and nothing of a mark is.

Attack: an officer of a case, who may not exclude, reads the point of the rejected items, in the
answers and on the pages, before and after items come and go: whether it tells that one of them was
sent with a mark under Order 11, and so that a certain record may be hidden.

Held off by: `unreadable` is one thing, without a count, an id or a time, that says how an item is
shaped and not whether it was marked (`ledger.quarantine.marks.is_unread`); an item that can be read
and has a mark is passed over as if it were not there.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Any, Final, cast

import httpx2
import orjson
import pytest

from ledger.errors import Defect
from ledger.quarantine.service import MalformedItem, Quarantine
from ledger.values import Json, PrincipalRef
from tests import canary
from tests.database import Database
from tests.doors.samples import SOURCE, provision
from tests.doors.test_events import LINES, event
from tests.ledger.inside import Inside, inside
from tests.pages.casework import Work, Worked
from tests.pages.office import Office, Person
from tests.pages.recorded import ABSENT, member, verified
from tests.rounds import rounds

_POINTS: Final = re.compile(r'<section aria-labelledby="h-points">.*?</section>', re.DOTALL)
_ANSWER: Final = {"because": "届いた行を確認し、他の会員の送信と判明した"}


def searched(work: Work) -> Worked:
    """Somebody of whom nothing is found."""
    case = verified(work, member(), name=canary.APPLICANT)
    who = case.work.office.api("GET", f"/v1/cases/{case.id}", work.key("officer")).json()
    tried = [*who["application"]["identifiers"], ABSENT]
    return case.do("principal", {"tried": tried, "evidence": "該当なし"})


def reject(office: Office, line: bytes) -> str:
    """Send a line as somebody who may mark does; the id under which it is kept."""
    key = office.key("events:write", "records:exclude", owner="marker", source=SOURCE)
    answer = httpx2.post(
        f"{office.url}/v1/events",
        content=line + b"\n",
        headers={"Authorization": f"Bearer {key}", "Content-Type": LINES},
        trust_env=False,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return cast("str", answer.json()["results"][0]["quarantine"])


def discard(office: Office, *kept: str) -> None:
    for owner in ("chief", "second-chief"):
        key = office.key("quarantine:write", "records:exclude", owner=owner)
        for one in kept:
            assert office.api("POST", f"/v1/quarantine/{one}/discard", key).status_code == 200


def line(**attributes: object) -> bytes:
    return orjson.dumps(event(data=provision(items=[]), **attributes))


def told(officer: Person, case: Worked) -> tuple[Any, str | None]:
    """The points of a case, in the answer and on the page of the decision."""
    found = case.work.office.api("GET", f"/v1/cases/{case.id}", case.work.key("officer")).json()
    page = officer.get(f"/desk/cases/{case.id}/decision")
    assert page.status_code == 200
    section = _POINTS.search(page.text)
    return found["points"], section and section[0]


@pytest.fixture(scope="module")
def work(office: Office) -> Work:
    return Work(office)


def test_an_unreadable_line_is_told_to_every_case_alike_and_a_mark_never(
    office: Office, work: Work
) -> None:
    officer, one, other = office.signed_in("officer"), searched(work), searched(work)
    nothing: tuple[Any, str | None] = ([], None)
    assert told(officer, one) == told(officer, other) == nothing
    marked = reject(office, line(order11="i"))
    assert told(officer, one) == told(officer, other) == nothing, "what can be read tells nothing"

    kept = reject(office, line()[:-9])
    points, section = told(officer, one)
    assert [(point["point"], point["count"]) for point in points] == [("quarantine", 1)]
    assert [subject["subject"] for subject in points[0]["subjects"]] == ["unreadable"]
    assert section is not None
    assert "プログラムで読み取れない送信" in section
    assert told(officer, other) == (points, section)

    more = [reject(office, line(order11="iv")[:-9]), reject(office, line(order11="i"))]
    assert told(officer, one) == told(officer, other) == (points, section)
    discard(office, kept, marked)
    assert told(officer, one) == (points, section), "with a mark alone as without"
    discard(office, *more)
    assert told(officer, one) == told(officer, other) == nothing


def test_nothing_is_said_not_to_exist_before_an_unreadable_line_is_answered(
    office: Office, work: Work
) -> None:
    case, officer = searched(work), office.signed_in("officer")
    kept = reject(office, line()[:-9])
    key = work.key("officer")

    def decided(points: dict[str, Any]) -> httpx2.Response:
        path, tag = f"/v1/cases/{case.id}/decisions", {"If-Match": case.etag}
        return office.api("POST", path, key, {"points": points}, **tag)

    def codes(answer: httpx2.Response) -> list[str]:
        assert answer.status_code == 422
        return [one["code"] for one in answer.json()["errors"]]

    assert codes(decided({})) == ["POINT_NOT_ANSWERED"]
    bears = {"quarantine": {**_ANSWER, "influence": True}}
    assert codes(decided(bears)) == ["POINT_NOT_RESOLVED"]
    answer = decided({"quarantine": {**_ANSWER, "influence": False}})
    assert answer.status_code == 200, answer.text
    case.etag = answer.headers["etag"]
    case.do("submit")
    approver = office.signed_in("approver")
    page = approver.get(f"/desk/cases/{case.id}/approval").text
    assert "プログラムで読み取れない送信" in page
    assert _ANSWER["because"] in page
    assert told(officer, case)[0][0]["answer"]["influence"] is False
    discard(office, kept)


# -- at random: what waits differs by marks alone --------------------------------------------------

_ids: Final = count(1)


@pytest.fixture
def a_house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


def _item(random: Random) -> tuple[Json, Json | None]:
    """An item, and the same one with a mark: None, it would be passed over."""
    person: Json = {"scheme": "member", "id": random.choice(["P1", "P2"]), "name": canary.STRANGER}
    item: dict[str, Json] = {"n": next(_ids), "data": {"principals": [person]}}
    text = orjson.dumps(item).decode()
    match random.choice(["readable", "line", "base64", "data"]):
        case "readable":
            return item, None
        case "line":
            return {"line": text[:-3]}, {"line": text[:-3] + ',"order11":"i"'}
        case "base64":
            return {"line_base64": text}, {"line_base64": text + "order_11"}
        case _:
            unread: Json = {**item, "data_base64": "?"}
            return unread, {**cast("dict[str, Json]", unread), "order11": "ii"}


def _seen(quarantine: Quarantine, inside: Inside, items: Sequence[Json]) -> object:
    """What anybody's case is told of these items, and of nothing else."""
    defect = Defect("", "SCHEMA", "an event is an object")
    kept = [quarantine.keep([MalformedItem(one, None, (defect,))], inside.now)[0] for one in items]
    refs = (PrincipalRef("member", "P1"),)
    found = quarantine.matching(refs, ())
    assert found == quarantine.matching(refs, ()), "the second time from what is remembered"
    for one in kept:
        for actor in ("a" * 32, "b" * 32):
            quarantine.discard(one, actor)
    named = [kept.index(one.id) for one in found.items]
    return len(named), found.is_exhaustive, found.is_unreadable


def test_what_waits_is_told_alike_whatever_of_it_is_marked(a_house: Inside) -> None:
    quarantine = Quarantine(a_house.house.writer, a_house.house.keys, a_house.house.secret)
    for seed in range(rounds(120)):
        random = Random(seed)  # noqa: S311 -- to be repeated, not to be secret
        pairs = [_item(random) for _ in range(random.randrange(5))]
        plain = [one for one, _ in pairs]
        marked = [one if other is None or random.random() < 0.5 else other for one, other in pairs]
        readable: list[Json] = [{"n": next(_ids), "order_11": "i", "data": "P1"}]
        told_plain = _seen(quarantine, a_house, plain)
        assert told_plain == _seen(quarantine, a_house, marked), seed
        assert told_plain == _seen(quarantine, a_house, [*readable, *plain]), seed
