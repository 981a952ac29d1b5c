"""One test a case, straight from the files."""

from tests.acceptance.reading import Case
from tests.acceptance.running import differences, outcome_of


def test_the_product_decides_as_the_case_says(case: Case) -> None:
    assert not differences(case.expect, outcome_of(case))
