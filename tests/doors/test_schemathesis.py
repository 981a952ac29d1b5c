"""Schemathesis on the document of the whole application: every answer is one that it promises.

Each operation is called with bodies that fit its schema and with bodies that do not. Left out:

* `positive_data_acceptance`: what fits the schema may be refused for what no schema can say: a
  control character, a position beyond the head, a cursor that no page gave.
* `negative_data_rejection` where a batch goes in: a refused item has its problem inside a 200.
* Bodies made from the schema of a transfer: its conditions refer to one another in a way that the
  generator gives up on ("does not support this part"). Ours are made below.
"""

from random import sample
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.doors.corridor import Corridor
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision
from tests.rounds import rounds

BATCHES: Final = ("POST /v1/transfers", "POST /v1/transfers/check", "POST /v1/events")
OF_TRANSFERS: Final = (*BATCHES, "POST /v1/quarantine/{rejected}/repair")
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
Operation = Any
"""The library's own generics name no arguments, so its objects are taken as they come."""
_CHECKS: Final[Operation] = checks
short = settings(
    max_examples=rounds(15),
    deadline=None,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    phases=(Phase.explicit, Phase.generate),
)
"""Some seconds for all operations together; what it finds, it prints ready to be repeated."""


def anything() -> st.SearchStrategy[Any]:
    numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    leaves = st.none() | st.booleans() | numbers | st.text()
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def some(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | anything()


transfers = st.fixed_dictionaries(
    {},
    optional={
        "direction": some("provided", "received"),
        "basis": some("opt_out_27_2", "none", "exempt_27_1_i", "joint_use_27_5_iii"),
        "method": some("collective", "contract"),
        "series_id": some("s-1", "s-2"),
        "contract_reference": some("c-1"),
        "acquisition": some(None, "本人から"),
        "notice_id": some(None, "ju-doors"),
        "purpose": some("service"),
        "items": some(["氏名"]),
        "derived_from": some(["t-000001"]),
        "data_kind": some("personally_referable", "pseudonymously_processed"),
        "recorded_on": some("2025-01-01", "2999-01-01"),
        "special_care": st.booleans() | anything(),
    },
).map(lambda changes: provision(**changes))
items = st.fixed_dictionaries(
    {
        "source": some(SOURCE, SOURCE + "/a", OTHER_SOURCE),
        "id": some("t-000001", "fuzz-1", "fuzz-2"),
        "data": transfers | anything(),
    },
    optional={"order_11": some("i"), "more": anything()},
)
events = st.fixed_dictionaries(
    {
        "specversion": some("1.0"),
        "type": some("jp.example.ledger.transfer.v1"),
        "source": some(SOURCE),
        "id": some("fuzz-3", "fuzz-4"),
        "data": transfers | anything(),
    },
    optional={"order11": some("i"), "subject": anything(), "data_base64": anything()},
)
BODIES: Final[dict[str, tuple[str, st.SearchStrategy[Any]]]] = {
    "POST /v1/transfers": (
        "application/json",
        st.fixed_dictionaries({"items": st.lists(items | anything(), max_size=4)}),
    ),
    "POST /v1/transfers/check": (
        "application/json",
        st.fixed_dictionaries({"items": st.lists(items, max_size=4)}),
    ),
    "POST /v1/events": ("application/cloudevents-batch+json", st.lists(events, max_size=4)),
    "POST /v1/quarantine/{rejected}/repair": ("application/json", items),
}


def strategy(operation: Operation, mode: GenerationMode) -> st.SearchStrategy[Any]:
    if operation.label not in OF_TRANSFERS:
        return operation.as_strategy(generation_mode=mode)
    media_type, bodies = BODIES[operation.label]
    parameters = {"rejected": "00000000-0000-8000-8000-000000000000"}
    return bodies.map(
        lambda body: operation.Case(body=body, media_type=media_type, path_parameters=parameters)
    )


def fuzz(operation: Operation, mode: GenerationMode, key: str) -> None:
    excluded = [_CHECKS.positive_data_acceptance]
    if operation.label in OF_TRANSFERS:
        excluded.append(_CHECKS.negative_data_rejection)

    def call(case: Operation) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=excluded)

    try:
        short(given(case=strategy(operation, mode))(call))()
    except Unsatisfiable:
        # Nothing can be wrong with a request that has neither parameter nor body.
        assert mode is GenerationMode.NEGATIVE
        assert not operation.body


def test_every_answer_is_one_that_the_document_promises(corridor: Corridor) -> None:
    key = corridor.key(
        "events:write",
        "events:read.own",
        "records:read",
        "records:write",
        "notices:write",
        "quarantine:write",
        "cases:read",
        "cases:write",
        "cases:approve",
        "reply:download",
        "audit:read",
        "coverage:write",
        "records:exclude",
        source=SOURCE,
        label="fuzz",
    )
    operator = corridor.key("admin:config", label="fuzz")
    corridor.record(provision())
    document: Any = schemathesis.openapi.from_asgi("/openapi.json", corridor.app)
    operations = [result.ok() for result in document.get_all_operations()]
    assert len(operations) >= 20
    for operation in operations:
        by = operator if operation.label == "PUT /v1/emitters/{emitter}" else key
        modes = MODES[:1] if operation.label in OF_TRANSFERS else MODES
        for mode in sample(modes, min(len(modes), rounds(len(MODES)))):
            fuzz(operation, mode, by)
