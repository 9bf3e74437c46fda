"""Canaries in what keys are used for: plaintexts, secret values, key material, passwords, files in envelopes."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import SEED
from tests.e2e.test_secrets import forms, watched_command_lines
from tests.support.clouds import ALIBABA, CTYUN, TENCENT, Clouds, Shop, open_shop, run_clouds
from tests.support.engine import wait_until

CANARIES = {
    "plaintext": "CANARYplaintext7Qv2xW9",
    "second plaintext": "CANARYsecondPlain5Hn3mT6",
    "plaintext of a file": "CANARYfilePlaintext4Zk8pL1",
    "plaintext of a command": "CANARYcommandPlain2Bd9sR4",
    "secret value": "CANARYsecretValue8Xc1vY7",
    "second secret value": "CANARYsecondValue3Jw6uK5",
    "material in a variable": "CANARYmater9Tg4f",
    "material in a file": "CANARYmaterialInAFile0Lr7yE2qA1b",
    "other material": "CANARYother6Mz3h",
    "password of the client key": "CANARYclientKeyPassword1Fs8dN6",
    "file in an envelope": "CANARYenvelope5Pq0iO9",
    "what a command encrypts": "CANARYencrypt8Vb2cS4",
}
STACK = """\
version: 1
targets:
  guangzhou: {{cloud: tencent, region: {tencent.region}}}
  north: {{cloud: ctyun, region: {ctyun.region}}}
  hangzhou:
    cloud: alibaba
    region: {alibaba.region}
    instance: {alibaba.instance}
    gateway:
      endpoint: "{endpoint}"
      client_key: {{from_file: {client_key}}}
      password: {{from_env: CLIENT_KEY_PASSWORD}}
      ca: {{from_file: {ca}}}
keys:
  orders: {{target: guangzhou, spec: SM4}}
  imported: {{target: guangzhou, spec: SM4, origin: EXTERNAL, material: {{from_env: MATERIAL, expires: "{expires}"}}}}
  cold: {{target: north, spec: AES_256, origin: EXTERNAL, material: {{from_file: {folder}/material}}}}
  vault: {{target: hangzhou, spec: AES_256}}
ciphertexts:
  db: {{key: orders, plaintext: {{from_env: PLAINTEXT}}}}
  license: {{key: vault, plaintext: {{from_file: {folder}/plaintext}}}}
  token: {{key: cold, plaintext: {{from_command: cat {folder}/command}}}}
secrets:
  db: {{target: hangzhou, name: canary/db, value: {{from_env: VALUE}}, deletion: {{policy: schedule, window_days: 7}}}}
