"""A small model of the Pulumi engine: the rules by which it calls providers, without its processes.

Enough for laws over many random histories, which the real engine is too slow for: outputs of unchanged resources are
kept; a refresh reads and then trusts what it read; creations and updates come before deletions; a protected resource
is not deleted; a forced replacement creates first and deletes afterwards; a crash forgets what was not yet written.
The real engine runs the same stories in `tests/providers/test_engine_*.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pulumi.dynamic import ResourceProvider

from kms_resources.errors import KmsError
from kms_resources.providers import access_point, declared, key_policy, process

Props = dict[str, Any]


def next_run() -> None:
    """The next `pulumi` command: provider processes remember nothing."""
    declared.forget()
    for opened in (process.site_of, key_policy.desk_of, access_point.desk_of):
        opened.forget()


@dataclass(frozen=True)
class Declared:
    """A resource as the program registers it."""

    urn: str
    provider: ResourceProvider
    inputs: Props
    protect: bool = False
    retain: bool = False


@dataclass
class Held:
    """A resource as state holds it."""

    declared: Declared
    id: str
    inputs: Props
    outputs: Props


class RunFailedError(Exception):
    """The run ended early, with a non-zero exit code."""


@dataclass
class MiniEngine:
    """State and the runs that change it."""

    state: dict[str, Held] = field(default_factory=dict)

    def up(
        self,
        program: Iterable[Declared],
        *,
        refresh: bool = False,
        replace: Iterable[str] = (),
        delete_first: bool = True,
        crash_after: int | None = None,
    ) -> None:
        """Bring the state to the program. A crash after N steps loses what those steps did from state.

        `delete_first` is the option `delete_before_replace`; a program of somebody's own may have it otherwise.
        """
        program = list(program)
        saved = dict(self.state)
        try:
            if refresh:
                self.refresh()
            doomed = self._create_and_update(program, set(replace), crash_after, delete_first=delete_first)
            gone = [held for urn, held in self.state.items() if urn not in {one.urn for one in program}]
            self._delete([*doomed, *reversed(gone)])
        except InterruptedError:
            self.state = saved
            raise RunFailedError("killed") from None
        except KmsError as error:
            raise RunFailedError(str(error)) from error

    def destroy(self, *, refresh: bool = False) -> None:
        """Delete everything, as `pulumi destroy --exclude-protected` does."""
        try:
            if refresh:
                self.refresh()
            self._delete([held for held in reversed(list(self.state.values())) if not held.declared.protect])
        except KmsError as error:
            raise RunFailedError(str(error)) from error

    def refresh(self) -> None:
        """Believe the cloud."""
        for urn, held in list(self.state.items()):
            found = held.declared.provider.read(held.id, held.outputs)
            if found.id == "":
                del self.state[urn]
            else:
                held.outputs, held.inputs = dict(found.outs or {}), dict(found.inputs or held.inputs)

    def changes(self, program: Iterable[Declared]) -> list[str]:
        """The URNs that `up` would touch; `preview --expect-no-changes` wants none."""
        program = list(program)
        touched = [urn for urn in self.state if urn not in {one.urn for one in program}]
        for one in program:
            held = self.state.get(one.urn)
            if held is None:
                touched.append(one.urn)
                continue
            inputs = self._check(one, held.inputs)
            if one.provider.diff(held.id, held.outputs, inputs).changes is not False:
                touched.append(one.urn)
        return touched

    def _create_and_update(
        self, program: list[Declared], replace: set[str], crash_after: int | None, *, delete_first: bool
    ) -> list[Held]:
        doomed = []
        for number, one in enumerate(program):
            if crash_after is not None and number >= crash_after:
                raise InterruptedError
            held = self.state.get(one.urn)
            inputs = self._check(one, held.inputs if held else {})
            if held is None or one.urn in replace:
                if held is not None:
                    if held.declared.protect:
                        raise RunFailedError("a protected resource cannot be replaced")
                    if delete_first:
                        self._delete([held])
                    else:
                        doomed.append(held)
                made = one.provider.create(inputs)
                self.state[one.urn] = Held(one, str(made.id), inputs, {**(made.outs or {}), "__provider": "ref"})
                continue
            if one.provider.diff(held.id, held.outputs, inputs).changes is not False:
                updated = one.provider.update(held.id, held.outputs, inputs)
                held.outputs = {**(updated.outs or {}), "__provider": "ref"}
            held.inputs, held.declared = inputs, one
        return doomed

    def _delete(self, doomed: list[Held]) -> None:
        if any(held.declared.protect for held in doomed if self.state.get(held.declared.urn) is held):
            raise RunFailedError("a protected resource cannot be deleted")
        for held in doomed:
            if not held.declared.retain:
                held.declared.provider.delete(held.id, held.outputs)
            if self.state.get(held.declared.urn) is held:
                del self.state[held.declared.urn]

    @staticmethod
    def _check(one: Declared, olds: Props) -> Props:
        result = one.provider.check(olds, {**one.inputs, "__provider": "ref"})
        if result.failures:
            raise RunFailedError("; ".join(failure.reason for failure in result.failures))
        return dict(result.inputs)
