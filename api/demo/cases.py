"""The requests for disclosure of the last two months: a case for each state of a case.

Days are counted back from today. `delivered` is no state to stand in: a delivery closes the case.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Self, cast

from api.demo import papers
from api.demo.applicants import APPLICANTS, Applicant
from api.demo.papers import Body
from api.demo.parties import ADS
from api.demo.plan import DeskRequest, PlannedStep
from ledger.values import Json

OFFICER: Final = "officer"
COLLEAGUE: Final = "colleague"
APPROVER: Final = "approver"
CHIEF: Final = "chief"
POINT_ANSWERS: Final[Json] = {
    "findings": {
        "influence": False,
        "because": "指摘は例外管理で対応済み。記載する内容に影響しない",
    },
    "quarantine": {"influence": False, "because": "隔離中のデータは別の方のもの"},
    "coverage": {"influence": False, "because": "未申告の日に提供がないことを送信元に確認した"},
    "reassessment": {"influence": False, "because": "見直しの後も、記載する内容に影響しない"},
    "bulk": {"influence": False, "because": "取込み中の一括の記録は、ほかの会員の分だけ"},
}
"""What the officers say to what may make an answer wrong, where there is anything."""


@dataclass(slots=True)
class _Case:
    """The steps of one case, as they are added.

    Attributes:
        by: the officer whose case it is.
        arrived: days before today.
    """

    today: date
    who: Applicant
    by: str
    arrived: int
    steps: list[PlannedStep] = field(default_factory=list[PlannedStep])

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    @property
    def arrived_on(self) -> date:
        return self.day(self.arrived)

    def step(self, ago: int, endpoint: str, body: Body, by: str = "", **more: str) -> Self:
        self.steps.append(
            PlannedStep(self.day(ago), self.who.label, by or self.by, endpoint, body, **more)
        )
        return self

    def receive(self, body: Body | None = None) -> Self:
        return self.step(self.arrived, "", body or papers.request(self.who, self.arrived_on))

    def check_papers(self, ago: int, *seen: Body, form_checked: bool = True) -> Self:
        found = list(seen) or papers.pair(self.arrived_on)
        return self.step(
            ago, "documents", papers.check_body(self.who, found, form_checked=form_checked)
        )

    def verify(self, ago: int, *seen: Body) -> Self:
        return self.check_papers(ago, *seen).step(ago, "verification", {})

    def identify(self, ago: int) -> Self:
        evidence = "会員番号・氏名・住所が登録と一致"
        found: Body = {"identifiers": self.who.identifiers, "evidence": evidence}
        if self.who.name != self.who.person.name:
            found["evidence"] = "会員番号・生年月日・住所が登録と一致"
            explanation = "婚姻により改姓(戸籍謄本で旧姓を確認)"
            found["names_differ"] = [
                {"identifier": one, "because": explanation} for one in self.who.identifiers
            ]
        return self.step(ago, "principal", found)

    def find_nobody(self, ago: int) -> Self:
        tried: Body = {
            "tried": self.who.identifiers,
            "evidence": "会員番号でも注文番号でも該当なし",
        }
        return self.step(ago, "principal", tried)

    def submit(self, ago: int, *withheld: Body, **labelled: str) -> Self:
        decision: Body = {"withheld": cast("Json", list(withheld)), "points": POINT_ANSWERS}
        return self.step(ago, "decisions", decision, **labelled).step(ago, "submit", {})

    def approve(self, ago: int) -> Self:
        return self.step(ago, "approve", {}, APPROVER)

    def post(self, ago: int) -> Self:
        # Each has a number of its own, as the post gives them.
        number = f"123-45-{67000 + self.arrived:05}-{self.arrived % 7}"
        body: Body = {"dispatched_on": self.day(ago).isoformat(), "item_number": number}
        return self.step(ago, "dispatch", body)

    def deliver(self, ago: int) -> Self:
        return self.step(ago, "delivery", {"delivered_on": self.day(ago).isoformat()})


def cases(today: date) -> Iterable[PlannedStep | DeskRequest]:
    """Every step of every case, in the order of each case."""

    def case(label: str, by: str, arrived: int) -> _Case:
        return _Case(today, APPLICANTS[label], by, arrived)

    for one in (
        _full(case("full", OFFICER, 45)),
        _refused(case("refused", COLLEAGUE, 57)),
        _nothing(case("not-found", OFFICER, 41)),
        _nothing(case("not-held", COLLEAGUE, 39)),
        _reopened(case("reopened", OFFICER, 50)),
        _returned(case("returned", COLLEAGUE, 33)),
        _partial(case("partial", OFFICER, 12)),
        *_ended_early(case("deceased", COLLEAGUE, 27), case("withdrawn", OFFICER, 24)),
        *_before_the_post(
            case("ready", COLLEAGUE, 11),
            case("sent-back", OFFICER, 13),
            case("submitted", COLLEAGUE, 10),
            case("blocked", OFFICER, 12),
        ),
        *_for_somebody(case("child", COLLEAGUE, 9), case("agent", OFFICER, 8)),
        *_at_the_papers(
            case("resubmitted", OFFICER, 21),
            case("correction", COLLEAGUE, 16),
            case("form", OFFICER, 6),
            case("identity", COLLEAGUE, 5),
        ),
        _duplicate_entry(_Case(today, replace(APPLICANTS["form"], label="double"), COLLEAGUE, 6)),
        case("received", OFFICER, 1).receive(),
    ):
        yield from one.steps
    yield _excluded(today - timedelta(days=39))
    yield _corrected(today - timedelta(days=6))


def _full(case: _Case) -> _Case:
    return case.receive().verify(44).identify(43).submit(42).approve(41).post(40).deliver(38)


def _refused(case: _Case) -> _Case:
    """The residence certificate never came: refused after the time for the correction."""
    seal = papers.paper("seal_certificate", case.arrived_on)
    pending = case.receive().check_papers(55, seal).step(55, "correction-request", {})
    return pending.step(23, "refusal", {}).step(23, "submit", {}).approve(22).post(21).deliver(19)


def _nothing(case: _Case) -> _Case:
    """Nothing is found; the letter says that nothing exists."""
    begun = case.arrived
    verified = case.receive().verify(begun - 2).find_nobody(begun - 4)
    return verified.submit(begun - 4).approve(begun - 5).post(begun - 5).deliver(begun - 7)


def _reopened(case: _Case) -> _Case:
    """Answered; then a record of it was corrected: a supplementary reply is due."""
    sent = case.receive().verify(48).identify(46).submit(46).approve(45).post(44).deliver(42)
    return sent.step(5, "reopen", {"reason": "回答後に提供先の住所が訂正されたため"})


def _returned(case: _Case) -> _Case:
    sent = case.receive().verify(30).identify(29).submit(28).approve(27).post(26)
    back: Body = {"returned_on": case.day(8).isoformat(), "reason": "not_collected"}
    return sent.step(8, "returned-mail", back)


def _partial(case: _Case) -> _Case:
    """One record is withheld, with its ground and a reason that the letter gives."""
    withheld: Body = {
        "record": "{transfer}",
        "ground": "ART33_2_I",
        "reason": "開示により第三者の権利利益を害するおそれがあるため",
    }
    found = case.receive().verify(10).identify(8)
    return found.submit(6, withheld, label="partial").approve(4).post(3)


def _ended_early(deceased: _Case, withdrawn: _Case) -> Iterator[_Case]:
    learned: Body = {"learned_on": deceased.day(20).isoformat(), "evidence": "ご家族からの電話"}
    yield deceased.receive().verify(24).step(20, "death", learned)
    letter: Body = {"withdrawn_on": withdrawn.day(17).isoformat(), "evidence": "取下書"}
    yield withdrawn.receive().check_papers(22).step(17, "withdrawal", letter)


def _duplicate_entry(case: _Case) -> _Case:
    """The envelope was taken in by a colleague as well; a second person confirms the mistake."""
    mistake: Body = {
        "cause": "double",
        "reason": "同じ封筒を別の担当者が先に受け付けていた",
        "replaced_by": "{case}",
    }
    reported = case.receive().step(5, "entry-mistake", mistake, other="form")
    return reported.step(4, "mistake-confirmation", {}, APPROVER)


def _before_the_post(
    ready: _Case, sent_back: _Case, submitted: _Case, blocked: _Case
) -> Iterator[_Case]:
    on_a_medium = papers.request(ready.who, ready.arrived_on, medium="electronic")
    yield ready.receive(on_a_medium).verify(9).identify(5).submit(4).approve(1)
    yield (
        sent_back.receive()
        .verify(9)
        .identify(6)
        .submit(3)
        .step(2, "return", {"reason": "宛名の漢字(濵)を申請書と照合してください"}, APPROVER)
    )
    yield submitted.receive().verify(7).identify(3).submit(1)
    answered: Body = {"points": POINT_ANSWERS}
    decided = blocked.receive().verify(8).identify(4).step(2, "decisions", answered)
    # The form of 邉 on the request is not in the font: the letter is not printed with another one.
    yield decided.step(2, "submit", {}, refused="UNPRINTABLE")


def _for_somebody(child: _Case, agent: _Case) -> Iterator[_Case]:
    by_a_parent = papers.by_a_parent(child.who, child.arrived_on)
    seen = papers.of_a_parent(child.arrived_on)
    yield child.receive(by_a_parent).verify(6, *seen).identify(2)
    by_an_agent = papers.by_an_agent(agent.who, agent.arrived_on)
    yield agent.receive(by_an_agent).verify(4, *papers.of_an_agent(agent.arrived_on))


def _at_the_papers(
    resubmitted: _Case, correction: _Case, form: _Case, identity: _Case
) -> Iterator[_Case]:
    came: Body = {"arrived_on": resubmitted.day(1).isoformat(), "note": "住民票が届いた"}
    seal = papers.paper("seal_certificate", resubmitted.arrived_on)
    pending = resubmitted.receive().check_papers(19, seal).step(19, "correction-request", {})
    yield pending.step(1, "resubmission", came)
    copy = papers.paper("residence_certificate", correction.arrived_on, is_original=False)
    seal = papers.paper("seal_certificate", correction.arrived_on)
    yield correction.receive().check_papers(13, seal, copy).step(13, "correction-request", {})
    yield form.receive().check_papers(4, form_checked=False)
    yield identity.receive().check_papers(2, papers.paper("seal_certificate", identity.arrived_on))


def _excluded(day: date) -> DeskRequest:
    """The chief excludes a record under Order 11: no history, count, letter or list shows it."""
    body: Body = {
        "action": "exclude",
        "transfers": ["{transfer}"],
        "ground": "i",
        "reason": "提供先が知れると本人の身体に危害が及ぶおそれ",
    }
    return DeskRequest(day, "/v1/exclusions", body, "not-held", CHIEF)


def _corrected(day: date) -> DeskRequest:
    """The address of a party was wrong in a record that had been disclosed."""
    moved: Json = {**ADS, "address": "東京都港区芝浦三丁目4番1号 見本ビル13階"}
    body: Body = {"changes": {"counterparty": moved}, "reason": "提供先の住所の誤記"}
    return DeskRequest(day, "/v1/transfers/{transfer}/corrections", body, "reopened")
