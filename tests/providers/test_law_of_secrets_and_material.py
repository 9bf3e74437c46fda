"""The first law for secrets and imported material, over random histories.

A secret's deletion reaches the cloud only when a stack that was applied before allows it, and what is declared and
applied never waits for its deletion. Deleting key material reaches the cloud never at all: no stack can say it.
"""

import base64
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kms_resources.clouds import get_cloud
from kms_resources.clouds.secrets import SecretsClient, SecretSettings, SecretState
from kms_resources.errors import NotFoundError
from kms_resources.model import (
    Deletion,
    DeletionPolicy,
    DesiredKey,
    KeyId,
    Marker,
    Material,
    Origin,
    Settings,
    Source,
    SourceKind,
    Spec,
    Target,
    Usage,
)
from kms_resources.providers import process, secret
from kms_resources.providers import props as stored
from kms_resources.providers.key import KeyProvider
from kms_resources.providers.secret import SecretProvider, secret_inputs
from kms_resources.uses import DesiredSecret
from tests.conformance.conftest import HARDWARE, TARGETS
from tests.support.emulator import INNER_URL, InnerAdapter, Running, run_emulator
from tests.support.mini_engine import Declared, MiniEngine, RunFailedError, next_run

PLACES = {"tencent": TARGETS["tencent"], "alibaba": HARDWARE, "ctyun": TARGETS["ctyun"]}
NAMES = ("db", "token")
MATERIAL = Source(SourceKind.ENV, "LAW_MATERIAL")
VALUE = "LAW_VALUE"
DELETES_MATERIAL = {"DeleteImportedKeyMaterial", "DeleteKeyMaterial", "deleteKeyMaterial"}
policies = st.sampled_from(list(DeletionPolicy))
names = st.sampled_from(NAMES)


class Machine(RuleBasedStateMachine):
    """Runs of the engine against an emulator, and what was allowed when they began."""

    target: Target

    @initialize()
    def begin(self) -> None:
        self.rest = ExitStack()
        folder = self.rest.enter_context(tempfile.TemporaryDirectory())
        patch = self.rest.enter_context(pytest.MonkeyPatch.context())
        self.emulator: Running = self.rest.enter_context(
            run_emulator(Path(folder), http=False, clouds=[self.target.cloud])
        )
        self.engine = MiniEngine()
        self.seen = 0
        self.leave: set[str] = set()
        self.finished = False
        patch.setattr(process, "open_site", lambda target, _environ: self.emulator.site(target))
        patch.setenv(VALUE, "a value")
        patch.setenv(MATERIAL.value, base64.b64encode(bytes(32 if self.target.cloud != "tencent" else 16)).decode())
        self.patch = patch
        self.rest.callback(next_run)
        self.prepare()

    def prepare(self) -> None:
        """What a machine of one kind needs besides."""

    def teardown(self) -> None:
        if hasattr(self, "rest"):
            self.rest.close()

    def program(self) -> Iterator[Declared]:
        raise NotImplementedError

    def look(self) -> None:
        """Look at what was asked since the last look."""
        for entry in self.emulator.emulator.journal.entries(since=self.seen):
            self.seen = int(str(entry["sequence"]))
            assert entry["action"] not in DELETES_MATERIAL
            if entry["action"] == "DeleteSecret":
                assert str(entry["key"]) in self.leave, f"{entry['key']} was scheduled without leave"

    @invariant()
    def nothing_is_deleted_without_leave(self) -> None:
        if hasattr(self, "emulator"):
            self.look()

    def run(self, run: Any) -> None:
        next_run()
        # Leave comes from what was applied before this run, never from the edits that this run is about to apply.
        self.leave = {
            held.id
            for held in self.engine.state.values()
            if held.outputs["deletion"]["policy"] == DeletionPolicy.SCHEDULE
        }
        self.finished = False
        try:
            run(list(self.program()))
            self.finished = True
        except RunFailedError:
            pass
        finally:
            self.look()
            self.leave = set()

    @rule(refresh=st.booleans())
    def up(self, refresh: bool) -> None:
        self.run(lambda program: self.engine.up(program, refresh=refresh))

    @rule(steps=st.integers(0, 2))
    def up_killed_in_the_middle(self, steps: int) -> None:
        self.run(lambda program: self.engine.up(program, crash_after=steps))

    @rule(name=names, delete_first=st.booleans())
    def up_with_forced_replacement(self, name: str, delete_first: bool) -> None:
        self.run(lambda program: self.engine.up(program, replace=[name], delete_first=delete_first))

    @rule()
    def state_is_lost(self) -> None:
        self.engine.state.clear()

    @rule(refresh=st.booleans())
    def destroy(self, refresh: bool) -> None:
        self.run(lambda _program: self.engine.destroy(refresh=refresh))


