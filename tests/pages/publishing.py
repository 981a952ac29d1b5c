"""What is typed to publish a notice on the pages, and the two buttons that it takes."""

from typing import Any

from tests.pages.filling import Sheet, sheet
from tests.pages.office import Person

PAGE = "/desk/notices"
NEW = f"{PAGE}/joint-use/publication"
FILING = f"{PAGE}/opt-out/publication"


def on(name: str, day: str) -> dict[str, str]:
    """The four fields of a day that is given as YYYY-MM-DD."""
    year, month, date = day.split("-")
    parts = {"era": "ad", "year": year, "month": month, "day": date}
    return {f"{name}_{part}": text for part, text in parts.items()}


def version(label: str, begins: str, **changes: str) -> dict[str, str]:
    """The fields of a version; a first one with its notice."""
    return {
        **on("in_force_from", begins),
        **on("published_on", begins),
        "version": label,
        "owner": "us",
        "title": "画面の共同利用",
        "party_1": "us",
        "user_1": "例示ホールディングス株式会社",
        "party_2": "group-travel",
        "user_2": "例示トラベル株式会社",
        "category_1": "基本情報",
        "listed_1": "氏名\n住所\nご利用履歴",
        "code_1": "service",
        "purpose_1": "サービスの提供",
        "responsible_name": "例示ホールディングス株式会社",
        "responsible_address": "東京都千代田区丸の内1-1-1",
        "responsible_representative": "代表取締役 例示 太郎",
        **changes,
    }


def form_of(person: Person, path: str) -> Sheet:
    """The form of a page, as a browser has it, without what waited there."""
    assert person.post(f"{path}/discard").status_code in (303, 404)
    return sheet(person.get(path).text, path)


def looked(person: Person, path: str, **typed: str) -> tuple[int, str]:
    """Fill the form in and press 内容を確かめる; (status, page)."""
    form = form_of(person, path)
    return sent(person, form, **typed)


def sent(person: Person, form: Sheet, **typed: str) -> tuple[int, str]:
    """Send a form with some fields typed anew; (status, page or address)."""
    given: dict[str, Any] = {**form.fields, **typed}
    answer = person.post(form.action, given, token=form.fields["form_token"][0])
    return answer.status_code, answer.headers.get("location") or answer.text


def confirmed(person: Person, page: str, path: str, end: str = "publish") -> tuple[int, str]:
    """Press the button of the page that shows what would be done."""
    return sent(person, sheet(page, f"{path}/{end}"))


def published(person: Person, path: str, **typed: str) -> str:
    """Publish on the pages; the address of the notice's page."""
    status, page = looked(person, path, **typed)
    assert status == 200, page
    status, address = confirmed(person, page, path)
    assert status == 303, address
    return address.partition("/waiting")[0]
