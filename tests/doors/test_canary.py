"""Nobody who goes through the doors is named anywhere outside: not even where things break.

Every other test of the doors searches its problems and addresses; what any test of the run logs
is searched (`tests.leaving`), and so is PostgreSQL's log (`tests/conftest.py`).
"""

import base64
import io
import json
from urllib.parse import quote, quote_plus

import psycopg

from tests.canary import CANARIES, CONTRACT, EVIDENCE, MAIL, MEMBER, NAME, OTHER_NAME, traces
from tests.database import Database, Server
from tests.doors.corridor import Corridor, fresh_id, open_doors
from tests.doors.samples import PERSON, RECIPIENT, SOURCE, notice, provision, receipt, today
from tests.matrix import every

A, B = {"scheme": "member", "id": MEMBER}, {"scheme": "contract", "id": CONTRACT}


@every("canary", CANARIES)
def test_a_canary_is_found_in_every_disguise(canary: str) -> None:
    raw = canary.encode()
    for disguise in (
        canary,
        json.dumps(canary),
        json.dumps({"a": [canary]}),
        quote(canary),
        quote(canary, safe="").lower(),
        raw.hex(),
        f"\\x{raw.hex().upper()}",
        base64.b64encode(raw).decode(),
        base64.b64encode(b"..." + raw + b"...").decode(),
        base64.b64encode(b"." + raw + b".").decode(),
        base64.urlsafe_b64encode(b".." + raw + b"..").decode(),
        repr(raw),
        json.dumps({"message": json.dumps({"a": canary})}),
        json.dumps({"message": repr(raw)}),
        quote_plus(canary),
        base64.b64encode(json.dumps(canary).encode()).decode(),
        "".join(chr(one) if one < 0x80 else f"\\{one:03o}" for one in raw),
    ):
        assert traces(f"… {disguise} …") == [canary]
    assert not traces("nobody")


def everything(corridor: Corridor) -> None:
    """Name the canaries in every kind of request, well-formed and not."""
    first = corridor.record(provision(principals=[PERSON, {**B, "name": OTHER_NAME}]))
    same_id = {"source": SOURCE, "id": first["id"], "data": receipt()}
    sent = {"source": SOURCE, "id": fresh_id()}
    officer = corridor.key("records:write", "records:read", "notices:write", "quarantine:write")
    change = {"changes": {"principals": [A], "counterparty": NAME}, "reason": EVIDENCE}
    corridor.send(same_id)
    corridor.send({**sent, "data": provision(principals=[{**A, "name": f"{NAME}\0"}])})
    corridor.send({**sent, "source": f"{SOURCE}/{MEMBER}\n", "data": {NAME: NAME}})
    corridor.send({**sent, "id": NAME * 100, "data": provision(items=[NAME, NAME])})
    corridor.send({**sent, "data": provision(counterparty={**RECIPIENT, "kind": NAME})})
    corridor.send({**sent, "data": provision(transferred_on=NAME)})
    for path, body in (
        ("/v1/links", {"a": A, "b": B, "evidence": EVIDENCE}),
        ("/v1/links", {"a": A, "b": B, "evidence": EVIDENCE}),
        ("/v1/links", {"a": A, "b": A, "evidence": EVIDENCE}),
        ("/v1/unlinks", {"a": A, "b": {"scheme": "mail", "id": MAIL}, "evidence": EVIDENCE}),
        ("/v1/directives", {"principal": A, "kind": NAME, "day": NAME}),
        ("/v1/directives/lifted", {"principal": A, "kind": "opt_out_stop", "day": today()}),
        ("/v1/renames", {"principal": A, "name": OTHER_NAME}),
        ("/v1/renames", {"principal": A, "name": [OTHER_NAME]}),
        ("/v1/histories", {"identifiers": [A, B], "case": EVIDENCE, "reason": EVIDENCE}),
        (
            "/v1/histories",
            {"identifiers": [A, B], "case": EVIDENCE, "reason": EVIDENCE, "after": 2**50},
        ),
        ("/v1/histories", {"identifiers": [{**A, NAME: NAME}], "case": {NAME: NAME}}),
        ("/v1/notices", {**notice(), "title": NAME, "scope": NAME}),
        (f"/v1/transfers/{first['transfer']}/corrections", change),
        (f"/v1/transfers/{first['transfer']}/retraction", {"reason": NAME, "note": NAME}),
    ):
        corridor.ask("POST", path, body, key=officer)
        corridor.ask("POST", path, body, key=MAIL)
    for content in (f'{{"{NAME}": '.encode(), NAME.encode("shift_jis", errors="ignore")):
        corridor.ask("POST", "/v1/transfers", key=corridor.emitter, content=content)
        corridor.ask("POST", "/v1/links", key=officer, content=content)
    corridor.ask(
        "POST",
        "/v1/events",
        provision(),
        key=corridor.emitter,
        headers={"ce-specversion": "1.0", "ce-id": quote(NAME), "ce-subject": quote(NAME)},
    )
    # A client may name a person in an address; then it must not be repeated.
    for path in (f"/v1/{MEMBER}", f"/v1/transfers/{MEMBER}", f"/v1/quarantine?cursor={MEMBER}"):
        answer = corridor.client.request(
            "GET", path, headers={"Authorization": f"Bearer {officer}", "X-Name": MEMBER}
        )
        assert answer.status_code in (404, 422)
        assert not traces(answer.text)
    corridor.client.request(MEMBER, f"/v1/{MEMBER}")