class Secrets(Machine):
    """Secrets that come, change and go."""

    def prepare(self) -> None:
        self.stack: dict[str, DesiredSecret] = {}
        self.patch.setattr(secret, "_doors", lambda target: (self.console(), process.site_of(target)))

    def console(self) -> SecretsClient:
        connect = get_cloud(self.target.cloud).connect_secrets
        assert connect
        client = connect(self.target, {**os.environ, **self.emulator.environ})
        transport = client._api.transport  # type: ignore[attr-defined]
        transport.sleep = self.emulator.pauses.append
        transport._session.mount(INNER_URL, InnerAdapter(self.emulator.emulator))
        return client

    def program(self) -> Iterator[Declared]:
        for one in self.stack.values():
            yield Declared(
                one.name,
                SecretProvider(),
                secret_inputs(one, ""),
                protect=one.deletion.policy is DeletionPolicy.PREVENT,
                retain=one.deletion.policy is DeletionPolicy.ABANDON,
            )

    @rule(name=names, policy=policies)
    def declare(self, name: str, policy: DeletionPolicy) -> None:
        self.stack[name] = DesiredSecret(
            name, self.target, f"law/{name}", Marker(f"shop/prod/{name}"), Source(SourceKind.ENV, VALUE),
            SecretSettings(instance=self.target.instance), deletion=Deletion(policy, 7),
        )  # fmt: skip

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.stack.pop(name, None)

    @rule(name=names, words=st.sampled_from(["", "words"]))
    def edit(self, name: str, words: str) -> None:
        if name in self.stack:
            old = self.stack[name]
            self.stack[name] = replace(old, settings=replace(old.settings, description=words))

    @rule(name=names)
    def move_to_another_name(self, name: str) -> None:
        if name in self.stack:
            self.stack[name] = replace(self.stack[name], cloud_name=f"law/other-{name}")

    @rule(value=st.sampled_from(["a value", "another value"]))
    def give_a_value(self, value: str) -> None:
        self.patch.setenv(VALUE, value)

    @rule(name=names)
    def somebody_schedules_a_deletion(self, name: str) -> None:
        console = self.console()
        try:
            if not console.describe_secret(f"law/{name}").planned_deletion:
                self.leave = {f"law/{name}"}
                console.delete_secret(f"law/{name}", 7)
                self.look()
        except NotFoundError:
            pass
        finally:
            self.leave = set()

    @invariant()
    def what_was_applied_just_now_is_not_dying(self) -> None:
        if getattr(self, "finished", False):
            self.finished = False
            for held in self.engine.state.values():
                if held.outputs["phase"] == "complete" and held.declared.urn in self.stack:
                    assert self.console().describe_secret(held.id).state is SecretState.ACTIVE


