"""隔離: what was corrected and sent again leaves the list by itself."""

from tests.doors.corridor import fresh_id
from tests.doors.samples import SOURCE, provision
from tests.pages.office import Office
from tests.pages.test_emitters import KEEPER, QUARANTINE
from tests.pages.watching import CANARY, sender

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
