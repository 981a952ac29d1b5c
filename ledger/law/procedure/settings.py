"""Reads the answers to open questions and the handling times of a version; both may be left out."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import cast, get_args

from ledger.law.procedure import questions, targets
from ledger.law.procedure.questions import ProcedureReadings
from ledger.law.procedure.reader import Reader
from ledger.law.procedure.targets import DayTarget, Targets

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
# No case of this procedure is open for a year.
TARGET_DAYS_MAX = 365


def read_readings(row: Reader) -> ProcedureReadings:
    """The answers stated in `row`, the defaults for the others."""
    default = ProcedureReadings()
    stated: dict[str, object] = {}
    for one in fields(ProcedureReadings):
        usual = getattr(default, one.name)
        if not row.has(one.name):
            continue
        if isinstance(usual, bool):
            stated[one.name] = row.flag(one.name, default=usual)
        elif isinstance(usual, tuple):
            stated[one.name] = row.texts(one.name)
        else:
            stated[one.name] = row.choice(one.name, questions.QUESTIONS[one.name].choices)
    row.finish()
    return ProcedureReadings(**stated)  # pyright: ignore[reportArgumentType] -- each was read by the type of its default


def read_targets(row: Reader) -> Targets:
    """The handling times stated in `row`, the defaults for the others."""
    default = Targets()
    stated: dict[str, object] = {}
    for one in fields(Targets):
        if not row.has(one.name):
            continue
        if one.name == "closed":
            stated["closed"] = tuple(_closed(row))
        else:
            stated[one.name] = _target(row.child(one.name))
    row.finish()
    values = {one.name: stated.get(one.name, getattr(default, one.name)) for one in fields(Targets)}
    return Targets(**cast("dict[str, DayTarget]", values))  # pyright: ignore[reportArgumentType] -- same


def _target(row: Reader) -> DayTarget:
    days = row.number("days", 1)
    if days > TARGET_DAYS_MAX:
        row.refuse("days", f"give at most {TARGET_DAYS_MAX} days")
    counted = row.choice("counted", get_args(targets.Counted))
    row.finish()
    return DayTarget(days, cast("targets.Counted", counted))


def _closed(row: Reader) -> Iterator[tuple[int, int]]:
    for text in row.texts("closed"):
        match = _MONTH_DAY.fullmatch(text)
        if match is None:
            row.refuse("closed", "list days of every year, MM-DD")
        else:
            yield int(match[1]), int(match[2])
