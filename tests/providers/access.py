"""Policies and access points as the engine sees them: declared in words, in this process, the emulator behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from kms_resources.access.words import AccessPoint, Statement
from kms_resources.clouds.access import PolicyKey
from kms_resources.clouds.marking import derived_name
from kms_resources.model import Deletion, DeletionPolicy, DesiredKey, Marker, Settings, Spec, Target, Usage
from kms_resources.operations import access_points, policies
from kms_resources.providers import policy_props
from kms_resources.providers.access_point import AccessPointProvider
from kms_resources.providers.key import KeyProvider
from kms_resources.providers.key_policy import KeyPolicyProvider
from kms_resources.providers.props import Props, key_props
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy
from tests.support.emulator import InnerAdapter, Running
from tests.support.mini_engine import Declared, next_run

open_policies, open_points = policies.open_desk, access_points.open_desk


@contextmanager
def in_process(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the providers of this process work on the emulator, without sockets and without sleeping."""

    def inner(client: Any) -> None:
        api = client._api
        transport = getattr(api, "transport", None) or getattr(api, "_transport", None) or client._transport
        transport.sleep = running.pauses.append
        session: requests.Session = transport._session
        session.mount("https://", InnerAdapter(running.emulator))

    def policy_desk(target: Target, _environ: object, *_rest: object) -> policies.PolicyDesk:
        desk = open_policies(target, running.environ, running.pauses.append)
        inner(desk.keys or desk.identities)
        return desk

    def point_desk(target: Target, _environ: object, *_rest: object) -> access_points.PointDesk:
        desk = open_points(target, running.environ, running.pauses.append)
        inner(desk.client)
        return desk

    monkeypatch.setattr(policies, "open_desk", policy_desk)
    monkeypatch.setattr(access_points, "open_desk", point_desk)
    next_run()
    yield
    next_run()


class Key:
    """What a typed key gives: its outputs."""

    def __init__(self, key: PolicyKey) -> None:
        self.key_id, self.arn, self.account = key.id, key.arn, key.account


def declare_key(key: PolicyKey) -> None:
    """What the engine does first with a key of the program: it has it checked."""
    settings = Settings(Spec.SM4 if key.target.cloud == "tencent" else Spec.AES_256, Usage.ENCRYPT_DECRYPT)
    desired = DesiredKey(key.name, key.target, settings, key.marker)
    assert KeyProvider().check({}, key_props(desired)).failures == []


def policy(key: PolicyKey, *statements: Statement, native: Any = None) -> Declared:
    """A policy as a program registers it."""
    desired = DesiredPolicy(key.name, key.target, statements, native, key.marker)
    inputs = policy_props.policy_props(desired, Key(key))
    return Declared(f"policy:{key.name}", KeyPolicyProvider(), inputs)


def point(target: Target, place: AccessPoint, *, policy: DeletionPolicy = DeletionPolicy.PREVENT) -> Declared:
    """An access point as a program registers it."""
    marker = Marker("shop/prod/billing")
    desired = DesiredAccessPoint("billing", target, place, "words", (), Deletion(policy), marker)
    inputs: Props = policy_props.point_props(desired, derived_name(marker, 63), {})
    return Declared("access-point:billing", AccessPointProvider(), inputs)
