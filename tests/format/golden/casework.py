"""The part of the golden ledger's story that is played at the desk: the cases."""

from ledger.values import Json
from tests.format.golden.building import Book, data_key, named_uuid

CASE_KEY = data_key("case", "case", None)


def cases(book: Book) -> None:
    """A case with every type of its events, whether or not they could follow one another."""
    arrived: dict[str, Json] = {"kind": "provision_records", "procedure": "2022-10-01"}
    arrived["arrived_on"] = "2026-11-24"
    form: dict[str, Json] = {"name": "見本 花子", "address": "東京都千代田区永田町2-11-1"}
    asked: dict[str, Json] = {"requester": "self", "form": form, "provided": True, "received": True}
    book.put("case-received", "case", CASE_KEY, facts=arrived, record=asked)
    paper: dict[str, Json] = {"kind": "seal_certificate", "person": "principal"}
    content: dict[str, Json] = {"content": "ab" * 32}
    records: dict[str, dict[str, Json]] = {
        "documents-checked": {"examination": {"papers": [paper]}, "reasons": [], "open": []},
        "correction-requested": {"reasons": ["MY_NUMBER_SHOWN"], "due_on": "2026-12-24"},
        "resubmitted": {"arrived_on": "2026-12-01"},
        "verified": {"person": "principal", "address": "registered"},
        "refused": {"ground": "FORM", "reasons": ["FORM_INCOMPLETE"]},
        "records-identified": {"provided": 1, "received": 0, "digest": "cd" * 32},
        "decided": {"outcome": "full_disclosure", "withheld": [], "disclosed": 1},
        "submitted": {**content, "verification_code": "0000-0000-0000-0000-0000"},
        "approved": content,
        "sent-back": {"reason": "宛名"},
        "dispatched": {**content, "dispatched_on": "2026-12-02", "sheets": 3},
        "delivered": {"delivered_on": "2026-12-04"},
        "returned": {"returned_on": "2026-12-14", "reason": "not_collected"},
        "closed": {},
        "withdrawn": {"withdrawn_on": "2026-12-05", "evidence": "書面"},
        "principal-deceased": {"learned_on": "2026-12-05", "evidence": "電話", "closes": True},
        "reopened": {"reason": "訂正"},
    }
    searched: dict[str, Json] = {"as_of": 12}
    for kind, record in records.items():
        facts = searched if kind in ("records-identified", "decided") else {}
        book.put(f"case-{kind}", "case", CASE_KEY, facts=facts, record=record)


def measures(book: Book) -> None:
    """A request to stop provision: two events of its own; a member that names its envelope."""
    arrived: dict[str, Json] = {"kind": "provision_stop", "procedure": "2022-10-01"}
    arrived["arrived_on"] = "2026-11-24"
    asked: dict[str, Json] = {"requester": "self", "form": {"name": "見本 花子"}}
    asked["same_envelope_as"] = str(named_uuid("case"))
    book.put("case-received", "stop-case", CASE_KEY, facts=arrived, record=asked)
    person: dict[str, Json] = {"scheme": "member", "id": "M-0001"}
    who: dict[str, Json] = {"identifiers": [person], "tried": [], "evidence": "会員番号が一致"}
    book.put("case-person-identified", "stop-case", CASE_KEY, record=who)
    stop: dict[str, Json] = {"measure": "provision_stopped", "from_day": "2026-11-25"}
    decided: dict[str, Json] = {"outcome": "taken", "measures": [stop]}
    book.put("case-measures-decided", "stop-case", CASE_KEY, record=decided)


def without_search(book: Book) -> None:
    """Requests without a search: purposes, a correction in part, one item on measures abroad."""
    told: dict[str, Json] = {"outcome": "taken", "measures": []}
    told["information"] = [{"item": "purposes", "text": "商品の発送のため"}]
    corrected: dict[str, Json] = {"outcome": "taken_in_part", "reason": "事実と認められるため"}
    change: Json = {"measure": "corrected", "from_day": "2026-11-25", "what": "生年月日を訂正"}
    corrected |= {"measures": [change], "grounds": ["not_shown_untrue", "beyond_purpose"]}
    abroad: dict[str, Json] = {"outcome": "taken_in_part", "measures": [], "reason": "契約の内容"}
    abroad["grounds"] = ["hindrance"]
    abroad["information"] = [{"item": "arrangement"}, {"item": "country", "text": "米国"}]
    kinds = {"purpose_of_use": told, "data_correction": corrected, "measures_abroad": abroad}
    for kind, decided in kinds.items():
        arrived: dict[str, Json] = {"kind": kind, "procedure": "2022-10-01"}
        arrived["arrived_on"] = "2026-11-24"
        asked: dict[str, Json] = {"requester": "self", "form": {"name": "見本 花子"}}
        book.put("case-received", f"{kind} case", CASE_KEY, facts=arrived, record=asked)
        book.put("case-measures-decided", f"{kind} case", CASE_KEY, record=decided)


def mistakes(book: Book) -> None:
    """A case that was taken in twice; the four events of a mistake, whether or not they follow."""
    other = str(named_uuid("case"))
    report: dict[str, Json] = {"what": "entry", "reason": "同じ封筒を二度登録した"}
    report |= {"cause": "double", "replaced_by": other}
    records: dict[str, dict[str, Json]] = {
        "mistake-reported": report,
        "mistake-dismissed": {"reason": "別の封筒だった"},
        "entered-in-error": {},
        "resumed": {},
    }
    for kind, record in records.items():
        book.put(f"case-{kind}", "double-case", CASE_KEY, record=record)


def printed_otherwise(book: Book) -> None:
    """What a case prints for a variation that no font has, and for one character of private use."""
    found: list[Json] = [
        {"written": "邉\U000e010f", "printed": "邉", "evidence": "戸籍統一文字の親字"},
        {"written": "\ue000", "printed": "葛", "evidence": "電話で本人の了承を得た"},
    ]
    book.put("case-substitutes-chosen", "case", CASE_KEY, record={"substitutes": found})
    book.put("case-substitutes-chosen", "case", CASE_KEY, record={"substitutes": []})


def names_differ(book: Book) -> None:
    """The person's records bear another name than the form, and somebody said why."""
    old: Json = {"scheme": "member", "id": "M-0001"}
    phone: Json = {"scheme": "phone", "id": "+81300000000"}
    found: dict[str, Json] = {"identifiers": [old, phone], "tried": []}
    found["evidence"] = "会員番号が一致"
    found["names_differ"] = [
        {"identifier": old, "because": "婚姻により改姓(戸籍謄本で確認)", "name_check": "differs"},
        {"identifier": phone, "because": "家族と共用の番号", "name_check": "mixed"},
    ]
    book.put("case-person-identified", "stop-case", CASE_KEY, record=found)
    found |= {"provided": 1, "received": 0, "digest": "cd" * 32}
    book.put("case-records-identified", "case", CASE_KEY, facts={"as_of": 12}, record=found)


def addresses_explained(book: Book) -> None:
    """Two addresses that are written as two were said to be one, and why."""
    paper: dict[str, Json] = {"kind": "seal_certificate", "person": "principal"}
    judged: dict[str, Json] = {"has_registered": True}
    judged |= {"form_is_registered": True, "identity_is_form": True}
    judged["form_is_registered_because"] = "建物名の表記の違い(登録原本で確認)"
    judged["identity_is_form_because"] = "京都の通り名(住民票で確認)"
    look: dict[str, Json] = {"papers": [paper], "addresses": judged}
    look["registered_address"] = "東京都千代田区永田町2丁目11番1号 ザ・見本"
    record: dict[str, Json] = {"examination": look, "reasons": [], "open": []}
    book.put("case-documents-checked", "case", CASE_KEY, record=record)


