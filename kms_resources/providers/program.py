"""The Pulumi program: a stack file becomes resources, or nothing at all happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pulumi

from kms_resources import model
from kms_resources.clouds import get_cloud
from kms_resources.errors import CredentialsError, KmsError
from kms_resources.providers.process import DEBUG_VARIABLE
from kms_resources.providers.resources import Alias, Key, Target
from kms_resources.stack import load_stack

SAID_ALREADY = 32
"""The exit code by which a program tells the language host that its error has been shown."""
FILE_SETTING = "file"
"""`pulumi config set file stacks/other.yaml` chooses another file than `stacks/<stack>.yaml`."""


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
    keys = {key.name: Key.declared(key, targets[key.target.name]) for key in desired}
    for alias in stack.desired_aliases():
        Alias(alias.name, target=targets[alias.target.name], key=keys[alias.key])


def _insist_on_connections(targets: Iterable[model.Target]) -> None:
    problems = []
    for target in targets:
        try:
            get_cloud(target.cloud).connect(target, os.environ)
        except KmsError as error:
            problems.append(str(error))
    if problems:
        raise CredentialsError("\n".join(problems))
