"""Canaries: credentials that are looked for everywhere afterwards and must be nowhere."""

import base64
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clouds import CTYUN, TENCENT, Clouds, Shop, open_shop, run_clouds
from tests.support.engine import descendants

SECRETS = {
    "tencent secret": "CANARYtencentSecret7Qv2xW9",
    "tencent token": "CANARYtencentToken4Zk8pL1",
    "ctyun secret": "CANARYctyunSecret5Hn3mT6",
    "profile secret": "CANARYprofileSecret2Bd9sR4",
    "wrong secret": "CANARYwrongSecret8Xc1vY7",
}
SEED = f"""\
accounts:
  tencent:
    - id: "100000000001"
      users:
        - id: "100000000002"
          name: operator
          credentials:
            - id: AKIDCANARY0000000000000000000000000
              secret: {SECRETS["tencent secret"]}
              token: {SECRETS["tencent token"]}
            - {{id: AKIDPROFILE000000000000000000000000, secret: {SECRETS["profile secret"]}}}
  ctyun:
    - id: canary-account
      users:
        - id: canary-user
          name: operator
          root: true
          credentials: [{{id: CANARYctyunId, secret: {SECRETS["ctyun secret"]}}}]
"""
LEAVE = "deletion: {policy: schedule, window_days: 7}"
STACK = f"""\
keys:
  orders:
    {{target: guangzhou, spec: SM4, description: words, aliases: [canary], tags: {{owner: payments}}, {LEAVE}}}
  cold: {{target: north, spec: AES_256, rotation: {{every_days: 90}}, {LEAVE}}}
"""


def forms(secret: str) -> list[bytes]:
    """A secret as it would show: plain, and in base64 at each of three offsets."""
    raw = secret.encode()
    found = [raw, raw.hex().encode()]
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        # The first and the last group depend on the neighbours.
        found.append(text[4 if shift else 0 : len(text) // 4 * 4 - 4])
    return found


@contextlib.contextmanager
def watched_command_lines() -> Iterator[set[bytes]]:
    """The command lines of everything below this process, looked at all the time."""
    seen: set[bytes] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for pid in descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    seen.add(Path(f"/proc/{pid}/cmdline").read_bytes())
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@pytest.fixture
def canary_clouds(tmp_path: Path) -> Iterator[Clouds]:
    with run_clouds(tmp_path / "clouds", seed=SEED) as clouds:
        yield clouds


def test_no_credential_reaches_state_logs_outputs_or_command_lines(tmp_path: Path, canary_clouds: Clouds) -> None:
    with (
        open_shop(tmp_path / "shop", canary_clouds, "canaries") as shop,
        watched_command_lines() as command_lines,
    ):
        shop.stack(STACK)
        log = str(shop.project.directory / "events.json")
        events = {"PULUMI_DEBUG_COMMANDS": "true"}
        shop.ok("up", "--yes", "--event-log", log, "--logtostderr", "-v=9", env=events)
        shop.clouds.console(TENCENT).disable_key(shop.key_id("orders"))
        shop.clouds.console(CTYUN).set_rotation(shop.key_id("cold", CTYUN), None)
        assert shop.run("preview", "--refresh", "--json", "--expect-no-changes", "--show-config").returncode == 7
        _profile(shop)
        own = {"TENCENTCLOUD_SECRET_ID": "", "TENCENTCLOUD_SECRET_KEY": "", "TENCENTCLOUD_TOKEN": ""}
        shop.up("--refresh", env=own)
        wrong = {"TENCENTCLOUD_SECRET_KEY": SECRETS["wrong secret"], "CTYUN_SK": SECRETS["wrong secret"]}
        shop.refused("preview", "--refresh", "--event-log", f"{log}.2", env={**wrong, **events})
        shop.run("up", "--yes", "--skip-preview", "--refresh", env={**wrong, "KMS_DEBUG": "1"})
        shop.ok("stack", "export", "--show-secrets", "--file", "export.json")
        shop.outputs += _kms(shop, "validate"), _kms(shop, "--debug", "validate", "--format", "json")
        shop.ok("destroy", "--yes", "--event-log", f"{log}.3", env=events)
        places = {
            "outputs": "".join(shop.outputs).encode(),
            "command lines": b"\n".join(command_lines),
            **{
                str(file.relative_to(tmp_path)): file.read_bytes()
                for file in shop.project.directory.rglob("*")
                if file.is_file()
            },
        }
        assert len([name for name in places if "events.json" in name]) == 3
        assert any(b"kms_engine_provider" in line or b"pulumi.dynamic" in line for line in command_lines)
        assert b"canaries/dev/orders" in places["outputs"]
    found = [
        (what, place)
        for what, secret in SECRETS.items()
        for place, content in places.items()
        for form in forms(secret)
        if form in content
    ]
    assert found == []


def test_a_canary_would_be_found() -> None:
    text = base64.b64encode(b'{"key": "' + SECRETS["tencent secret"].encode() + b'"}')
    assert any(form in text for form in forms(SECRETS["tencent secret"]))


def _profile(shop: Shop) -> None:
    """The vendor's own file, in the home of the person."""
    folder = Path(shop.project.environment["HOME"]) / ".tencentcloud"
    folder.mkdir()
    (folder / "credentials").write_text(
        f"[default]\nsecret_id = AKIDPROFILE000000000000000000000000\nsecret_key = {SECRETS['profile secret']}\n",
        encoding="utf-8",
    )


def _kms(shop: Shop, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", "from kms_resources.cli import main; main()", *arguments],
        cwd=shop.project.directory, env=shop.project.variables(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr
