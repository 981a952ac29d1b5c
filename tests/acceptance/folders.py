"""Which folder of cases a run takes, and who executes what of it."""

import pytest

from tests.acceptance.reading import OWN_FOLDER, Case, Folder, read_folder

# What only a disclosure case does, and what it brings with it.
# What a search alone cannot tell: something was destroyed or withheld by a case, or never recorded.
# What the desk refuses, and what its pages show.

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


def not_executed(folder: Folder) -> list[Case]:
    """The cases that are read and checked against the schema, and wait for what they test."""
    return [case for case in folder.stories if not _is_played(case)]


def _is_played(case: Case) -> bool:
    return _steps(case) <= STEPS and case.given.get("property", "numbering") in PROPERTIES


def _steps(case: Case) -> set[str]:
    sides = [case.given[side] for side in ("left", "right") if side in case.given]
    return {step["do"] for given in sides or [case.given] for step in given["steps"]}
