"""隔離の修復 and 送信元の登録: put right or registered on the page, as at the door."""

import json
import re
from typing import Any

import pytest

from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.watching import CANARY, day, looks, rejected, sender

QUARANTINE = "/desk/emitters/quarantine"
DONE = f"{QUARANTINE}?done=repaired"
KEEPER = "quarantine"


def kept(office: Office, item: object) -> str:
    """Any JSON that the ledger refuses; its id."""
    answer = office.api("POST", "/v1/transfers", sender(office), {"items": [item]})
    assert answer.status_code == 422, answer.text
    return answer.json()["quarantine"]


def page_of(person: Person, rejected_id: str) -> str:
    answer = person.get(f"{QUARANTINE}/{rejected_id}")
    assert answer.status_code == 200, answer.text
    return answer.text


def form(person: Person, rejected_id: str) -> Sheet:
    return sheet(page_of(person, rejected_id), f"{QUARANTINE}/{rejected_id}")


def state_of(office: Office, rejected_id: str) -> tuple[Any, ...]:
    [row] = office.rows(
        f"SELECT state, position FROM ledger.quarantine WHERE id = '{rejected_id}'"  # noqa: S608 -- an id that the ledger gave
    )
    return row


def told(page: str) -> str:
    return words_of(page)


def test_the_page_names_what_is_wrong_by_member_and_article(office: Office) -> None:
    person, one = office.person(KEEPER), rejected(office)
    page = page_of(person, one)
    assert 'href="#items"' in page
    assert "個人データの項目" in told(page)
    table = page.partition('<caption class="hidden">この送信の問題')[2].partition("</table>")[0]
    assert "条" in table
    assert "SCHEMA" in table
    assert f'href="{QUARANTINE}/{one}"' in person.get(QUARANTINE).text


def test_each_look_at_what_an_item_says_is_put_on_record(office: Office) -> None:
    person = office.person(KEEPER)
    one = rejected(office, principals=[{"scheme": "member", "id": "CNRY-M-1", "name": CANARY}])
    before = looks(office)
    page = page_of(person, one)
    assert CANARY in page
    assert looks(office) == before + 1
    form(person, one).sent(person, "check")
    assert looks(office) == before + 3
    person.get(QUARANTINE)
    assert looks(office) == before + 3


def test_a_check_tells_the_verdict_of_the_dry_run_and_records_nothing(office: Office) -> None:
    person = office.person(KEEPER)
    lawless = provision(items=[], consent={"obtained": False})
    item = {"source": SOURCE, "id": fresh_id(), "data": lawless}
    one = kept(office, item)
    status, refused = form(person, one).sent(person, "check")
    assert status == 422
    assert "この内容の判定" not in told(refused)
    before = office.rows("SELECT count(*) FROM ledger.events WHERE topic = 'provision-recorded'")
    status, page = form(person, one).sent(person, "check", items="氏名")
    assert status == 200
    good = {**item, "data": {**lawless, "items": ["氏名"]}}
    dry = office.api("POST", "/v1/transfers/check", sender(office), {"items": [good]}).json()
    [verdict] = dry["results"]
    assert verdict["lawful"] is False
    assert "違法な点があります" in told(page)
    assert verdict["findings"]
    for code in verdict["findings"]:
        assert f"<code>{code}</code>" in page
    assert verdict["retain_through"].replace("-", "/") in page
    after = office.rows("SELECT count(*) FROM ledger.events WHERE topic = 'provision-recorded'")
    assert after == before
    assert state_of(office, one) == ("open", None)


def test_what_is_put_right_in_a_field_is_recorded_and_the_item_waits_no_more(
    office: Office,
) -> None:
    person, id_ = office.person(KEEPER), fresh_id()
    item = {"source": SOURCE, "id": id_, "data": provision(items=[], purpose=" 効果の測定 ")}
    one = kept(office, item)
    status, where = form(person, one).sent(person, "record", items="氏名\n住所")
    assert (status, where) == (303, DONE)
    assert "修復した内容を記録しました" in told(person.get(where).text)
    state, position = state_of(office, one)
    assert state == "repaired"
    good = {**item, "data": provision(items=["氏名", "住所"], purpose=" 効果の測定 ")}
    answer = office.api("POST", "/v1/transfers", sender(office), {"items": [good]}).json()
    [result] = answer["results"]
    assert (result["status"], result["position"]) == ("duplicate", position)
    assert person.get(f"{QUARANTINE}/{one}").status_code == 404