class Materials(Machine):
    """Keys with material from outside, which other people take away."""

    def prepare(self) -> None:
        self.stack: dict[str, DesiredKey] = {}
        real = self.emulator.site

        def site(target: Target) -> Any:
            made = real(target)
            connect = made.connect_crypto
            assert connect

            def connected() -> Any:
                client = connect()
                for transport in _transports(client):
                    transport.sleep = self.emulator.pauses.append
                    transport._session.mount(INNER_URL, InnerAdapter(self.emulator.emulator))
                return client

            return replace(made, connect_crypto=connected)

        self.open = site
        self.patch.setattr(process, "open_site", lambda target, _environ: site(target))

    def program(self) -> Iterator[Declared]:
        for key in self.stack.values():
            yield Declared(
                key.name,
                KeyProvider(),
                stored.key_props(key),
                protect=key.deletion.policy is DeletionPolicy.PREVENT,
                retain=key.deletion.policy is DeletionPolicy.ABANDON,
            )

    @rule(name=names, policy=policies, material=st.booleans(), expires=st.sampled_from(["", "2036-06-30"]))
    def declare(self, name: str, policy: DeletionPolicy, material: bool, expires: str) -> None:
        spec = Spec.SM4 if self.target.cloud == "tencent" else Spec.AES_256
        self.stack[name] = DesiredKey(
            name,
            self.target,
            Settings(spec, Usage.ENCRYPT_DECRYPT, Origin.EXTERNAL),
            Marker(f"shop/prod/{name}"),
            Deletion(policy, 7),
            material=Material(MATERIAL, expires) if material else None,
        )

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.stack.pop(name, None)

    @rule(right=st.booleans())
    def give_material(self, right: bool) -> None:
        size = 16 if self.target.cloud == "tencent" else 32
        self.patch.setenv(MATERIAL.value, base64.b64encode((b"\0" if right else b"\1") * size).decode())

    @rule(name=names)
    def material_ends_by_itself(self, name: str) -> None:
        if name in self.engine.state:
            self.emulator.advance(86_400.0)


def _transports(client: Any) -> Iterator[Any]:
    """The transports that a client for the use of keys has."""
    seen: list[Any] = [client]
    known: set[int] = set()
    while seen:
        part = seen.pop()
        if id(part) in known or not type(part).__module__.startswith("kms_resources.clouds"):
            continue
        known.add(id(part))
        if hasattr(part, "_session") and hasattr(part, "sleep"):
            yield part
        if hasattr(part, "__dict__"):
            seen += vars(part).values()


def _search(machine: type[Machine], examples: int) -> None:
    few = settings(
        max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=few)


def test_no_history_deletes_a_secret_without_leave() -> None:
    _search(type("Secrets_alibaba", (Secrets,), {"target": HARDWARE}), 50)


@pytest.mark.parametrize("cloud", PLACES)
def test_no_history_deletes_material(cloud: str) -> None:
    _search(type(f"Materials_{cloud}", (Materials,), {"target": PLACES[cloud]}), 25)


def test_with_leave_a_secret_is_deleted_and_the_law_is_not_vacuous() -> None:
    machine = type("Secrets_one", (Secrets,), {"target": HARDWARE})()
    machine.begin()
    try:
        machine.declare("db", DeletionPolicy.SCHEDULE)
        machine.up(refresh=False)
        machine.up_with_forced_replacement("db", delete_first=False)
        assert "DeleteSecret" not in machine.emulator.actions("alibaba")
        machine.remove("db")
        machine.up(refresh=False)
        assert machine.emulator.actions("alibaba").count("DeleteSecret") == 1
    finally:
        machine.teardown()


@pytest.mark.parametrize("cloud", PLACES)
def test_the_histories_of_material_import_some(cloud: str) -> None:
    machine = type("Materials_one", (Materials,), {"target": PLACES[cloud]})()
    machine.begin()
    try:
        machine.declare("db", DeletionPolicy.SCHEDULE, material=True, expires="2036-06-30")
        machine.up(refresh=True)
        assert machine.engine.state["db"].outputs["phase"] == "complete"
        key = machine.open(machine.target).client.describe_key(KeyId(machine.engine.state["db"].id))
        assert key.material_expires == "2036-06-30T00:00:00Z"
        machine.give_material(right=False)
        machine.declare("db", DeletionPolicy.SCHEDULE, material=True, expires="")
        machine.up(refresh=False)
        assert machine.engine.state["db"].outputs["phase"] == "incomplete"
    finally:
        machine.teardown()
