"""The pages by which a notice is published or withdrawn, and those that show it before."""

from tests.doors.samples import notice
from tests.pages.filling import sheet
from tests.pages.office import Office
from tests.pages.publishing import FILING, NEW, PAGE, form_of, looked, on, sent, version
from tests.pages.watching import day

__all__ = ["FILING", "NEW", "WITHDRAWN", "WRITTEN", "standing", "to_publish", "to_withdraw"]

WITHDRAWN = {**on("day", day(0)), "reason": "共同利用の終了"}
WRITTEN = {"notice_id": "cnry-notice", **version("初版", day(3))}


def standing(office: Office, end: str) -> tuple[str, str]:
    """(address, text) of a page below a notice that stands and was published for this."""
    key = office.key("notices:write", owner="chief")
    chief = office.person("chief")
    number = len(office.api("GET", "/v1/notices", key).json()["notices"])
    told = office.api("POST", "/v1/notices", key, notice(notice_id=f"cnry-{number}"))
    assert told.status_code == 200, told.text
    path = f"{PAGE}/{told.json()['position']}{end}"
    if end == "/publication":
        form_of(chief, path)
    answer = chief.get(path)
    assert answer.status_code == 200, answer.text
    return path, answer.text


def to_publish(office: Office) -> tuple[str, str]:
    """What is shown before a notice is published."""
    key = office.key("notices:write", owner="chief")
    number = len(office.api("GET", "/v1/notices", key).json()["notices"])
    typed = {**WRITTEN, "notice_id": f"cnry-new-{number}"}
    status, text = looked(office.person("chief"), NEW, **typed)
    assert status == 200, text
    return NEW, text


def to_withdraw(office: Office) -> tuple[str, str]:
    """What is shown before a notice is withdrawn."""
    path, text = standing(office, "/withdrawal")
    status, text = sent(office.person("chief"), sheet(text, path), **WITHDRAWN)
    assert status == 200, text
    return path, text
