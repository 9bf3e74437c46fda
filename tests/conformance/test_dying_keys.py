"""A key that waits for its deletion is never replaced in silence, even where no listing shows it."""

from contextlib import suppress

import pytest

from kms_resources.errors import CloudError
from kms_resources.model import DesiredAlias
from kms_resources.operations import aliases, keys
from tests.conformance.conftest import Case


@pytest.mark.parametrize("named", [False, True])
def test_a_dying_key_is_never_doubled_by_a_program_that_forgot_it(case: Case, named: bool) -> None:
    desired = case.schedulable(case.key())
    first = case.make(desired)
    if named:
        aliases.create(case.site, DesiredAlias("orders", case.target, "orders"), first.id)
    case.restart()
    keys.delete(case.site, desired, first.id, first.account)
    case.restart()
    with suppress(CloudError):
        assert keys.create(case.site, desired).key.id == first.id
    assert set(case.mine(desired)) <= {first.id}
    assert case.site.client.describe_key(first.id).marker == desired.marker
