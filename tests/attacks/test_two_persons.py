"""One person as two, by every pair of credentials, at every act that takes two persons.

Attack: one person acts as two: by key, access token and session, by another spelling, or by what
names nobody, as a client that calls for itself.
Held off by: one actor for a person, whatever they come with (decision 0104). Not held off: an
issuer that changes the code of an account between two tokens; it is trusted with the codes.
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from api.auth import KeyNotAllowedError, Scope, guard, make, token_owner
from api.demo.provider import PERSON_CLAIM, ROLES
from api.settings.environment import JwtIssuer
from api.settings.settings import Settings, SettingsError
from ledger.clock import now
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.quarantine.rejected_rows import locked, put
from tests.database import LEDGER_NAME, Database
from tests.doors.cases.desk import look, request
from tests.doors.corridor import SETTINGS
from tests.doors.samples import SOURCE, provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet
from tests.pages.looked import Papers, two
from tests.pages.office import Office, open_office
from tests.pages.recorded import member, sent
from tests.pages.sending import press, status
from tests.pages.test_whole import sent_by
from tests.pages.watching import rejected
from tests.rows import key_table, mac_of

AUDIENCE: Final = "https://ledger.example.jp"
NAME: Final = "https://tokens.example.jp"
_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def wide(code: str) -> str:
    """The same code in full width."""
    return code.translate(_WIDE)


@dataclass(slots=True)
class Tokens:
    """An issuer of access tokens that tells who a person is by the claim of the pages."""

    folder: Path
    name: str = NAME
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def issuer(self) -> JwtIssuer:
        """As the settings name it; its keys lie in a file."""
        told = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        file = self.folder / "jwks.json"
        file.write_text(json.dumps({"keys": [{**told, "kid": "k", "alg": "ES256", "use": "sig"}]}))
        return JwtIssuer(self.name, AUDIENCE, jwks_file=file)

    def token(self, subject: str, *scopes: Scope, **claims: object) -> str:
        """A token that is valid in all else."""
        at = int(time.time())
        stated: dict[str, object] = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": subject,
            "client_id": "desk",
            "iat": at,
            "exp": at + 3_600,
            "jti": secrets.token_hex(8),
            "scope": " ".join(scopes),
            "ledger_source": SOURCE,
            **claims,
        }
        return jwt.encode(stated, self._key, "ES256", {"kid": "k", "typ": "at+jwt"})

    def of_person(self, code: str, *scopes: Scope) -> str:
        """A token of the person with that code; of their account nothing can be told from it."""
        return self.token(f"account-{secrets.token_hex(4)}", *scopes, **{PERSON_CLAIM: code})


@dataclass(frozen=True, slots=True)
class Bearer:
    """What one person shows at the doors of the API, in each way and spelling.

    Attributes:
        code: of the person.
    """

    office: Office
    tokens: Tokens
    code: str
    scopes: tuple[Scope, ...]

    def all(self) -> Mapping[str, str]:
        """Way → credential."""
        return {
            "key": self.office.key(*self.scopes, owner=self.code, source=SOURCE),
            "token in full width": self.tokens.of_person(wide(self.code), *self.scopes),
        }


BOTH: Final[tuple[Scope, ...]] = (
    *("cases:read", "cases:write", "cases:approve", "records:read", "reply:download"),
)
WHY: Final = {"cause": "other", "reason": "試しの登録"}
REFUSED: Final = (403, "SEPARATION_OF_DUTIES")
SESSION: Final = "session"
STATES: Final = "SELECT id, state FROM ledger.quarantine"
LIFTING: Final = "/desk/exclusions"
Finding = list[str]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return Tokens(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def office(shared_database: Database, tokens: Tokens) -> Iterator[Office]:
    """Pages and tokens of one house; whoever is at the desk may prepare and approve."""
    with open_office(
        shared_database.urls,
        jwt_issuers=(tokens.issuer(),),
        oidc_roles={**ROLES, "desk": ("officer", "approver")},
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def officer(office: Office, tokens: Tokens) -> dict[str, str]:
    return {**Bearer(office, tokens, "officer", BOTH).all()}


def as_one(office: Office, shown: str) -> Work:
    """A desk at which one person does everything."""
    return Work(office, dict.fromkeys(("officer", "approver"), shown))


def told(answer: Any) -> tuple[int, str | None]:  # noqa: ANN401 -- the client's own
    return answer.status_code, answer.json().get("code")


def approved(office: Office, case: Worked, shown: str) -> tuple[int, str | None]:
    etag = office.api("GET", f"/v1/cases/{case.id}", shown).headers["etag"]
    path = f"/v1/cases/{case.id}/approve"
    return told(office.api("POST", path, shown, {}, **{"If-Match": etag}))


def verified_on_the_page(office: Office, colleague: Work) -> Worked:
    """A case of which the papers alone are the officer's, by a session; it waits for approval."""
    case = colleague.begun()
    papers = Papers(office.person("officer"), case).opened()
    assert papers.done("/verification", **two()).endswith("/next")
    answer = office.api("GET", f"/v1/cases/{case.id}", colleague.key("officer"))
    case.last, case.etag = answer.json(), answer.headers["etag"]
    tried = [{"scheme": "account", "id": "CNRY-nobody"}]
    found = {
        "identifiers": request()["identifiers"],
        "tried": tried,
        "evidence": "会員番号が一致",
    }
    return case.do("principal", found).do("decisions", {}).do("submit")


