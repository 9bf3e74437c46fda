"""Key pairs of openssl, made once."""

from collections.abc import Callable

import pytest

from kms_resources.model import Spec
from tests.unit.crypto.openssl import OpenSslKey


@pytest.fixture(scope="session")
def openssl_key(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Spec], OpenSslKey]:
    folder = tmp_path_factory.mktemp("openssl")
    made: dict[Spec, OpenSslKey] = {}

    def key(spec: Spec) -> OpenSslKey:
        if spec not in made:
            made[spec] = OpenSslKey.new(spec, folder)
        return made[spec]

    return key
