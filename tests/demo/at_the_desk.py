"""Somebody at the pages of a running demo, who works on one practice case."""

import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx2

from ledger.clock import day_in_japan, now
from ledger.law.procedure.policy_2022 import PUBLISHED
from tests.demo.envelopes import Envelope
from tests.demo.filling_in import Filled
from tests.pages.filling import answers_to, sheet, words_of
from tests.pages.office import WAITS_S, Person

POST_NUMBER: Final = "123-45-67890-1"
_ROW = re.compile(
    r'id="row-(\d+)">\s*<legend><span class="paper-number">\d+</span>([^<]+)</legend>'
)
_CASE = re.compile(r"/desk/cases/[0-9a-f-]{36}")
_DAYS = re.compile(r"(\d+)日前(?:（有効期限は(\d+)日後）)?")
_TICKS: Final = {
    "氏名": "name",
    "生年月日": "birth_date",
    "現住所": "current_address",
    "契約者本人の記入": "by_principal",
    "印影の照合": "seal",
    "今回の請求についての委任": "covers",
}
_FURTHER: Final = "ほかの書類"
_IDENTIFIER = re.compile(r"識別子（(.+)）")


@contextmanager
def people(url: str) -> Generator[tuple[Person, Person]]:
    """The officer and the approver of the demo at this address, signed in."""
    with ExitStack() as closing:
        yield _signed_in(url, "officer", closing), _signed_in(url, "approver", closing)


def _signed_in(url: str, who: str, closing: ExitStack) -> Person:
    client = httpx2.Client(base_url=url, trust_env=False, timeout=WAITS_S)
    person = Person(closing.enter_context(client))
    begun = person.get("/sign-in/start?page=/desk").headers["location"]
    chosen = httpx2.post(begun, data={"identity": who}, trust_env=False, timeout=WAITS_S)
    back = urlsplit(chosen.headers["location"])
    assert person.get(f"{back.path}?{back.query}").headers["location"] == "/desk"
    return person