def break_things(database: Database, corridor: Corridor) -> None:
    """Make faults of ours at every kind of request, one after another."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        for breaking, mending in (
            (
                # Every insert violates a constraint, and DETAIL would quote the row.
                "ALTER TABLE ledger.events ADD CONSTRAINT nothing CHECK (false) NOT VALID",
                "ALTER TABLE ledger.events DROP CONSTRAINT nothing",
            ),
            (
                "ALTER TABLE ledger.quarantine ADD CONSTRAINT nothing CHECK (false) NOT VALID",
                "ALTER TABLE ledger.quarantine DROP CONSTRAINT nothing",
            ),
            (
                "ALTER TABLE ledger.lookups RENAME TO lookups_away",
                "ALTER TABLE ledger.lookups_away RENAME TO lookups",
            ),
            (
                "ALTER TABLE ledger.sealed_parts RENAME TO sealed_parts_away",
                "ALTER TABLE ledger.sealed_parts_away RENAME TO sealed_parts",
            ),
        ):
            admin.execute(breaking.encode())
            try:
                statuses = {
                    corridor.send({"source": SOURCE, "id": fresh_id(), "data": provision()}).status,
                    corridor.send({"source": SOURCE, "id": NAME, "data": {NAME: NAME}}).status,
                    corridor.look(("member", MEMBER), case=EVIDENCE).status,
                    corridor.ask(
                        "POST",
                        "/v1/renames",
                        {"principal": A, "name": NAME + fresh_id()},
                        key=corridor.key("records:write"),
                    ).status,
                }
            finally:
                admin.execute(mending.encode())
            assert statuses & {500, 503}, breaking


def test_nobody_is_named_where_things_go_wrong(
    database: Database, server: Server, log_lines: io.StringIO
) -> None:
    # No follower: a broken schema is a broken world, at which it stops as it should.
    with open_doors(database.urls, followed=False) as corridor:
        begin = log_lines.tell()
        everything(corridor)
        break_things(database, corridor)
        everything(corridor)
        metrics = corridor.ask("GET", "/metrics", key=None).text
        assert 'status="500"' in metrics
        assert not traces(metrics)
        written = log_lines.getvalue()[begin:]
        assert '"incident"' in written
        assert not traces(written)
        if server.log is not None:
            assert not traces(server.log.read_bytes())


def test_nobody_is_named_in_clear_in_any_table(database: Database) -> None:
    with open_doors(database.urls) as corridor:
        everything(corridor)
        corridor.history(("member", MEMBER))
    with psycopg.connect(database.admin) as admin:
        tables = admin.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('ledger', 'projections')"
        ).fetchall()
        assert len(tables) > 5
        for (table,) in tables:
            rows = admin.execute(f"SELECT t::text FROM {table} t".encode()).fetchall()  # noqa: S608 -- a name that the database just gave
            assert not traces("\n".join(row[0] for row in rows)), table