def test_nobody_approves_what_they_prepared_whatever_they_come_with(
    office: Office, officer: dict[str, str], tokens: Tokens
) -> None:
    wrong: Finding = []
    colleague = Work(office, {"officer": tokens.of_person("colleague", *BOTH)})
    prepared = {way: as_one(office, shown).begun().submitted() for way, shown in officer.items()}
    prepared[SESSION] = verified_on_the_page(office, colleague)
    person = office.person("officer")
    for first, case in prepared.items():
        for second, shown in officer.items():
            if (got := approved(office, case, shown)) != REFUSED:
                wrong.append(f"{first}, then {second}: {got}")
        path = f"/desk/cases/{case.id}/approval"
        assert person.get(f"{path}/reply.pdf").status_code == 200
        # The page offers no form to approve: its fields are those of the one beside it.
        form = sheet(person.get(path).text, f"{path}/return")
        form.action = path
        press(person, form)
        if status(colleague, case) != "submitted":
            wrong.append(f"{first}, then {SESSION}: approved")
    assert wrong == []
    # The control: somebody else may, with the same kind of token.
    [case] = [prepared["key"]]
    other = Work(office, {"approver": colleague.key("officer"), "officer": officer["key"]})
    Worked(other, case.last, case.etag).do("approve", by="approver")
    assert status(other, case) == "notice_ready"


def test_nobody_confirms_the_mistake_that_they_reported_whatever_they_come_with(
    office: Office, officer: dict[str, str]
) -> None:
    wrong: Finding = []
    reported = {
        way: as_one(office, shown).begun().do("entry-mistake", WHY)
        for way, shown in officer.items()
    }
    reported[SESSION] = as_one(office, officer["key"]).begun()
    person = office.person("officer")
    typed = {"entry_cause": "other", "entry_reason": "試しの登録"}
    assert sent_by(person, reported[SESSION], "entry-mistake", **typed).status_code == 303
    for first, case in reported.items():
        etag = office.api("GET", f"/v1/cases/{case.id}", officer["key"]).headers["etag"]
        path = f"/v1/cases/{case.id}/mistake-confirmation"
        for second, shown in officer.items():
            got = told(office.api("POST", path, shown, {}, **{"If-Match": etag}))
            if got != REFUSED:
                wrong.append(f"{first}, then {second}: {got}")
        page = f"/desk/cases/{case.id}"
        form = sheet(person.get(page).text, f"{page}/mistake-dismissal")
        form.action = f"{page}/mistake-confirmation"
        press(person, form)
        if status(as_one(office, officer["key"]), case) != "received":
            wrong.append(f"{first}, then {SESSION}: confirmed")
    assert wrong == []