@dataclass(slots=True)
class Practice:
    """One practice case, as the officer works on it.

    Attributes:
        case: below the address of the pages; empty until the request is taken in.
    """

    envelope: Envelope
    officer: Person
    approver: Person
    case: str = ""

    def take_in(self) -> None:
        """受付登録: all that the form says."""
        form = self._form("/desk/new")
        schemes: list[str] = []
        names: list[str] = []
        for label, value in self.envelope.form.items():
            if found := _IDENTIFIER.fullmatch(label):
                schemes.append(form.chosen("scheme", found[1]))
                names.append(value)
            else:
                form.put(label, value)
        form.fields |= {"scheme": schemes, "identifier": names}
        found = _CASE.match(self._done(form))
        assert found is not None
        self.case = found[0]

    def look(self, *, later: bool = False) -> str:
        """本人確認: what is on the papers and in the addresses; the words of the page then."""
        path = f"{self.case}/papers"
        page = self.officer.get(path).text
        form = Filled(page, sheet(page, path))
        rows = {label: int(n) for n, label in _ROW.findall(page)}
        for row in self.envelope.later if later else self.envelope.papers:
            self._paper(form, rows, *row)
        for label, value in self.envelope.addresses.items():
            form.put(label, value)
        for label, value in self.envelope.solution.items():
            if label == "印鑑登録の有無（本人）":
                form.choose("seal_registered_principal", value)
            elif label in _JUDGED:
                form.put(label, value)
        form.fields["form_checked"] = ["yes"]
        self._done(form)
        return self.words("papers")

    def _paper(
        self, form: Filled, rows: dict[str, int], kind: str, whose: str, *facts: str
    ) -> None:
        [document] = [one for one in PUBLISHED[0].documents_on(today()) if one.label == kind]
        number = rows.get(f"{kind}（{whose}）")
        if number is None:
            # A substitute has the row of what it stands for; anything else is a further paper.
            slot = rows.get(f"印鑑登録証明書（{whose}）") if document.substitute else None
            number = rows[_FURTHER] if slot is None else slot
            form.fields[f"p{number}_kind"] = [document.code]
            if slot is None:
                form.choose(f"p{number}_person", whose)
        if len(facts) == 2:  # of what came later: (original, what it shows)
            facts = (facts[0], "", facts[1], "", "")
            form.put_day(f"p{number}_arrived_on", today())
        original, issued, shown, mark, my_number = facts
        form.fields[f"p{number}_original"] = [_CHOSEN[original]]
        if found := _DAYS.fullmatch(issued):
            form.put_day(f"p{number}_issued_on", today() - timedelta(days=int(found[1])))
            if found[2]:
                form.put_day(f"p{number}_valid_until", today() + timedelta(days=int(found[2])))
        ticked = {_TICKS[one] for one in shown.split("・") if one}
        for box in _TICKS.values():
            form.fields.pop(f"p{number}_{box}", None)
            if box in ticked:
                form.fields[f"p{number}_{box}"] = ["yes"]
        if ticked:
            form.fields[f"p{number}_looked"] = ["yes"]
        for field, word in (("address_mark", mark), ("my_number", my_number)):
            if word:
                form.fields[f"p{number}_{field}"] = [_CHOSEN[word]]

    def press(self, button: str) -> str:
        """Send the form of the papers to another door; where it led."""
        path = f"{self.case}/papers"
        form = self._form(path)
        return self._done(form, f"{path}/{button}")

    def register_later(self) -> None:
        """Register what came after the letter."""
        path = f"{self.case}/papers/resubmission"
        form = self._form(f"{self.case}/papers", path)
        form.put_day("further_on", today())
        self._done(form)

    def records(self) -> str:
        """The words of 記録の特定, once all was searched for that the solution searches for."""
        name = self.envelope.solution.get("氏名で探す")
        if name is None:
            return self.words("records")
        form = self._form(f"{self.case}/records")
        form.put("氏名で探す", name)
        form.fields["action"] = ["search"]
        answer = self._sent(form)
        assert answer.status_code == 200, words_of(answer.text)
        return words_of(answer.text)

    def identify(self) -> None:
        """Choose the first candidate, for the reasons of the solution."""
        form = self._form(f"{self.case}/records")
        form.fields |= {"chosen": ["1"], "action": ["identify"]}
        for label, value in self.envelope.solution.items():
            if label in _OF_CANDIDATES:
                form.put(label, value)
        self._done(form)

    def submit(self) -> str:
        """承認に回す; the words of the page where it cannot be, else nothing."""
        form = self._form(f"{self.case}/decision")
        form.fields |= {**answers_to(form.fields, "submit"), "action": ["submit"]}
        answer = self._sent(form)
        return "" if answer.status_code == 303 else answer.text

    def print_as(self, page: str) -> None:
        """Say what is printed instead, on the page that asks for it."""
        path = f"{self.case}/decision"
        form = Filled(page, sheet(page, path))
        for label in ("印字する文字", "理由（典拠、了承を得た方と日）"):
            form.put(label, self.envelope.solution[label])
        form.fields["action"] = ["substitutes"]
        answer = self._sent(form)
        assert answer.status_code == 200, words_of(answer.text)

    def approve(self) -> tuple[str, bytes]:
        """What the approver reads on the page, and the letter that was opened and approved."""
        path = f"{self.case}/approval"
        letter = self.approver.get(f"{path}/reply.pdf")
        assert letter.status_code == 200
        page = self.approver.get(path).text
        answer = self._sent(Filled(page, sheet(page, path)), who=self.approver)
        assert answer.status_code == 303, words_of(answer.text)
        return page, letter.content

    def post(self) -> None:
        """Put it into the post."""
        form = self._form(f"{self.case}/post")
        form.put("引受番号", POST_NUMBER)
        self._done(form)

    def words(self, step: str = "") -> str:
        """What is read on a page of the case."""
        answer = self.officer.get(f"{self.case}/{step}" if step else self.case)
        assert answer.status_code == 200
        return words_of(answer.text)

    def _form(self, path: str, action: str = "") -> Filled:
        page = self.officer.get(path)
        assert page.status_code == 200, words_of(page.text)
        return Filled(page.text, sheet(page.text, action or path))

    def _sent(self, form: Filled, door: str = "", who: Person | None = None) -> httpx2.Response:
        [token] = form.fields["form_token"]
        return (who or self.officer).post(door or form.sheet.action, form.fields, token=token)

    def _done(self, form: Filled, door: str = "") -> str:
        answer = self._sent(form, door)
        assert answer.status_code == 303, words_of(answer.text)
        return answer.headers["location"]


_OF_CANDIDATES: Final = (
    "特定の根拠",
    "候補1の氏名が異なる理由",
    "候補2がこの方ではない理由",
)
_JUDGED: Final = (
    "申請書と登録住所の判定",
    "申請書と登録住所の判定の理由",
    "本人確認書類と申請書の判定",
    "本人確認書類と申請書の判定の理由",
    "法定代理人の住所の照合",
)
_CHOSEN: Final = {
    "原本": "original",
    "写し": "copy",
    "印字": "printed",
    "ボールペン記入": "ink",
    "印字なし・裏面なしを確認": "absent",
    "マイナンバーの記載あり": "shown",
}


def today() -> date:
    """The day on which the envelopes arrive."""
    return day_in_japan(now())
