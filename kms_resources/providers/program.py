"""The Pulumi program: a stack file becomes resources, or nothing at all happens."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pulumi

from kms_resources import model
from kms_resources.clouds import get_cloud
from kms_resources.errors import CredentialsError, KmsError
from kms_resources.model import DesiredAlias, DesiredKey
from kms_resources.providers.access_resources import AccessPoint, KeyPolicy
from kms_resources.providers.process import DEBUG_VARIABLE
from kms_resources.providers.resources import Alias, Key, Target
from kms_resources.providers.use_resources import CertificateRequest, Ciphertext, PublicKey, Secret
from kms_resources.stack import load_stack
from kms_resources.stack.check_access_points import marked_points
from kms_resources.stack.check_policy import marked_policies
from kms_resources.stack.check_secrets import marked
from kms_resources.uses import Uses

SAID_ALREADY = 32
"""The exit code by which a program tells the language host that its error has been shown."""
FILE_SETTING = "file"
"""`pulumi config set file stacks/other.yaml` chooses another file than `stacks/<stack>.yaml`."""
KEYS_IN_FLIGHT = 32
"""Keys of one target that wait for the engine at a time. The engine takes what it is given in order: were all keys
registered at once, the first alias would wait for the last key, and the rates of both could not be used side by side.
More than the engine works on at a time, so that it never waits for the program."""


def run() -> None:
    """Register everything that the stack file declares.

    The whole file is checked and all credentials are looked for before the first resource, because the engine stops
    at the first bad resource and would leave the rest unsaid.
    """
    try:
        _register(Path(pulumi.Config().get(FILE_SETTING) or f"stacks/{pulumi.get_stack()}.yaml"))
    except KmsError as error:
        if os.environ.get(DEBUG_VARIABLE) == "1":
            raise
        pulumi.log.error(str(error))
        sys.exit(SAID_ALREADY)


def _register(file: Path) -> None:
    stack = load_stack(file)
    desired = stack.desired_keys(pulumi.get_project(), pulumi.get_stack())
    used = {key.target.name: key.target for key in desired}
    used |= {secret.target.name: secret.target for secret in stack.uses.secrets}
    used |= {point.target.name: point.target for point in stack.uses.access_points}
    _insist_on_connections(used.values())
    targets = {
        name: Target(
            name,
            cloud=target.cloud,
            region=target.region,
            instance=target.instance,
            credentials=target.credentials,
        )
        for name, target in used.items()
    }
    aliases: dict[str, list[DesiredAlias]] = {}
    for alias in stack.desired_aliases():
        aliases.setdefault(alias.key, []).append(alias)

    async def declare_all() -> None:
        keys: dict[str, Key] = {}
        await asyncio.gather(
            *(
                _declare(target, [key for key in desired if key.target.name == name], aliases, keys)
                for name, target in targets.items()
            )
        )
        _declare_uses(stack.uses, keys)
        for secret in marked(stack.uses.secrets, pulumi.get_project(), pulumi.get_stack()):
            Secret.declared(secret, targets[secret.target.name], keys.get(secret.key))
        for policy in marked_policies(stack.uses.policies, pulumi.get_project(), pulumi.get_stack()):
            KeyPolicy.declared(policy, keys[policy.key])
        for point in marked_points(stack.uses.access_points, pulumi.get_project(), pulumi.get_stack()):
            AccessPoint.declared(point, targets[point.target.name], keys)

    pulumi.run(declare_all)


async def _declare(
    target: Target, desired: Iterable[DesiredKey], aliases: Mapping[str, Sequence[DesiredAlias]], keys: dict[str, Key]
) -> None:
    in_flight: deque[Key] = deque()
    for key in desired:
        if len(in_flight) == KEYS_IN_FLIGHT:
            await _settled(in_flight.popleft())
        declared = Key.declared(key, target)
        in_flight.append(declared)
        keys[key.name] = declared
        for alias in aliases.get(key.name, ()):
            Alias(alias.name, target=target, key=declared)


def _declare_uses(uses: Uses, keys: Mapping[str, Key]) -> None:
    """What the stack does with its keys, and what of it others want to read: the outputs of the stack."""
    ciphertexts = {one.name: Ciphertext.declared(one, keys[one.key]) for one in uses.ciphertexts}
    public_keys = {one.name: PublicKey.declared(one, keys[one.key]) for one in uses.public_keys}
    requests = {one.name: CertificateRequest.declared(one, keys[one.key]) for one in uses.requests}
    for title, outputs in (
        ("ciphertexts", {name: one.ciphertext for name, one in ciphertexts.items()}),
        ("public_keys", {name: one.pem for name, one in public_keys.items()}),
        ("certificate_requests", {name: one.pem for name, one in requests.items()}),
    ):
        if outputs:
            pulumi.export(title, outputs)


async def _settled(key: Key) -> None:
    # A key that fails is reported by the engine; here it only makes room for the next one.
    with suppress(Exception):
        await key.urn.future()


def _insist_on_connections(targets: Iterable[model.Target]) -> None:
    problems = []
    for target in targets:
        try:
            get_cloud(target.cloud).connect(target, os.environ)
        except KmsError as error:
            problems.append(str(error))
    if problems:
        raise CredentialsError("\n".join(problems))
