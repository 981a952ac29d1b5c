"""Nobody else is in any answer about a case: transfers of several, every door on the way."""

from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.doors.cases.desk import ABSENT, DESK, begun, request, today
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import provision, receipt
from tests.rounds import rounds

LETTERS = "KQVWX"
Sent = list[tuple[list[str], bool]]
"""Who is in each transfer, and whether it was received."""
_sent = st.lists(
    st.tuples(st.lists(st.sampled_from(LETTERS), min_size=1, unique=True), st.booleans()),
    max_size=4,
)


class People:
    """Persons whose identifiers and names are words that stand nowhere else."""

    def __init__(self) -> None:
        self.mark = fresh_id()

    def who(self, letter: str) -> dict[str, str]:
        return {"scheme": "member", "id": f"{letter}-{self.mark}"}

    def named(self, letter: str) -> dict[str, str]:
        return {**self.who(letter), "name": f"名{letter}{self.mark}"}

    def said(self, text: str) -> set[str]:
        """Who is named in it."""
        return {one for one in LETTERS if any(word in text for word in self.words(one))}

    def words(self, letter: str) -> tuple[str, str]:
        return self.who(letter)["id"], self.named(letter)["name"]


def recorded(corridor: Corridor, people: People, sent: Sent) -> None:
    for letters, is_received in sent:
        made = receipt if is_received else provision
        corridor.record(made(principals=[people.named(one) for one in letters]))


def told(corridor: Corridor, people: People, mine: str) -> list[str]:
    """The text of every answer on the way of a case of `mine`, and of what is looked up beside."""
    texts: list[str] = []
    ask = Corridor.ask

    def heard(self: Corridor, *given: object, **how: object) -> Answer:
        answer = ask(self, *given, **how)  # pyright: ignore[reportArgumentType] -- as they came
        texts.append(answer.text)
        return answer

    with patch.object(Corridor, "ask", heard):
        who = people.who(mine)
        form = {**request()["form"], "name": people.named(mine)["name"]}
        case = begun(corridor, identifiers=[who], form=form).verified()
        case.ask("candidates", {"name": people.named(mine)["name"]}, If_Match=None)
        case.identified(identifiers=[who], tried=[ABSENT])
        case.read()
        case.do("decisions", {}).do("submit")
        case.read()
        case.approve().dispatch().do("delivery", {"delivered_on": today()})
        case.read()
        key = corridor.key(*DESK, label="officer")
        corridor.ask("GET", "/v1/cases", key=key)
        corridor.ask("POST", "/v1/cases/search", {"identifiers": [who]}, key=key)
        corridor.history((who["scheme"], who["id"]))
    return texts


def test_who_stands_in_an_answer_is_found_there(corridor: Corridor) -> None:
    people = People()
    recorded(corridor, people, [(["K", "Q"], False)])
    for mine in ("K", "Q"):
        assert {mine} == set().union(*(people.said(one) for one in told(corridor, people, mine)))


@given(sent=_sent)
@settings(
    max_examples=rounds(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(sent=[(list(LETTERS), False), (list(LETTERS), True)])
@example(sent=[(["K", "Q"], False), (["V"], False), (["W", "K"], True)])
def test_no_answer_about_a_case_names_another_person(corridor: Corridor, sent: Sent) -> None:
    people = People()
    recorded(corridor, people, sent)
    for text in told(corridor, people, "K"):
        assert people.said(text) <= {"K"}