def test_nobody_lifts_alone_whatever_they_come_with(office: Office, tokens: Tokens) -> None:
    scopes: tuple[Scope, ...] = ("records:exclude", "records:write")
    chief = Bearer(office, tokens, "chief", scopes).all()
    person, wrong, transfer = office.person("chief"), list[str](), ""

    def ask(shown: str, transfer: str, **members: object) -> Any:  # noqa: ANN401 -- the client's own
        body = {"transfers": [transfer], "reason": "危害のおそれ", **members}
        answer = office.api("POST", "/v1/exclusions", shown, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def on_the_page(transfer: str) -> str:
        fields: dict[str, Any] = {**sheet(person.get(LIFTING).text, LIFTING).fields}
        token = fields.pop("form_token")[0]
        given = {**fields, "transfers": transfer, "reason": "おそれがなくなった"}
        return person.post(f"{LIFTING}/lift", given, token=token).headers["location"]

    for first in (*chief, SESSION):
        [transfer] = sent(office, provision(principals=[member()]))
        ask(chief["key"], transfer, action="exclude", ground="i")
        if first == SESSION:
            on_the_page(transfer)
        else:
            ask(chief[first], transfer, action="lift")
        for second, shown in chief.items():
            if not ask(shown, transfer, action="lift")["waiting"]:
                wrong.append(f"{first}, then {second}: lifted")
        if (led := on_the_page(transfer)) != f"{LIFTING}?done=asked":
            wrong.append(f"{first}, then {SESSION}: {led}")
    assert wrong == []
    # The control: somebody else may.
    other = tokens.of_person("deputy", *scopes)
    assert ask(other, transfer, action="lift")["waiting"] == []


def test_nobody_discards_alone_whatever_they_come_with(office: Office, tokens: Tokens) -> None:
    keeper = Bearer(office, tokens, "keeper", ("quarantine:write",)).all()
    person, wrong, path = office.person("keeper"), list[str](), ""
    for first in (*keeper, SESSION):
        kept = rejected(office)
        path, page = f"/v1/quarantine/{kept}/discard", f"/desk/emitters/quarantine/{kept}/discard"
        if first == SESSION:
            person.post(page)
        else:
            assert office.api("POST", path, keeper[first]).json()["state"] == "discard_proposed"
        for second, shown in keeper.items():
            if (got := told(office.api("POST", path, shown))) != REFUSED:
                wrong.append(f"{first}, then {second}: {got}")
        if person.post(page).headers.get("location", "").endswith("=discarded"):
            wrong.append(f"{first}, then {SESSION}: discarded")
    assert wrong == []
    other = tokens.of_person("quarantine", "quarantine:write")
    assert office.api("POST", path, other).json()["state"] == "discarded"


def test_nobody_takes_an_audit_bag_alone_whatever_they_come_with(
    office: Office, tokens: Tokens
) -> None:
    wrong: Finding = []
    officer = Bearer(office, tokens, "officer", ("audit:export",)).all()
    why, path = {"reason": "委員会の立入検査"}, ""
    for first, shown in officer.items():
        bag = office.api("POST", "/v1/audit-bags", shown, why).json()["audit_bag"]
        path = f"/v1/audit-bags/{bag}/approve"
        for second, again in officer.items():
            if (got := told(office.api("POST", path, again))) != REFUSED:
                wrong.append(f"{first}, then {second}: {got}")
        for what, nobody in everybody(office, tokens, "audit:export").items():
            for door, body in ((path, None), ("/v1/audit-bags", why)):
                if (got := told(office.api("POST", door, nobody, body))) != UNKNOWN:
                    wrong.append(f"{first}, then {what} at {door}: {got}")
    assert wrong == []
    # The control: somebody else may.
    other = tokens.of_person("deputy", "audit:export")
    assert office.api("POST", path, other).status_code == 200


def test_who_asked_under_an_account_does_not_approve_as_a_person(
    office: Office, tokens: Tokens
) -> None:
    """A bag that was asked for before tokens named persons."""
    account = tokens.token("officer", "audit:export", **{PERSON_CLAIM: "E-77"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "OF_PERSONS", frozenset[Scope]())
        nameless = tokens.token("officer", "audit:export")
        asked = office.api("POST", "/v1/audit-bags", nameless, {"reason": "委員会の立入検査"})
    path = f"/v1/audit-bags/{asked.json()['audit_bag']}/approve"
    assert told(office.api("POST", path, account)) == REFUSED


# -- credentials that name nobody ----------------------------------------------------------------

UNKNOWN: Final = (403, "PERSON_UNKNOWN")


def nobodys(tokens: Tokens, *scopes: Scope) -> dict[str, str]:
    """Tokens that tell no person apart: valid in all else."""
    clients = {f"a client as {one}": one for one in ("desk", "DESK", wide("Desk"))}
    codes: dict[str, object] = {"no claim": None, "two words": "two words", **clients}
    return {
        what: tokens.token("officer", *scopes, **{PERSON_CLAIM: code})
        for what, code in codes.items()
    }


def old_key(office: Office, owner: str | None, *scopes: Scope) -> str:
    """A key as it could be made before scopes of two persons needed one: of nobody."""
    made, credential = make("old", frozenset({"audit:read"}), None, at=now(), days=1, owner=owner)
    key_table(office.urls.owner).add(replace(made, scopes=frozenset(scopes)))
    return credential


def everybody(office: Office, tokens: Tokens, *scopes: Scope) -> dict[str, str]:
    return {
        **nobodys(tokens, *scopes),
        "a key of nobody": old_key(office, None, *scopes),
        "a key of an account": old_key(office, token_owner(NAME, "officer"), *scopes),
    }


def test_who_names_no_person_neither_writes_nor_approves_a_case(
    office: Office, officer: dict[str, str], tokens: Tokens
) -> None:
    case, wrong = as_one(office, officer["key"]).begun(), list[str]()
    etag = {"If-Match": case.etag}
    for what, shown in everybody(office, tokens, *BOTH).items():
        for path, body in (
            ("/v1/cases", request()),
            (f"/v1/cases/{case.id}/documents", look()),
            (f"/v1/cases/{case.id}/entry-mistake", WHY),
            (f"/v1/cases/{case.id}/approve", {}),
            (f"/v1/cases/{case.id}/mistake-confirmation", {}),
            (f"/v1/cases/{case.id}/return", {"reason": "確認中"}),
        ):
            if (got := told(office.api("POST", path, shown, body, **etag))) != UNKNOWN:
                wrong.append(f"{what} at {path}: {got}")
        # What takes no second person is theirs as before.
        if office.api("GET", f"/v1/cases/{case.id}", shown).status_code != 200:
            wrong.append(f"{what} reads no case")
    assert wrong == []


def test_who_names_no_person_discards_and_lifts_nothing_and_proposes_neither(
    office: Office, tokens: Tokens
) -> None:
    wrong: Finding = []
    [transfer] = sent(office, provision(principals=[member()]))
    kept = rejected(office)
    chief = office.key("records:exclude", owner="chief")
    body = {"transfers": [transfer], "reason": "危害のおそれ"}
    excluding = {**body, "action": "exclude", "ground": "i"}
    assert office.api("POST", "/v1/exclusions", chief, excluding).status_code == 200
    scopes: tuple[Scope, ...] = ("records:exclude", "quarantine:write")
    for what, shown in everybody(office, tokens, *scopes).items():
        lifting = office.api("POST", "/v1/exclusions", shown, {**body, "action": "lift"})
        discarding = office.api("POST", f"/v1/quarantine/{kept}/discard", shown)
        wrong += [
            f"{what} {act}: {told(answer)}"
            for act, answer in (("lifts", lifting), ("discards", discarding))
            if told(answer) != UNKNOWN
        ]
        # To exclude, and to see what waits, takes one.
        [other] = sent(office, provision(principals=[member()]))
        alone = office.api("POST", "/v1/exclusions", shown, {**excluding, "transfers": [other]})
        listed = office.api("GET", "/v1/quarantine", shown)
        if (alone.status_code, listed.status_code) != (200, 200):
            wrong.append(f"{what} does not what takes one")
    assert wrong == []
    assert (UUID(kept), "open") in office.rows(STATES)


def test_an_issuer_that_changes_the_code_of_an_account_makes_two_persons_of_it(
    office: Office, tokens: Tokens
) -> None:
    one, other = (tokens.token("a", *BOTH, **{PERSON_CLAIM: code}) for code in ("E-1", "E-2"))
    case = as_one(office, one).begun().submitted()
    assert approved(office, case, one) == REFUSED
    case.work = as_one(office, other)
    case.do("approve", {}, "approver")
    assert status(case.work, case) == "notice_ready"


@pytest.mark.parametrize(
    "scope",
    ["cases:write", "cases:approve", "records:exclude", "quarantine:write", "audit:export"],
)
@pytest.mark.parametrize("owner", [None, token_owner(NAME, "officer")])
def test_no_key_is_made_for_an_act_of_two_without_a_person(scope: Scope, owner: str | None) -> None:
    with pytest.raises(KeyNotAllowedError, match="--person"):
        make("desk", frozenset({scope}), None, at=now(), days=1, owner=owner)


# -- settings by which one person could be two -----------------------------------------------------

PAGES: Final = {
    "LEDGER_PAGES_URL": "https://ledger.example.jp",
    "LEDGER_OIDC_ISSUER": "https://login.example.jp",
    "LEDGER_OIDC_CLIENT_ID": "ledger-pages",
    "LEDGER_OIDC_ROLES": '{"desk": ["officer"]}',
}
_CLAIM: Final = "LEDGER_OIDC_PERSON_CLAIM"


def issuers(*names: str) -> dict[str, str]:
    rows = [{"issuer": name, "audience": AUDIENCE} for name in names]
    return {"LEDGER_JWT_ISSUERS": json.dumps(rows)}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        # Sessions by account, keys by code.
        (PAGES, "approve by a key"),
        ({**PAGES, **issuers("https://login.example.jp")}, "approve by a key"),
        # Subjects are of one issuer each.
        ({**PAGES, _CLAIM: "sub", **issuers(NAME)}, "at one issuer only"),
        ({_CLAIM: "sub", **issuers(NAME, "https://b.example.jp")}, "at one issuer only"),
    ],
    ids=str,
)
def test_the_service_does_not_start_where_one_person_could_be_named_twice(
    given: dict[str, str], why: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(given)
    [line] = refused.value.wrong
    assert line.startswith(f"{_CLAIM}: ")
    assert why in line


# -- what an older version left ------------------------------------------------------------------


def acted(identity: str) -> str:
    """The actor that every version made of an identity."""
    assert SETTINGS.secret is not None
    return LedgerSecret(SETTINGS.secret, LEDGER_NAME).actor("ledger", identity)


def test_what_somebody_proposed_under_an_actor_of_an_older_version_they_do_not_discard(
    office: Office, tokens: Tokens
) -> None:
    """A code was an actor as it was spelled, an account was another one than its person."""
    wrong: Finding = []
    code = {PERSON_CLAIM: "E-0107"}
    mac = mac_of(office.urls.owner, office.secret)
    for earlier, shown in (
        ("person\nE-0107", office.key("quarantine:write", owner="E-0107")),
        ("person\nE-0107", tokens.token("somebody", "quarantine:write", **code)),
        (f"token\n{NAME}\nsomebody", tokens.token("somebody", "quarantine:write", **code)),
        (f"token\n{office.settings.oidc_issuer}\nkeeper", None),
    ):
        kept = rejected(office)
        with psycopg.connect(office.urls.owner) as connection:
            row = locked(connection, UUID(kept), mac)
            assert row is not None
            proposed = replace(row, state="discard_proposed", proposed_by=acted(earlier))
            put(connection, proposed, mac)
        if shown is None:
            office.person("keeper").post(f"/desk/emitters/quarantine/{kept}/discard")
        elif (got := told(office.api("POST", f"/v1/quarantine/{kept}/discard", shown))) != REFUSED:
            wrong.append(f"{earlier!r}: {got}")
        if (UUID(kept), "discard_proposed") not in office.rows(STATES):
            wrong.append(f"{earlier!r}: discarded")
    assert wrong == []
