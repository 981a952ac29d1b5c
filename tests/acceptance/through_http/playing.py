"""Plays a case on a database of its own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.acceptance.reading import Case
from tests.acceptance.through_http.desk import File
from tests.acceptance.through_http.documents import unpacked
from tests.acceptance.through_http.masking import differing
from tests.acceptance.through_http.pages import with_pages
from tests.acceptance.through_http.story import Story
from tests.acceptance.through_http.told import Told
from tests.acceptance.through_http.world import Clock, World, opened
from tests.database import Database

Steps = Sequence[Mapping[str, Any]]
Spare = Callable[[], AbstractContextManager[Database]]


@dataclass(slots=True)
class Played:
    """What became of a case.

    Attributes:
        equal: of a case that asks whether two things are the same; else None.
        unlike: what of them is not.
    """

    told: Told
    equal: bool | None = None
    unlike: tuple[str, ...] = ()


def played(case: Case, database: Database, spare: Spare, folder: Path) -> Played:
    """Play the steps of the case, and look at what it asks for.

    Args:
        spare: makes a database for the second of two cases that cannot be in one ledger.
        folder: for what stands outside of a database.
    """
    given = case.given
    if given.get("property") == "letters_equal":
        if _share_names(given["left"]["steps"], given["right"]["steps"]):
            return _two_ledgers(case, database, spare, folder)
        return _two(case, database, folder)
    clock = _clock(given["steps"])
    with (
        with_pages() if "shown" in case.expect else nullcontext() as pages,
        opened(database, folder / "journal", clock, pages) as world,
    ):
        world.letters = frozenset(one["page"] for one in case.expect.get("shown", []))
        told = _story(world, case).tell(given["steps"])
    if given.get("property") != "same_bytes":
        return Played(told)
    clock.says(datetime.fromisoformat(given["again_at"]))
    # A restart lies between them: another process answers.
    with opened(database, folder / "journal", clock) as world:
        file = told.files[given["case"]]
        file.world = world
        unlike = tuple(_made_otherwise(file))
    return Played(told, not unlike, unlike)


def _clock(steps: Steps) -> Clock:
    """At the first step."""
    return Clock(datetime.fromisoformat(steps[0]["at"]).astimezone(UTC))


def _story(world: World, case: Case) -> Story:
    flags = [(one["case"], one["as_of"]) for one in case.expect.get("flags", [])]
    dispatches = case.expect.get("dispatches", [])
    refused = frozenset(one["at"] for one in dispatches if not one["dispatched"])
    refusals = frozenset(one["at"] for one in case.expect.get("refusals", []))
    return Story(world, case.notices, flags, refused, refusals, frozenset(case.expect))


def _share_names(left: Steps, right: Steps) -> bool:
    """Whether the two name the same records, cases or persons."""
    return not _names(left).isdisjoint(_names(right))


def _names(steps: Steps) -> set[str]:
    found: set[str] = set()
    for step in steps:
        found |= {f"{name} {step[name]}" for name in ("key", "case", "hold") if name in step}
        persons = [step[name] for name in ("principal", "a", "b") if name in step]
        persons += step.get("transfer", {}).get("principals", [])
        found |= {f"{one['scheme']} {one['id']}" for one in persons}
    return found


def _two(case: Case, database: Database, folder: Path) -> Played:
    """Both cases in one ledger, their steps in the order of time."""
    left, right = case.given["left"], case.given["right"]
    steps: list[Mapping[str, Any]] = sorted(
        [*left["steps"], *right["steps"]], key=lambda step: datetime.fromisoformat(step["at"])
    )
    with opened(database, folder / "journal", _clock(steps)) as world:
        told = _story(world, case).tell(steps)
        return _compared(case, told, told)


def _two_ledgers(case: Case, database: Database, spare: Spare, folder: Path) -> Played:
    """Each case in a ledger of its own."""
    with ExitStack() as kept:
        databases = {"left": database, "right": kept.enter_context(spare())}
        told: list[Told] = []
        for side, own in databases.items():
            steps = case.given[side]["steps"]
            world = kept.enter_context(opened(own, folder / side, _clock(steps)))
            told.append(_story(world, case).tell(steps))
        return _compared(case, told[0], told[1], apart=True)


def _compared(case: Case, left: Told, right: Told, *, apart: bool = False) -> Played:
    given = case.given
    mine, other = left.files[given["left"]["case"]], right.files[given["right"]["case"]]
    for file in (mine, other):
        file.whole()
    unlike = tuple(differing(mine, other, given["mask"], apart=apart))
    return Played(left, not unlike, unlike)


def _made_otherwise(file: File) -> list[str]:
    """What of each reply is not any more what it was when it went out.

    It is fetched as it was stored, and made again from the case and the position of its search.
    """
    unlike: list[str] = []
    for reply in file.replies[: file.sent]:
        sent = reply.letter
        if dict(unpacked(file.reply_zip(reply.n)).files) != dict(sent.files):
            unlike.append(f"the files of reply {reply.n}")
        if file.reply_pdf(reply.n) != sent.pdf:
            unlike.append(f"the paper of reply {reply.n}")
        again = file.world.replies.reproduce(file.uuid, reply.n)
        made = {"reply.pdf": again.pdf, "records.json": again.json, "records.csv": again.csv}
        if again.method is not None:
            made["method.pdf"] = again.method
        unlike += [f"{name}, made again" for name in made if made[name] != sent.files[name]]
    return unlike or ([] if file.sent else ["nothing went out"])
