"""Which folder of cases a run takes, and who executes what of it."""

import pytest

from tests.acceptance.reading import OWN_FOLDER, Case, Folder, read_folder

# What only a disclosure case does, and what it brings with it.
_OF_CASES = frozenset({"request", "decide", "dispatch"})
# What a search alone cannot tell: something was destroyed or withheld by a case, or never recorded.
_NOT_TOLD = frozenset({"purge", "lift_order11", "quarantine", "register_emitter", "declare"})
# What the desk refuses, and what its pages show.
_AT_THE_DESK = frozenset({"refusals", "shown"})

STEPS = frozenset(
    {
        "record",
        "correct",
        "reclassify",
        "retract",
        "link",
        "unlink",
        "rename",
        "erasure_request",
        "stop",
        "exclude_order11",
        "lift_order11",
        "hold",
        "release",
        "purge",
        "request",
        "withhold",
        "decide",
        "dispatch",
        "returned",
        "close",
        "quarantine",
        "register_emitter",
        "declare",
        "publish_procedure",
    }
)
"""The steps that are played through HTTP. The schema may get a new one before the product does."""

PROPERTIES = frozenset(
    {"letters_equal", "absent_from_output", "present_in_output", "same_bytes", "numbering"}
)
"""What a masking case may ask for that is looked at."""


def folder_of(config: pytest.Config) -> Folder:
    """The folder that `--cases` names, relative to where pytest was started; else our own."""
    given = config.getoption("--cases")
    return read_folder(config.invocation_params.dir / given if given else OWN_FOLDER)


def is_own(config: pytest.Config) -> bool:
    """Whether the run takes the project's own cases."""
    return config.getoption("--cases") is None


def stories(folder: Folder) -> list[Case]:
    """Timelines and masking cases that are played through HTTP."""
    return [case for case in folder.stories if _is_played(case)]


def searches(folder: Folder) -> list[Case]:
    """Timelines of which it is executed what a search finds (`tests.oracle.test_timelines`)."""
    return [
        case
        for case in folder.stories
        if case.kind == "timeline"
        and case.expect["replies"]
        and not _NOT_TOLD & _steps(case)
        and not _AT_THE_DESK & case.expect.keys()
        and not _is_for_one(case)
    ]


def purges(folder: Folder) -> list[Case]:
    """Timelines of deletion runs alone (`tests.retaining.test_timelines`)."""
    return [
        case
        for case in folder.stories
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
    return [case for case in folder.stories if not _is_played(case)]


def _is_played(case: Case) -> bool:
    return _steps(case) <= STEPS and case.given.get("property", "numbering") in PROPERTIES


def _is_for_one(case: Case) -> bool:
    """Whether a record is excluded for one of its persons: a mark hides it from all of them."""
    steps = case.given["steps"]
    return any(one["do"] == "exclude_order11" and "principal" in one for one in steps)


def _steps(case: Case) -> set[str]:
    sides = [case.given[side] for side in ("left", "right") if side in case.given]
    return {step["do"] for given in sides or [case.given] for step in given["steps"]}