"""


@pytest.fixture
def clouds_with_a_password(tmp_path: Path) -> Iterator[Clouds]:
    seed = SEED.replace("example-password-1", CANARIES["password of the client key"])
    assert seed != SEED
    with run_clouds(tmp_path / "clouds", "--no-quotas", seed=seed) as running:
        yield running


def test_nothing_that_keys_protect_is_found_anywhere(tmp_path: Path, clouds_with_a_password: Clouds) -> None:
    theirs = tmp_path / "kept-apart"
    temporary = tmp_path / "temporary"
    for folder in (theirs, temporary):
        folder.mkdir()
    for name, what in (
        ("material", "material in a file"), ("plaintext", "plaintext of a file"), ("command", "plaintext of a command"),
        ("envelope", "file in an envelope"), ("encrypt", "what a command encrypts"),
    ):  # fmt: skip
        (theirs / name).write_text(CANARIES[what], encoding="ascii")
    with (
        open_shop(tmp_path / "shop", clouds_with_a_password, "canaries") as shop,
        watched_command_lines() as command_lines,
    ):
        _live(shop, theirs, temporary)
        journal = json.dumps(shop.clouds.control("GET", "journal?since=0"), ensure_ascii=False)
        places = {
            "outputs": "".join(shop.outputs).encode(),
            "command lines": b"\n".join(command_lines),
            "the emulator's journal": journal.encode(),
            "the emulator's log": (tmp_path / "clouds" / "emulator.log").read_bytes(),
            **{
                str(file.relative_to(tmp_path)): file.read_bytes()
                for folder in (shop.project.directory, temporary)
                for file in folder.rglob("*")
                if file.is_file()
            },
        }
    assert len([name for name in places if "events" in name]) == 3
    assert "PutSecretValue" in journal
    assert "value_fingerprint" in places["shop/project/export.json"].decode()
    assert any(b"envelope" in line for line in command_lines)
    found = [
        (what, place)
        for what, canary in CANARIES.items()
        for place, content in places.items()
        for form in forms(canary)
        if form in content
    ]
    assert found == []


def _live(shop: Shop, theirs: Path, temporary: Path) -> None:
    """Everything that a stack and a person do with keys, well and badly."""
    given = dict(shop.clouds.environ)
    stack = STACK.format(
        tencent=TENCENT, ctyun=CTYUN, alibaba=ALIBABA, folder=theirs, expires="EXPIRES",
        endpoint=given["ALIBABA_KMS_GATEWAY"], client_key=given["ALIBABA_KMS_CLIENT_KEY_FILE"],
        ca=given["ALIBABA_KMS_CA_FILE"],
    )  # fmt: skip
    blank = dict.fromkeys((name for name in given if name.startswith("ALIBABA_KMS_")), "")
    env = {
        **blank,
        "TMPDIR": str(temporary),
        "PULUMI_DEBUG_COMMANDS": "true",
        "CLIENT_KEY_PASSWORD": CANARIES["password of the client key"],
        "PLAINTEXT": CANARIES["plaintext"],
        "VALUE": CANARIES["secret value"],
        "MATERIAL": base64.b64encode(CANARIES["material in a variable"].encode()).decode(),
    }
    events = [str(shop.project.directory / f"events-{number}.json") for number in range(3)]
    shop.stack(stack.replace("EXPIRES", "2036-06-30"))
    shop.ok("up", "--yes", "--event-log", events[0], "--logtostderr", "-v=9", env=env)

    # Other material, and a cloud that answers nothing sensible.
    shop.stack(stack.replace("EXPIRES", "2037-06-30"))
    other = base64.b64encode(CANARIES["other material"].encode()).decode()
    changed = {**env, "PLAINTEXT": CANARIES["second plaintext"], "VALUE": CANARIES["second secret value"]}
    for action in ("PutSecretValue", "Encrypt", "AdvanceEncrypt", "ImportKeyMaterial"):
        shop.clouds.fault("cut_body", "", action)
    debug = shop.run(
        "up", "--yes", "--skip-preview", "--event-log", events[1], "--logtostderr", "-v=9",
        env={**changed, "MATERIAL": other, "KMS_DEBUG": "1"},
    )  # fmt: skip
    assert "Traceback" in debug.stdout + debug.stderr
    assert debug.returncode != 0
    shop.clouds.calm()

    # kill -9 while values are on their way.
    shop.clouds.fault("lost_after_commit", "alibaba", "PutSecretValue")
    mark = shop.clouds.mark()
    # Without checkpoints: a kill in the middle of writing one can leave the engine a state file that it cannot read.
    process = shop.project.start(
        ["up", "--yes", "--skip-preview", "--logtostderr", "-v=9"],
        {**changed, "PULUMI_SKIP_CHECKPOINTS": "true"},
        quiet=True,
    )
    wait_until(lambda: "PutSecretValue" in shop.clouds.actions(mark), 60.0, "a value is handed over")
    shop.project.kill_tree(process)
    shop.clouds.calm()
    shop.run("cancel", "--yes")
    shop.up("--refresh", "--event-log", events[2], env=changed)
    shop.ok("preview", "--refresh", "--expect-no-changes", "--show-config", "--json", env=changed)
    shop.ok("stack", "export", "--show-secrets", "--file", "export.json", env=env)
    _commands(shop, theirs, env)


def _commands(shop: Shop, theirs: Path, env: dict[str, str]) -> None:
    sealed, opened = str(shop.project.directory / "sealed"), str(theirs / "opened")
    for key in ("orders", "vault", "cold"):
        assert _kms(shop, env, "encrypt", key, str(theirs / "encrypt"), "-o", f"{sealed}-{key}") == 0
        assert _kms(shop, env, "--debug", "decrypt", key, f"{sealed}-{key}", "-c", "a=1", "-o", "nowhere") == 3
    assert _kms(shop, env, "decrypt", "vault", f"{sealed}-vault", "-o", opened) == 0
    assert _kms(shop, env, "envelope", "encrypt", "cold", str(theirs / "envelope"), "-o", sealed) == 0
    assert _kms(shop, env, "envelope", "decrypt", "cold", sealed, "-o", opened, "--force") == 0
    assert _kms(shop, env, "--debug", "envelope", "decrypt", "cold", sealed, "-c", "a=1", "-o", "nowhere") == 2
    assert _kms(shop, env, "secret", "db", "-o", opened, "--force") == 0
    plain = theirs / "base64"
    plain.write_bytes(base64.b64encode((theirs / "encrypt").read_bytes()))
    assert _kms(shop, env, "--debug", "call", "guangzhou", "Encrypt", "KeyId=nobody", f"Plaintext=@{plain}") == 3
    assert _kms(shop, env, "--debug", "call", "guangzhou", "Encrypt", "KeyI=nobody", f"Plaintext=@{plain}") == 2
    wrong = {**env, "TENCENTCLOUD_SECRET_KEY": "wrong"}
    assert _kms(shop, wrong, "--debug", "encrypt", "orders", str(theirs / "encrypt")) == 3


def _kms(shop: Shop, env: dict[str, str], *arguments: str) -> int:
    """A command; what it writes is looked at later. Its exit code."""
    result = subprocess.run(
        [sys.executable, "-c", "from kms_resources.cli import main; main()", *arguments],
        cwd=shop.project.directory, env=shop.project.variables(env), capture_output=True, text=True, check=False,
    )  # fmt: skip
    shop.outputs += [result.stdout, result.stderr]
    return result.returncode
