"""What every refusal must be: one of our errors, a sentence, and nothing of what was to be kept secret."""

import base64
import traceback
from collections.abc import Callable

import pytest

from kms_resources.errors import KmsError

LONG_ENOUGH = 6
"""Shorter secrets stand by chance in request ids and dates."""


def refused(attempt: Callable[[], object], *secrets: bytes) -> KmsError:
    """The error of an attempt that must fail; neither it nor its traceback holds a secret, in any usual spelling."""
    with pytest.raises(KmsError) as raised:
        attempt()
    error = raised.value
    assert len(str(error).split()) > 3, error
    assert "Traceback" not in str(error)
    # Without the frames' source lines, which are the test's own words.
    chain = "".join(
        f"{type(one.exc_type)}{part}"
        for one in [traceback.TracebackException.from_exception(error)]
        for part in one.format_exception_only()
    )
    hidden: BaseException | None = error
    while hidden is not None:
        chain += f"{hidden!s}{hidden!r}"
        hidden = hidden.__cause__ or (None if hidden.__suppress_context__ else hidden.__context__)
    for secret in secrets:
        if len(secret) >= LONG_ENOUGH:
            spellings = [secret.hex(), base64.b64encode(secret).decode().rstrip("="), repr(secret)[2:-1]]
            assert not [spelling for spelling in spellings if spelling in chain], "a secret stands in an error"
    return error
