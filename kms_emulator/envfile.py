"""The environment file: what a shell must export so that clients talk to this emulator."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kms_emulator.seed import Directory

# The vendors' own names for credentials: (access key id, secret, session token).
_CREDENTIALS = {
    "tencent": ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"),
    "tencent_legacy": ("", "", ""),  # those of tencent
    "alibaba": ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"),
    "ctyun": ("CTYUN_AK", "CTYUN_SK", ""),
}


def environment(url: str, directory: Directory, authority: Path | None) -> dict[str, str]:
    """The variables: endpoints, the first credential of each cloud in the seed, and the authority to trust."""
    variables = {f"KMS_ENDPOINT_{cloud.upper()}": url for cloud in _CREDENTIALS}
    for cloud, names in _CREDENTIALS.items():
        for principal in directory.of_cloud(cloud)[:1]:
            values = (principal.access_key_id, principal.secret, principal.token)
            variables |= {name: value for name, value in zip(names, values, strict=True) if name and value}
    if authority is not None:
        variables["REQUESTS_CA_BUNDLE"] = str(authority.resolve())
    return variables


def write_environment(path: Path, variables: Mapping[str, str]) -> None:
    """Write the environment file."""
    # shlex.quote leaves harmless words bare; here every value is quoted, so that the form is always the same.
    write_private(path, "".join(f"export {name}={_quoted(value)}\n" for name, value in variables.items()))


def write_private(path: Path, content: str) -> None:
    """Write a file in one step, readable by its owner only."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _quoted(value: str) -> str:
    return shlex.quote(value) if "'" in value else f"'{value}'"
