"""Emulators in this process, one for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rsa_keys import known_rsa_keys
from tests.support.workshop import Workshops, open_workshops


@pytest.fixture(autouse=True)
def _known_rsa_keys() -> Iterator[None]:
    # For the test alone: a session's patch would reach other folders, where two keys have to be two.
    with known_rsa_keys():
        yield


@pytest.fixture(scope="session")
def workshops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshops]:
    """As for the conformance suite."""
    with open_workshops(tmp_path_factory.mktemp("workshops")) as opened:
        yield opened


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one stack: two keys of one target, an alias, a secret."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/prod.yaml").write_text(STACK, encoding="utf-8")
    return tmp_path


STACK = """\
version: 1
targets:
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
keys:
  orders: {target: guangzhou, spec: SM4, aliases: [orders-now]}
  ledger: {target: guangzhou, spec: SM4}
secrets:
  db: {target: hangzhou, name: prod/db, value: {from_env: DB_PASSWORD}}
"""
