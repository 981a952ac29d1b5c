"""Which folder of cases a run takes, and who executes what of it."""

import pytest

from tests.acceptance.reading import OWN_FOLDER, Case, Folder, read_folder

# What only a disclosure case does, and what it brings with it.
_OF_CASES = frozenset({"request", "decide", "dispatch"})
# What no search of today can tell: something was destroyed or withheld by a case.
_NOT_TOLD = frozenset({"purge", "lift_order11"})


def folder_of(config: pytest.Config) -> Folder:
    """The folder that `--cases` names, relative to where pytest was started; else our own."""
    given = config.getoption("--cases")
    return read_folder(config.invocation_params.dir / given if given else OWN_FOLDER)


def is_own(config: pytest.Config) -> bool:
    """Whether the run takes the project's own cases."""
    return config.getoption("--cases") is None


def searches(folder: Folder) -> list[Case]:
    """Timelines of which it is executed what a search finds (`tests.oracle.test_timelines`)."""
    return [
        case
        for case in folder.waiting
        if case.kind == "timeline" and case.expect["replies"] and not _NOT_TOLD & _steps(case)
    ]


def purges(folder: Folder) -> list[Case]:
    """Timelines of deletion runs alone (`tests.retaining.test_timelines`)."""
    return [
        case
        for case in folder.waiting
        if case.kind == "timeline" and case.expect.get("purges") and not _OF_CASES & _steps(case)
    ]


def omissions(folder: Folder) -> list[Case]:
    """Verdicts on records that take items from another one (`tests.retaining.test_timelines`)."""
    return [
        case
        for case in folder.running
        if case.kind == "classify" and case.given["transfer"].get("base_record")
    ]


def not_executed(folder: Folder) -> list[Case]:
    """The cases that are read and checked against the schema, and wait for what they test."""
    executed = {case.id for case in [*searches(folder), *purges(folder)]}
    return [case for case in folder.waiting if case.id not in executed]


def _steps(case: Case) -> set[str]:
    return {step["do"] for step in case.given["steps"]}
