"""`kms emulator`: the clouds on one port, to try everything with no account."""

from __future__ import annotations

import click

from kms_resources.errors import InputError


def _load() -> click.Command:
    try:
        from kms_emulator.cli import main
    except ModuleNotFoundError as error:
        raise InputError(
            "the emulator is not installed",
            why=f"the module {error.name} is missing",
            advice="pip install 'kms-resources[emulator]'",
        ) from None
    return main


command = _load()
