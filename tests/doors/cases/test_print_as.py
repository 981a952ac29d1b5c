"""A name that the font lacks, from the refusal to the post; and what is no choice for it."""

import io
import json
import zipfile
from typing import Any

from tests.doors.cases.desk import ADDRESS, APPROVER, SENDER, Case, begun
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision
from tests.replying.desk import text_of

VARIATION, GAIJI = "邉\U000e010f", "\ue000"
NAME = f"渡{VARIATION} 花子"
FORM = {"name": NAME, "postal_code": "100-6150", "address": ADDRESS}
REASON = "戸籍統一文字の親字。電話でご本人の了承を得た"
NAMED = {"written": VARIATION, "printed": "邉", "evidence": REASON}
OF_THE_PARTY = {"written": GAIJI, "printed": "葛", "evidence": "送信元に確認した"}


def body(*chosen: dict[str, Any]) -> dict[str, Any]:
    return {"substitutes": [*chosen]}


def blocked(corridor: Corridor) -> Case:
    """A case that is decided, of whose letter two characters cannot be printed."""
    who = {"scheme": "member", "id": f"RARE-{fresh_id()}"}
    record = provision(principals=[{**who, "name": NAME}])
    record["counterparty"] = {**record["counterparty"], "name": f"{GAIJI}城商店株式会社"}
    corridor.record(record)
    case = begun(corridor, form=FORM, identifiers=[who]).verified()
    return case.identified(identifiers=[who]).do("decisions", {})


def test_a_blocked_name_goes_out_in_the_form_that_was_chosen_and_approved(
    corridor: Corridor,
) -> None:
    case = blocked(corridor)
    refused = case.ask("submit")
    assert (refused.status, refused.code) == (409, "UNPRINTABLE")
    details = {one["detail"] for one in refused.body["errors"]}
    assert details == {"U+9089+E010F", "U+E000"}
    assert "print-as" in corridor.client.get(refused.body["type"]).text
    assert "print-as" in case.next
    case.do("print-as", body(NAMED, OF_THE_PARTY))
    assert case.status == "decided"
    case.do("submit")
    seen = case.read(APPROVER, "approver")
    assert seen["substitutes"] == [
        {**NAMED, "code_points": "U+9089 U+E010F"},
        {**OF_THE_PARTY, "code_points": "U+E000"},
    ]
    preview = text_of(case.content("/preview.pdf", *APPROVER))
    assert "渡邉花子様" in preview
    assert "邉U+9089U+E010F葛U+E000" in preview
    case.approve().dispatch()
    paper_sent = text_of(case.content("/reply.pdf"))
    assert paper_sent == preview
    assert "渡邉花子様" in text_of(case.content("/address.pdf"))
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        told = json.loads(files.read("records.json"))
        table = files.read("records.csv").decode("utf-8-sig")
    assert told["addressee"]["name"] == NAME
    assert told["content"]["lines"][0]["items"][1]["value"]["name"] == f"{GAIJI}城商店株式会社"
    assert f"{GAIJI}城商店株式会社" in table
    assert "葛" not in table + json.dumps(told, ensure_ascii=False)


def test_a_choice_is_made_once_by_the_desk_alone(corridor: Corridor) -> None:
    case = begun(corridor, form=FORM)
    assert case.ask("print-as", body(NAMED), scopes=APPROVER, by="approver").status == 403
    assert case.ask("print-as", body(NAMED), scopes=SENDER, by="dispatcher").status == 403
    assert case.ask("print-as", body(NAMED), If_Match=None).status == 428
    key = fresh_id()
    first = case.ask("print-as", body(NAMED), Idempotency_Key=key)
    again = case.ask("print-as", body(NAMED), Idempotency_Key=key)
    assert (first.status, again.status, first.body) == (200, 200, again.body)
    case.etag = first.headers["etag"]
    assert case.ask("print-as", body(NAMED)).code == "ALREADY_STANDS"
    case.do("print-as", body())
    assert case.fetch("/letters/receipt.pdf").code == "UNPRINTABLE"
