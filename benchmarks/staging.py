"""What some pages show and the demo's year does not bring: over HTTP.

A case whose reply goes out in another way than was asked for, once before and once after its
approval; a plan of what is to be destroyed; and a register that was uploaded.
"""

from contextlib import closing
from typing import Final, cast

from api.demo import papers
from api.demo.applicants import APPLICANTS
from api.demo.cases import POINT_ANSWERS
from api.demo.client import DemoClient, UnexpectedAnswerError
from api.demo.papers import Body
from api.web.pages.forms import TOKEN
from benchmarks.demo import Browser, Demo
from ledger.clock import day_in_japan, now
from ledger.values import Json

_RETENTION: Final = "/desk/retention"
_REGISTERS: Final = "/desk/registers"
_BOUNDARY: Final = "register-of-the-bench"
_REGISTER: Final = """\
管理番号,提供年月日,提供先,住所,代表者,会員番号,氏名,項目,同意
R-1,2022-04-01,ながめカード株式会社,,代表取締役 見本 一郎,M-1,見本 花子,氏名、住所,有
"""
_DONE: Final = frozenset((200, 201))
_SEE_OTHER: Final = 303


def stage(demo: Demo, operator: Browser, keeper: Browser) -> str:
    """Bring it about; the id of the plan."""
    _upload(keeper)
    with (
        closing(DemoClient(demo.url, demo.keys["officer"])) as officer,
        closing(DemoClient(demo.url, demo.keys["approver"])) as approver,
        closing(DemoClient(demo.url, demo.keys["auditor"])) as auditor,
    ):
        # The first of the two still waits for its approval.
        _submitted(officer)
        case, tag = _submitted(officer)
        for letter in ("preview", "letters/method"):  # nobody approves what they have not opened
            approver.ask("GET", f"{case}/{letter}.pdf", None)
        _step(approver, case, tag, "approve", {})
        made = operator.post(f"{_RETENTION}/plans", {TOKEN: operator.token(_RETENTION)})
        assert made.status == _SEE_OTHER, made.status
        plans = cast("list[dict[str, Json]]", auditor.get("/v1/retention")["plans"])
        return str(plans[0]["plan"])


def _upload(keeper: Browser) -> None:
    begin = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
    body = (
        f'{begin}"{TOKEN}"\r\n\r\n{keeper.token(_REGISTERS)}\r\n'
        f'{begin}"file"; filename="register.csv"\r\n\r\n{_REGISTER}\r\n--{_BOUNDARY}--\r\n'
    )
    media_type = f"multipart/form-data; boundary={_BOUNDARY}"
    sent = keeper.send(_REGISTERS, body.encode(), media_type)
    assert sent.status == _SEE_OTHER, sent.status


def _submitted(officer: DemoClient) -> tuple[str, str]:
    """The address and the tag of a case that was asked for as a file and goes out on paper."""
    who, today = APPLICANTS["returned"], day_in_japan(now())
    asked = papers.request(who, today, medium="electronic")
    received = officer.ask("POST", "/v1/cases", asked)
    case, tag = received.location, received.etag
    why = "媒体の作成に多額の費用を要するため"
    steps: tuple[tuple[str, Body], ...] = (
        ("documents", papers.check_body(who, papers.pair(today))),
        ("verification", {}),
        ("principal", {"identifiers": who.identifiers, "evidence": "会員番号が一致"}),
        ("decisions", {"medium": "paper", "medium_reason": why, "points": POINT_ANSWERS}),
        ("submit", {}),
    )
    for endpoint, body in steps:
        tag = _step(officer, case, tag, endpoint, body)
    return case, tag


def _step(client: DemoClient, case: str, tag: str, endpoint: str, body: Body) -> str:
    answer = client.ask("POST", f"{case}/{endpoint}", body, tag)
    if answer.status not in _DONE:
        raise UnexpectedAnswerError(f"{endpoint}: {answer.status} {answer.body.get('code')}")
    return answer.etag