def test_persons_are_amended_added_and_left_out(office: Office) -> None:
    person, id_ = office.person(KEEPER), fresh_id()
    persons = [{"scheme": "member", "id": ""}, {"scheme": "member", "id": "CNRY-M-2"}]
    one = kept(office, {"source": SOURCE, "id": id_, "data": provision(principals=persons)})
    page = page_of(person, one)
    assert 'href="#person_1_id"' in page
    typed: dict[str, Any] = {
        "person_1_id": "CNRY-M-1",
        "person_3_scheme": "member",
        "person_3_id": "CNRY-M-3",
    }
    gone: dict[str, Any] = {"person_2_scheme": "", "person_2_id": ""}
    status, where = form(person, one).sent(person, "record", **typed, **gone)
    assert (status, where) == (303, DONE)
    right = [{"scheme": "member", "id": "CNRY-M-1"}, {"scheme": "member", "id": "CNRY-M-3"}]
    good = {"source": SOURCE, "id": id_, "data": provision(principals=right)}
    answer = office.api("POST", "/v1/transfers", sender(office), {"items": [good]}).json()
    assert answer["results"][0]["status"] == "duplicate"


STRANGE = [
    None,
    {"source": SOURCE, "id": 7},
]


@pytest.mark.parametrize("item", STRANGE, ids=repr)
def test_what_fields_cannot_show_is_edited_as_text(office: Office, item: object) -> None:
    person, one = office.person(KEEPER), kept(office, item)
    ready = form(person, one)
    assert json.loads(ready.text("content")) == item
    id_ = "x" if "'id': 'x'" in repr(item) else fresh_id()
    good = {"source": SOURCE, "id": id_, "data": provision()}
    text = json.dumps(good, ensure_ascii=False)
    assert ready.sent(person, "record", content=text) == (303, DONE)


