"""The first law as a property: over any history of edits and runs, a deletion is scheduled only with leave.

Leave means: the last *applied* stack said `deletion: {policy: schedule}` for this very key. An edit that was never
applied gives none, whatever else happens: crashes, lost state, forced replacements, refreshes, keys changed by hand.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.model import (
    ActualKey,
    Deletion,
    DeletionPolicy,
    DesiredKey,
    KeyId,
    Marker,
    Settings,
    Spec,
    Target,
    Usage,
)
from kms_resources.providers import process
from kms_resources.providers import props as stored
from kms_resources.providers.key import KeyProvider
from tests.conformance.conftest import TARGETS
from tests.support.emulator import Running, run_emulator
from tests.support.mini_engine import Declared, MiniEngine, RunFailedError, next_run

NAMES = ("orders", "ledger", "invoices")
SCHEDULE = {cloud: "scheduleKeyDeletion" if cloud == "ctyun" else "ScheduleKeyDeletion" for cloud in TARGETS}
policies = st.sampled_from(list(DeletionPolicy))
names = st.sampled_from(NAMES)


class Histories(RuleBasedStateMachine):
    """Edits of a stack, runs of the engine, and other people, in any order."""

    target: Target

    @initialize()
    def begin(self) -> None:
        self.rest = ExitStack()
        folder = self.rest.enter_context(tempfile.TemporaryDirectory())
        self.emulator: Running = self.rest.enter_context(
            run_emulator(Path(folder), http=False, clouds=[self.target.cloud.replace("-", "_")])
        )
        self.engine = MiniEngine()
        self.stack: dict[str, DesiredKey] = {}
        self.applied: dict[str, DeletionPolicy] = {}
        self.seen = 0
        self.leave: set[str] = set()
        next_run()
        self.original = process.open_site
        process.open_site = lambda target, _environ: self.emulator.site(target)

    def teardown(self) -> None:
        if hasattr(self, "rest"):
            process.open_site = self.original
            next_run()
            self.rest.close()

    @rule(name=names, policy=policies, protected=st.booleans())
    def declare(self, name: str, policy: DeletionPolicy, protected: bool) -> None:
        spec = Spec.SM4 if self.target.cloud.startswith("tencent") else Spec.AES_256
        self.stack[name] = DesiredKey(
            name,
            self.target,
            Settings(spec=spec, usage=Usage.ENCRYPT_DECRYPT, deletion_protection=protected),
            Marker(f"shop/prod/{name}"),
            Deletion(policy, 7),
        )

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.stack.pop(name, None)

    @rule(name=names, enabled=st.booleans(), words=st.sampled_from(["", "words"]))
    def edit(self, name: str, enabled: bool, words: str) -> None:
        if name in self.stack:
            old = self.stack[name]
            changed = Settings(
                spec=old.settings.spec,
                usage=old.settings.usage,
                enabled=enabled,
                description=words,
                deletion_protection=old.settings.deletion_protection,
            )
            self.stack[name] = DesiredKey(name, self.target, changed, old.marker, old.deletion)

    @rule(name=names)
    def edit_what_is_fixed(self, name: str) -> None:
        if name in self.stack:
            old = self.stack[name]
            fixed = Settings(spec=Spec.RSA_2048, usage=Usage.ENCRYPT_DECRYPT)
            self.stack[name] = DesiredKey(name, self.target, fixed, old.marker, old.deletion)

    @rule(refresh=st.booleans())
    def up(self, refresh: bool) -> None:
        self._run(lambda program: self.engine.up(program, refresh=refresh))

    @rule(name=names, delete_first=st.booleans())
    def up_with_forced_replacement(self, name: str, delete_first: bool) -> None:
        since = self.seen
        self._run(lambda program: self.engine.up(program, replace=[name], delete_first=delete_first))
        if name in self.stack:
            # Whatever the order, a key that is declared is never out of use, not for a moment.
            marked = {str(key.id) for key in self._keys_of(name)}
            asked = self.emulator.emulator.journal.entries(since=since)
            assert not [one for one in asked if one["action"] == SCHEDULE[self.target.cloud] and one["key"] in marked]
        if name in self.stack and name in self.engine.state:
            # Whatever the order, a key that is declared and applied is never left waiting for its deletion.
            held = self.engine.state[name]
            key = self.emulator.site(self.target).client.describe_key(KeyId(held.id))
            if held.outputs["phase"] == "complete" and self.finished:
                assert key.pending_deletion == ""

    @rule(steps=st.integers(0, 3))
    def up_killed_in_the_middle(self, steps: int) -> None:
        self._run(lambda program: self.engine.up(program, crash_after=steps))

    @rule()
    def state_is_lost(self) -> None:
        self.engine.state.clear()

    @rule(refresh=st.booleans())
    def destroy(self, refresh: bool) -> None:
        self._run(lambda _program: self.engine.destroy(refresh=refresh))

    @rule(name=names)
    def somebody_disables_a_key(self, name: str) -> None:
        site = self.emulator.site(self.target)
        for key in self._keys_of(name):
            if not key.pending_deletion:
                site.client.disable_key(key.id)

    @invariant()
    def every_scheduled_deletion_had_leave(self) -> None:
        if not hasattr(self, "emulator"):
            return
        for entry in self.emulator.emulator.journal.entries(since=self.seen):
            self.seen = int(str(entry["sequence"]))
            if entry["action"] == SCHEDULE[self.target.cloud]:
                assert str(entry["key"]) in self.leave, f"{entry['key']} was scheduled without leave"

    @invariant()
    def no_name_ever_has_two_keys(self) -> None:
        if not hasattr(self, "emulator"):
            return
        markers = [key.marker for key in self.emulator.site(self.target).sweep.keys().values()]
        assert len(markers) == len(set(markers))

    def _keys_of(self, name: str) -> list[ActualKey]:
        return self.emulator.site(self.target).sweep.marked(Marker(f"shop/prod/{name}"))

    def _run(self, run: Any) -> None:
        next_run()
        # Leave comes from what was applied before this run, never from the edits that this run is about to apply.
        self.leave = {
            held.id
            for held in self.engine.state.values()
            if held.outputs["deletion"]["policy"] == DeletionPolicy.SCHEDULE
        }
        self.finished = False
        try:
            run(list(self._program()))
            self.finished = True
        except RunFailedError:
            pass
        finally:
            self.every_scheduled_deletion_had_leave()
            self.leave = set()

    def _program(self) -> Iterator[Declared]:
        for key in self.stack.values():
            yield Declared(
                key.name,
                KeyProvider(),
                stored.key_props(key),
                protect=key.deletion.policy is DeletionPolicy.PREVENT,
                retain=key.deletion.policy is DeletionPolicy.ABANDON,
            )


@pytest.mark.parametrize("cloud", sorted(TARGETS))
def test_no_history_reaches_a_deletion_that_was_not_allowed(cloud: str) -> None:
    machine = type(f"Histories_{cloud}", (Histories,), {"target": TARGETS[cloud]})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.parametrize("cloud", sorted(TARGETS))
def test_the_law_can_be_broken_at_all(cloud: str) -> None:
    """With leave the same machinery does reach the cloud: the law above is not vacuous."""
    machine = type("Histories_one", (Histories,), {"target": TARGETS[cloud]})()
    machine.begin()
    try:
        machine.declare("orders", DeletionPolicy.SCHEDULE, protected=False)
        machine.up(refresh=False)
        machine.remove("orders")
        machine.up(refresh=False)
        assert SCHEDULE[cloud] in machine.emulator.actions(cloud.replace("-", "_"))
        assert get_cloud(cloud).limits.has(Capability.SCHEDULED_DELETION)
    finally:
        machine.teardown()
