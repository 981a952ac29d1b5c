"""Addresses that the officer holds for one and the machine, as they are written, for two.

The comparison proposes and the officer decides; against the proposal only with a reason, which
whoever approves reads. So a tick by habit verifies nobody, and a building spelled otherwise refuses
nobody.

Source: the published procedure, (2) first ground.
"""

from collections.abc import Iterator, Mapping

from ledger.cases.events.intake import Examination
from ledger.errors import Defect
from ledger.policies.addresses.comparison import AddressProposal, Comparison, compare_three
from ledger.policies.my_number import my_number_defects

ADDRESS = "address"
REGISTERED_BECAUSE = "form_is_registered_because"
ON_PAPERS_BECAUSE = "identity_is_form_because"


def unexplained(examination: Examination, form: Mapping[str, str]) -> tuple[str, ...]:
    """The reasons that `examination` owes, as members of `AddressJudgement`.

    One is owed where the officer says that two addresses are one, both are written down, and the
    machine proposes that they differ: in the place, or in building, floor or room alone.
    """
    written = form.get(ADDRESS, "")
    if not written.strip():
        return ()
    found = compare_three(written, examination.identity_address, examination.registered_address)
    judged = examination.addresses
    pairs = (
        (
            REGISTERED_BECAUSE,
            judged.form_is_registered,
            judged.form_is_registered_because,
            examination.registered_address != written and _differs(found.form_registered),
        ),
        (
            ON_PAPERS_BECAUSE,
            judged.identity_is_form,
            judged.identity_is_form_because,
            examination.identity_address != written and _differs(found.identity_form),
        ),
    )
    return tuple(
        name for name, is_one, because, differs in pairs if is_one and differs and not because
    )


def reason_defects(examination: Examination) -> Iterator[Defect]:
    """The defects of the reasons: an individual number in one, or one that says nothing."""
    for name in (REGISTERED_BECAUSE, ON_PAPERS_BECAUSE):
        because = getattr(examination.addresses, name)
        if because is None:
            continue
        yield from my_number_defects(because, f"/addresses/{name}")
        if not because.strip():
            yield Defect(f"/addresses/{name}", "SCHEMA", "say it in words")


def _differs(compared: Comparison | None) -> bool:
    # A text that names no place is compared as one that differs, even from itself: callers pass it.
    return compared is not None and compared.proposal is AddressProposal.DIFFERS