def test_a_text_is_kept_to_the_byte_when_it_is_refused(office: Office) -> None:
    person, one = office.person(KEEPER), kept(office, {"source": SOURCE, "id": "x", "nix": 1})
    typed = '\n  {"source": "x",\n\n "氏名": 　<&>"\t'
    status, page = form(person, one).sent(person, "record", content=typed)
    assert status == 422
    assert "行目" in told(page)
    area = re.search(r'<textarea[^>]*id="content"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert area is not None
    shown = area[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown.replace("&#34;", '"') == typed
    assert state_of(office, one) == ("open", None)


def test_who_comes_second_is_told_who_was_first_and_keeps_what_was_typed(office: Office) -> None:
    person, other, one = office.person(KEEPER), office.person("keeper"), rejected(office)
    mine = form(person, one)
    assert form(other, one).sent(other, "record", items="氏名") == (303, DONE)
    status, page = mine.sent(person, "record", items="私の項目")
    assert status == 404
    assert "ほかの担当者が先に修復しました" in told(page)
    # Who keeps emitters does not read what colleagues are called (0055).
    assert re.search(r"担当者 [0-9a-f]+が", told(page))
    assert "私の項目" in page


def bare(page: str) -> str:
    return re.sub(
        r'nonce="[^"]*"|name="command" value="[^"]*"|<code>[^<]*</code>|[0-9a-f-]{36}', "", page
    )


def test_a_marked_item_is_unknown_to_who_may_not_mark_whatever_became_of_it(
    office: Office,
) -> None:
    """Order 11: waiting, repaired or never there, the answers are alike; and no look is written."""
    item = {"source": SOURCE, "id": fresh_id(), "data": "none", "order_11": "i"}
    key = office.key("events:write", "records:exclude", owner="marker", source=SOURCE)
    marked = office.api("POST", "/v1/transfers", key, {"items": [item]}).json()["quarantine"]
    person, nobodys = office.person(KEEPER), "0b0e2c5e-7a57-8000-8000-00000000000a"
    before = looks(office)

    def answers(one: str) -> list[tuple[int, str]]:
        typed = {"act": "record", "content": "{}", "shape": "content"}
        sent = [person.get(f"{QUARANTINE}/{one}"), person.post(f"{QUARANTINE}/{one}", typed)]
        return [(answer.status_code, bare(answer.text)) for answer in sent]

    assert answers(marked) == answers(nobodys)
    may = office.key("quarantine:write", "records:exclude", owner="chief")
    good = {**item, "data": provision()}
    done = office.api("POST", f"/v1/quarantine/{marked}/repair", may, good)
    assert done.status_code == 200, done.text
    assert answers(marked) == answers(nobodys)
    assert looks(office) == before


PAGE = "/desk/emitters"
EMITTER_DONE = f"{PAGE}?done=registered"


def emitter_form(person: Person, emitter: str = "") -> Sheet:
    return sheet(person.get(f"{PAGE}?emitter={emitter}").text, PAGE)


def on(name: str, given: str) -> dict[str, str]:
    """The fields of a day."""
    year, month, its_day = given.split("-")
    return {
        f"{name}_era": "ad",
        f"{name}_year": year,
        f"{name}_month": month,
        f"{name}_day": its_day,
    }


def sent(person: Person, ready: Sheet, **typed: str) -> tuple[int, str]:
    given = {**ready.fields, **{name: [text] for name, text in typed.items()}}
    answer = person.post(PAGE, given, token=given["form_token"][0])
    return answer.status_code, answer.headers.get("location") or answer.text


def emitter(office: Office, wanted: str) -> dict[str, Any] | None:
    key = office.key("admin:config", owner="operator")
    states = office.api("GET", "/v1/emitters", key).json()["emitters"]
    return next((one for one in states if one["emitter"] == wanted), None)


def new(id_: str) -> dict[str, str]:
    source = f"https://{id_}.example.jp/"
    return {"emitter": id_, "name": "新しい基盤", "source": source, **on("since", day(9))}


def test_an_emitter_is_registered_renamed_and_ended(office: Office) -> None:
    person = office.person("operator")
    assert sent(person, emitter_form(person), **new("shop")) == (303, EMITTER_DONE)
    assert "登録を更新しました" in words_of(person.get(EMITTER_DONE).text)
    made = emitter(office, "shop")
    assert made is not None
    assert (made["name"], made["since"], made["until"]) == ("新しい基盤", day(9), None)
    assert f"{PAGE}?emitter=shop" in person.get(PAGE).text
    ready = emitter_form(person, "shop")
    assert ready.text("name") == "新しい基盤"
    assert sent(person, ready, name="改めた基盤", **on("until", day(2))) == (303, EMITTER_DONE)
    ended = emitter(office, "shop")
    assert ended is not None
    assert (ended["name"], ended["until"]) == ("改めた基盤", day(2))
    assert "終了" in person.get(PAGE).text


HEADING = "その後に記録された送信"


def test_what_was_recorded_since_is_told_below_the_list(office: Office) -> None:
    # given: an item that was refused, as its keeper sees it
    named = [{"scheme": "member", "id": "CNRY-M-SINCE", "name": CANARY}]
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(principals=named, items=[])}
    refused = office.api("POST", "/v1/transfers", sender(office), {"items": [item]})
    kept = refused.json()["quarantine"]
    person = office.person(KEEPER)
    before = person.get(QUARANTINE).text
    assert f'id="rejected-{kept}"' in before
    assert HEADING not in before

    # when: it is sent again, as it should be
    mended = {**item, "data": provision(principals=named)}
    answer = office.api("POST", "/v1/transfers", sender(office), {"items": [mended]})
    [result] = answer.json()["results"]

    # then
    page = person.get(QUARANTINE).text
    assert f'id="rejected-{kept}"' not in page
    told = page.partition(HEADING)[2]
    assert f'id="since-{kept}"' in told
    assert result["transfer"] not in told  # or one that is hidden (Order 11) would stand out
    assert "SCHEMA" in told
    assert CANARY not in page
    assert "カナリア" not in page