def names_compared(book: Book) -> None:
    """What comparing the names came to is kept; a relative's number was tried."""
    who: Json = [{"scheme": "member", "id": "M-0001"}, {"scheme": "email", "id": "a@example.jp"}]
    found: dict[str, Json] = {"identifiers": who, "evidence": "会員番号が一致"}
    found["tried"] = [{"scheme": "phone", "id": "+81300000000"}]
    found["not_the_person"] = "同居の家族の番号(電話で確認)"
    found["name_checks"] = ["unnamed", "no_records"]
    book.put("case-person-identified", "stop-case", CASE_KEY, record=found)
    found |= {"provided": 1, "received": 0, "digest": "cd" * 32}
    found["name_checks"] = ["matches", "no_records"]
    book.put("case-records-identified", "case", CASE_KEY, facts={"as_of": 12}, record=found)


def nobody_missed(book: Book) -> None:
    """The names were searched for, too, and what may make the answer wrong was answered."""
    found: dict[str, Json] = {"identifiers": [], "evidence": "該当なし", "provided": 0}
    found["tried"] = [
        {"scheme": "member", "id": "M-0001"},
        {"scheme": "email", "id": "a@b.example"},
    ]
    found |= {"received": 0, "digest": "cd" * 32}
    found["names_searched"] = ["見本 花子", "ミホン ハナコ"]
    found["left_out"] = [
        {
            "identifier": {"scheme": "member", "id": "M-0009"},
            "name": "見本 花子",
            "because": "会員登録の生年月日が申請書と異なる",
        }
    ]
    found["others_left_out"] = "同じ住所の方がいないことを確認した"
    book.put("case-records-identified", "case", CASE_KEY, facts={"as_of": 12}, record=found)
    decided: dict[str, Json] = {"outcome": "not_exist", "withheld": [], "disclosed": 0}
    point: dict[str, Json] = {"point": "coverage", "digest": "ef" * 32, "count": 1}
    point |= {"subjects": ["2026-11-23/2026-11-23"], "influence": False}
    decided["medium"] = "paper"
    decided["points"] = [{**point, "because": "当日の提供がないことを送信元に確認した"}]
    book.put("case-decided", "case", CASE_KEY, facts={"as_of": 12}, record=decided)


def earlier_letter(book: Book) -> None:
    """The first of several letters came back, later than one that was posted after it."""
    record: dict[str, Json] = {"returned_on": "2026-12-20", "reason": "refused", "reply": 1}
    book.put("case-returned", "case", CASE_KEY, record=record)


def password_posted(book: Book) -> None:
    """A reply on a medium, of which the password went by a post of its own."""
    item: dict[str, Json] = {"dispatched_on": "2026-12-03", "item_number": "123-45-67891-2"}
    sent: dict[str, Json] = {"content": "ab" * 32, "dispatched_on": "2026-12-02", "sheets": 3}
    sent |= {"item_number": "123-45-67890-1", "password_letter": item}
    book.put("case-dispatched", "case", CASE_KEY, record=sent)


def password_told_later(book: Book) -> None:
    """The item by which the password of a reply went, put down after its dispatch."""
    item: dict[str, Json] = {"dispatched_on": "2026-12-03", "item_number": "123-45-67891-2"}
    book.put("case-password-posted", "case", CASE_KEY, record=item)


def medium_agreed(book: Book) -> None:
    """Another medium than was asked for, by agreement; paper of many rows; a listed certificate."""
    decided: dict[str, Json] = {"outcome": "full_disclosure", "withheld": [], "disclosed": 1}
    agreed: Json = {"agreed_on": "2026-12-01", "how": "電話で本人に確認した"}
    record = decided | {"medium": "electronic", "medium_agreement": agreed}
    book.put("case-decided", "case", CASE_KEY, facts={"as_of": 12}, record=record)
    record = decided | {"disclosed": 10_001, "medium": "paper", "whole_on_paper": True}
    book.put("case-decided", "case", CASE_KEY, facts={"as_of": 12}, record=record)
    paper: dict[str, Json] = {"kind": "residence_certificate", "person": "principal"}
    paper |= {"is_original": True, "as_supplement": True}
    judged: dict[str, Json] = {"has_registered": True, "identity_is_form": False}
    look: dict[str, Json] = {"papers": [paper], "addresses": judged}
    seen: dict[str, Json] = {"examination": look, "reasons": [], "open": []}
    book.put("case-documents-checked", "case", CASE_KEY, record=seen)
