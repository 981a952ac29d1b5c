"""The deletion certificate by HTTP: in JSON and on paper, with the settings it cites."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.database import Database
from tests.doors.keeping import DIES, RECORDED, Kept, opened


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def certified(kept: Kept) -> str:
    kept.record()
    kept.on(DIES)
    plan = kept.plan()["plan"]
    kept.followed()
    kept.told("POST", "/expiries", {})
    return f"/plans/{plan}/certificate"


def test_a_certificate_tells_who_may_not_exclude_nothing_of_what_lives(kept: Kept) -> None:
    """Order 11: the numbers of a plan, less what an export shows, are those of hidden records."""
    kept.record()
    kept.on(RECORDED + timedelta(days=1))
    kept.record()  # named by the same plan, and dies a day later
    kept.on(DIES)
    plan = kept.plan()["plan"]
    kept.followed()
    kept.told("POST", "/expiries", {})
    path = f"/plans/{plan}/certificate"
    whole = kept.told("GET", path)
    assert whole["plan"]["counts"]["events"] > whole["totals"]["events"] >= 1
    told = kept.ask("GET", path, None, "audit:read").body
    # It proves the same: which keys died, where that is recorded, under which root.
    assert [one["keys"] for one in told["erasures"]] == [one["keys"] for one in whole["erasures"]]
    assert told["tree"] == whole["tree"]
    assert not {"keys", "counts"} & told["plan"].keys()
    assert all(one["counts"].keys() == {"keys"} for one in told["erasures"])
    assert told["totals"].keys() == {"keys", "unplanned"}
    paper = kept.ask("GET", f"{path}.pdf", None, "audit:read")
    assert paper.status == 200


def test_the_certificate_is_told_in_json_and_on_paper(kept: Kept) -> None:
    path = certified(kept)
    certificate = kept.told("GET", path)
    assert certificate["type"] == "deletion-certificate"
    assert certificate["totals"]["events"] >= 1
    assert certificate["tree"]["size"] == kept.corridor.head()
    for answer in (
        kept.ask("GET", f"{path}.pdf"),
        kept.corridor.ask(
            "GET",
            f"/v1/retention{path}",
            key=kept.corridor.key("audit:read"),
            headers={"accept": "application/pdf"},
        ),
    ):
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.text.startswith("%PDF-1.7")


def test_keys_that_die_together_are_certified_each_under_a_plan_that_names_it(
    database: Database, tmp_path: Path
) -> None:
    days = [RECORDED + timedelta(days=n) for n in range(7)]
    folder = tmp_path / "journal"
    with opened(database, folder) as kept:
        for day in days:
            kept.on(day)
            kept.record()
        kept.on(DIES + timedelta(days=5))
        plans = [kept.plan()["plan"]]
    # By a shorter window the next plan names all but the last.
    with opened(database, folder, begun=True, retention_window_days=0) as kept:
        kept.on(DIES + timedelta(days=5))
        plans.append(kept.plan()["plan"])
        kept.on(DIES + timedelta(days=6))
        kept.followed()
        kept.told("POST", "/expiries", {})
        told = [kept.told("GET", f"/plans/{plan}/certificate")["totals"] for plan in plans]
    assert [one["unplanned"] for one in told] == [0, 0]
    assert [one["keys"] for one in told] == [1, 6]


def test_a_certificate_cites_the_settings(database: Database, tmp_path: Path) -> None:
    masters = tmp_path / "masters"
    masters.mkdir()
    (masters / "2026-W48").write_text("20" * 32)
    changes: dict[str, Any] = {
        "epoch_masters": {},
        "epoch_master_dir": masters,
        "backup_horizon_days": 90,
        "no_record_years": 5,
    }
    with opened(database, tmp_path / "journal", **changes) as kept:
        kept.record()
        told = kept.told("GET", f"/plans/{kept.plan()['plan']}/certificate")
    assert told["backup_days"] == 7 + 90
    periods = {rule["class"]: rule["period"] for rule in told["rules"]}
    for key_class in ("link", "directive"):
        assert "5年（設定）" in periods[key_class]


def test_where_the_master_never_changes_a_certificate_promises_nothing_of_backups(
    kept: Kept,
) -> None:
    kept.record()
    told = kept.told("GET", f"/plans/{kept.plan()['plan']}/certificate")
    assert "backup_days" not in told
