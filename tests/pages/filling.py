"""Forms of a page as a browser sends them: all fields, but what is typed anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from benchmarks.forms import Form, Page
from tests.doors.answering import SOMEBODY_ELSE
from tests.pages.office import Person


@dataclass(slots=True)
class Sheet(Form):
    """A form whose buttons are pressed."""

    def text(self, name: str) -> str:
        return self.fields[name][0]

    def sent(
        self, person: Person, press: str, *, answers: bool = True, **typed: object
    ) -> tuple[int, str]:
        """Press a button by its value, with some fields typed anew; (status, page or address).

        A field that is given a list is sent once for each of its members.

        Args:
            answers: what has to be said of namesakes and of points, and is not typed, is said.
        """
        [(name, is_ready)] = [
            (one[0], ready) for one, ready in self.buttons.items() if one[1] == press and one[0]
        ]
        assert is_ready, f"{press} cannot be pressed"
        said = answers_to(self.fields, press) if answers else {}
        given = {**self.fields, **said, name: [press]}
        for one, value in typed.items():
            given[one] = [*cast("list[str]", value)] if isinstance(value, list) else [str(value)]
        answer = person.post(self.action, given, token=given["form_token"][0])
        return answer.status_code, answer.headers.get("location") or answer.text


def answers_to(fields: Mapping[str, list[str]], press: str) -> dict[str, list[str]]:
    """What an officer says to what the form asks besides, where nothing is typed yet."""
    if press in ("identify", "nobody"):
        asked = (one for one in fields if one.startswith("left_out_") or one == "others_left_out")
        return {one: [SOMEBODY_ELSE] for one in asked if fields[one] == [""]}
    if press != "submit":
        return {}
    kinds = (one.removesuffix("_digest") for one in fields if one.endswith("_digest"))
    return {
        name: [text]
        for kind in kinds
        for name, text in ((kind, "none"), (f"{kind}_because", "内容を確認した"))
        if fields.get(name, [""]) == [""]
    }


def sheet(page: str, action: str) -> Sheet:
    """The form of a page that is sent to this address."""
    [found] = [one for one in Page(page, Sheet).forms if one.action == action]
    return found


def words_of(page: str) -> str:
    """What is read on a page, with one blank where there are several."""
    return " ".join("".join(Page(page, Sheet).words).split())
