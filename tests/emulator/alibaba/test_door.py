"""The second port: HTTPS with the authority of the instances, and the files of the environment file."""

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from kms_emulator.alibaba import CLOUD
from kms_emulator.doors import door_of
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from tests.emulator.alibaba.gateway_support import GatewayClient, private_key
from tests.emulator.alibaba.support import SOFTWARE, Client


def variables(path: Path) -> dict[str, str]:
    lines = (shlex.split(line)[1] for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines)


def started(environment: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kms_emulator", "--env-file", str(environment), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("kms_emulator ready")
    return process


def stopped(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def from_environment(told: dict[str, str]) -> GatewayClient:
    file = json.loads(Path(told["ALIBABA_KMS_CLIENT_KEY_FILE"]).read_text(encoding="utf-8"))
    key = private_key(file["PrivateKeyData"], told["ALIBABA_KMS_CLIENT_KEY_PASSWORD"])
    return GatewayClient(told["ALIBABA_KMS_GATEWAY"], file["KeyId"], key, verify=told["ALIBABA_KMS_CA_FILE"])


def test_the_environment_file_is_all_that_a_gateway_client_needs(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"), "--cloud", "alibaba")
    process = started(tmp_path / "kms.env", *data)
    told = variables(tmp_path / "kms.env")
    first = from_environment(told)
    try:
        assert told["ALIBABA_KMS_GATEWAY"].startswith("https://127.0.0.1:")
        assert first.call("GenerateRandom", {1: 8})[1]
        for name in ("ALIBABA_KMS_CLIENT_KEY_FILE", "ALIBABA_KMS_CA_FILE"):
            assert Path(told[name]).parent == tmp_path
            assert Path(told[name]).stat().st_mode & 0o777 == 0o600
        shared = Client(told["KMS_ENDPOINT_ALIBABA"])
        chain = shared.call("GetKmsInstance", KmsInstanceId=SOFTWARE)["KmsInstance"]["CaCertificateChainPem"]
        assert chain == Path(told["ALIBABA_KMS_CA_FILE"]).read_text(encoding="utf-8")
        shared.session.close()
    finally:
        first.session.close()
        stopped(process)
    process = started(tmp_path / "again.env", *data)
    try:
        again = from_environment(variables(tmp_path / "again.env"))
        assert again.key.private_numbers() == first.key.private_numbers()
        again.session.close()
    finally:
        stopped(process)


def test_the_gateway_does_not_trust_another_authority(emulator: Emulator, tmp_path: Path) -> None:
    door = door_of(emulator, tmp_path, host="127.0.0.1", port=0)
    assert door is not None
    with door as url, pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{url}/_emulator/health", timeout=5)


def test_an_authority_that_was_set_by_hand_stays(emulator: Emulator, tmp_path: Path) -> None:
    emulator.settings.update({"alibaba.ca_chain": "by hand"})
    assert door_of(emulator, tmp_path, host="127.0.0.1", port=0) is not None
    assert emulator.settings.get("ca_chain", "alibaba") == "by hand"


def test_without_a_seeded_client_key_only_address_and_authority_are_told(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    credentials = "[{id: LTAI-example-id, secret: example-secret}]"
    users = f"[{{id: '2', name: somebody, credentials: {credentials}}}]"
    seed.write_text(f"accounts: {{alibaba: [{{id: '1', users: {users}}}]}}\n", encoding="utf-8")
    directory = load_seed(seed).directory
    emulator = Emulator(tmp_path, [CLOUD], load_seed(seed))
    door = door_of(emulator, tmp_path, host="127.0.0.1", port=0)
    assert door is not None
    with door:
        assert set(door.exports(directory, tmp_path / "kms.env")) == {"ALIBABA_KMS_GATEWAY", "ALIBABA_KMS_CA_FILE"}
    emulator.close()


def test_a_seed_without_accounts_has_nothing_to_tell(emulator: Emulator, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("accounts: {}\n", encoding="utf-8")
    door = door_of(emulator, tmp_path, host="127.0.0.1", port=0)
    assert door is not None
    assert door.exports(load_seed(seed).directory, tmp_path / "kms.env") == {}


def test_a_cloud_without_a_gateway_has_no_door(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path, [], load_seed(None))
    assert door_of(emulator, tmp_path, host="127.0.0.1", port=0) is None
    emulator.close()
