"""`kms secret`: the value of a secret that the cloud keeps."""

from __future__ import annotations

import os
from typing import Any

import click

from kms_resources.cli.use_options import output_options, place_of, place_options


@click.command("secret")
@click.argument("name")
@click.option("--target", help="Target of the stack that has it; not needed for a secret of the stack.")
@click.option("--version", "version_id", default="", metavar="ID", help="This version.")
@click.option("--stage", default="", help="The version with this stage; without both, the current one.")
@click.option("--door", type=click.Choice(["shared", "instance"]), help="For this call only.")
@click.option("--encoding", default="", help="How texts become bytes on the instance's door; for this call only.")
@output_options
@place_options
def command(
    *,
    name: str,
    target: str | None,
    version_id: str,
    stage: str,
    door: str | None,
    encoding: str,
    output: str,
    force: bool,
    **place: Any,
) -> None:
    """Write the value of the secret NAME, exactly as it is stored.

    NAME is a secret of the stack, the name of a secret together with --target, or cloud://region/NAME. Only Alibaba
    Cloud keeps secrets in its KMS.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.capabilities import Capability
    from kms_resources.cli.files import no_core_dumps, refuse_terminal, replacing
    from kms_resources.crypto.checks import check_capability
    from kms_resources.use import open_target
    from kms_resources.use.reference import find_secret

    no_core_dumps()
    found, secret = find_secret(name, target, place_of(**place))
    client, cloud = open_target(found, os.environ, door=door or "", encoding=encoding)
    check_capability(cloud.limits, Capability.SECRETS, cloud.title, where=f"target {found.name}")
    value = client.secret_value(secret, version_id, stage).value
    refuse_terminal(value, output)
    with replacing(output, force=force) as sink:
        sink.write(value)
