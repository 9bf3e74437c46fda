"""Providers in this process, with the emulator behind them instead of a cloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_resources.model import DesiredKey, Marker, Settings, Spec, Target, Usage
from kms_resources.providers import process
from kms_resources.providers import props as stored
from kms_resources.providers.props import Props
from tests.support.emulator import Running, run_emulator
from tests.support.mini_engine import next_run

GUANGZHOU = Target("guangzhou", "tencent", "ap-guangzhou")
ORDERS = DesiredKey(
    "orders", GUANGZHOU, Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, rotation_days=90), Marker("shop/prod/orders")
)


@pytest.fixture
def tencent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    with run_emulator(tmp_path, http=False, clouds=["tencent"]) as running:
        monkeypatch.setattr(process, "open_site", lambda target, _environ: running.site(target))
        next_run()
        yield running
    next_run()


def inputs(desired: DesiredKey) -> Props:
    return {**stored.key_props(desired), "__provider": "reference"}
