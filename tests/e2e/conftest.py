"""Whole runs: YAML → real engine → emulator process. One emulator per module, one project per test."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.clouds import Clouds, Shop, open_shop, run_clouds

GOLDEN = Path(__file__).with_name("golden")

SEED = """\
accounts:
  tencent:
    - id: "100000000001"
      regions: [ap-guangzhou, ap-shanghai]
      users:
        - {id: "100000000002", name: operator,
           credentials: [{id: AKIDEXAMPLE0000000000000000000000000, secret: kmsExampleSecretKey0000000000000}]}
    - id: "100000000009"
      users:
        - {id: "100000000010", name: stranger,
           credentials: [{id: AKIDOTHER000000000000000000000000000, secret: kmsOtherSecretKey000000000000000}]}
  alibaba:
    - id: "1000000000000001"
      users:
        - {id: "200000000000000002", name: operator, credentials: [{id: LTAI-example-id, secret: example-secret}]}
    - id: "1000000000000009"
      users:
        - {id: "200000000000000010", name: stranger, credentials: [{id: LTAI-other-id, secret: other-secret}]}
  ctyun:
    - id: example-ctyun-account
      users:
        - {id: example-ctyun-user, name: operator, root: true,
           credentials: [{id: 0123456789abcdef0123456789abcdef, secret: fedcba9876543210fedcba9876543210}]}
    - id: other-ctyun-account
      users:
        - {id: other-ctyun-user, name: stranger, root: true,
           credentials: [{id: 1123456789abcdef0123456789abcdef, secret: 1edcba9876543210fedcba9876543210}]}
documents:
  alibaba:
    - kind: instances
      account: "1000000000000001"
      region: cn-hangzhou
      id: kst-hzz62ee817bvyyr5x
      document:
        {id: kst-hzz62ee817bvyyr5x, name: hardware, type: hardware, status: Connected, key_quota: 5000, default: false}
    - kind: policies
      account: "1000000000000001"
      region: cn-hangzhou
      id: example-hardware
      document:
        {id: example-hardware, instance: kst-hzz62ee817bvyyr5x, resources: ["key/*", "secret/*"],
         permissions: [RbacPermission/Template/CryptoServiceKeyUser, RbacPermission/Template/CryptoServiceSecretUser]}
    - kind: access-points
      account: "1000000000000001"
      region: cn-hangzhou
      id: example-application
      document: {id: example-application, policies: [example-hardware]}
    - kind: client-keys
      account: "1000000000000001"
      id: KAAP.00000000-0000-4000-8000-000000000001
      document:
        {id: KAAP.00000000-0000-4000-8000-000000000001, region: cn-hangzhou, access_point: example-application,
         password: example-password-1}
"""
"""Two accounts at each cloud; the environment file exports the first one of each."""

STRANGER = {
    "TENCENTCLOUD_SECRET_ID": "AKIDOTHER000000000000000000000000000",
    "TENCENTCLOUD_SECRET_KEY": "kmsOtherSecretKey000000000000000",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI-other-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "other-secret",
    "CTYUN_AK": "1123456789abcdef0123456789abcdef",
    "CTYUN_SK": "1edcba9876543210fedcba9876543210",
}
"""The credentials of another account, which exists and has no key."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    """The module's emulator."""
    with run_clouds(tmp_path_factory.mktemp("clouds"), "--no-quotas", seed=SEED) as clouds:
        yield clouds


@pytest.fixture
def clouds(running: Clouds) -> Iterator[Clouds]:
    """The emulator, without faults at the beginning and the end."""
    running.calm()
    yield running
    running.calm()


@pytest.fixture
def new_shop(clouds: Clouds, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Shop]]:
    """Make projects; each is named after the test, and so are its markers."""
    words = re.sub(r"\W+", "-", request.node.name.removeprefix("test_"))[:28].strip("-_")
    # The digest keeps apart what is cut off: two tests of one name would take over each other's keys.
    base = f"p{words}-{hashlib.sha256(request.node.name.encode()).hexdigest()[:6]}"
    with ExitStack() as opened:

        def make(suffix: str = "", stack: str = "dev") -> Shop:
            return opened.enter_context(open_shop(tmp_path / f"shop{suffix}", clouds, base + suffix, stack))

        yield make


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    """The test's project."""
    return new_shop()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of `golden/`; `--write-golden` writes it instead."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if request.config.getoption("--write-golden"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return compare
