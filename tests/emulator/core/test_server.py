"""Requests through the whole emulator with the sample cloud."""

import concurrent.futures
import contextlib
import http.client
import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from kms_emulator.emulator import Emulator
from kms_emulator.server import EmulatorServer
from kms_emulator.tls import make_certificates
from tests.emulator.core.conftest import Client


def test_a_made_key_can_be_read_by_id_and_by_alias(client: Client) -> None:
    made = client.call("CreateKey", alias="mine").json()
    assert client.call("GetKey", id=made["id"]).json()["alias"] == "mine"
    assert client.call("GetKey", id="mine").json()["state"] == "Enabled"


def test_documents_of_the_seed_exist(client: Client) -> None:
    assert client.aliases() == ["from-seed"]


def test_a_wrong_signature_is_refused(client: Client) -> None:
    answer = client.call("CreateKey", secret="wrong", alias="mine")
    assert (answer.status_code, answer.json()) == (403, {"code": "WrongSignature"})


def test_a_request_for_no_cloud_names_the_clouds(client: Client) -> None:
    answer = requests.get(f"{client.url}/nowhere", timeout=5)
    assert answer.status_code == 404
    assert "sample" in answer.json()["understood"]


def test_a_request_that_cannot_be_named_gets_the_clouds_own_answer(client: Client) -> None:
    answer = requests.post(client.url, data=b"{", headers={"X-Sample-Action": "GetKey"}, timeout=5)
    assert answer.json() == {"code": "BadBody"}


def test_a_refusal_rolls_back(client: Client) -> None:
    assert client.call("CreateKey", alias="mine", then="refuse").status_code == 400
    assert client.aliases() == ["from-seed"]


def test_a_defect_rolls_back_and_is_reported_with_its_traceback(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = client.call("CreateKey", alias="mine", then="crash")
    assert answer.status_code == 500
    assert "defect in the emulator of sample" in answer.json()["error"]
    assert "RuntimeError: crash on purpose" in capfd.readouterr().err
    assert client.aliases() == ["from-seed"]


def test_a_cloud_sees_path_query_and_body_exactly_as_sent(client: Client) -> None:
    headers = {
        "X-Sample-Action": "EchoTarget", "X-Sample-Id": "sample-id", "X-Sample-Secret": "sample-secret",
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    with contextlib.closing(http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=5)) as connection:
        connection.request("POST", "/a%2Fb/%E5%AF%86?x=1+2%20&y=%2b", b'{"a": "%20+"}', headers)
        answer = json.loads(connection.getresponse().read())
    assert answer == ["/a%2Fb/%E5%AF%86", "x=1+2%20&y=%2b", '{"a": "%20+"}']


def test_one_connection_serves_many_requests(client: Client) -> None:
    target = urlsplit(client.url)
    with contextlib.closing(http.client.HTTPConnection(target.netloc, timeout=5)) as connection:
        connection.connect()
        first = connection.sock
        for _ in range(3):
            connection.request("GET", "/_emulator/health")
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["status"]) == (200, "ok")
            assert connection.sock is first


def test_concurrent_creations_with_one_alias_make_exactly_one_key(client: Client) -> None:
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: Client(client.url).call("CreateKey", alias="same").status_code, range(48)))
    assert sorted(set(answers)) == [200, 409]
    assert answers.count(200) == 1
    assert client.aliases() == ["from-seed", "same"]


def test_a_killed_emulator_has_lost_no_answered_write(tmp_path: Path) -> None:
    def start() -> tuple[subprocess.Popen[str], Client]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.emulator.core.sample", str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        return process, Client(process.stdout.readline().strip())

    process, client = start()
    with process:
        wanted = [f"key-{number}" for number in range(20)]
        assert [client.call("CreateKey", alias=alias).status_code for alias in wanted] == [200] * 20
        process.send_signal(signal.SIGKILL)
    process, client = start()
    with process:
        assert client.aliases() == ["from-seed", *wanted]
        process.kill()


def test_https_is_trusted_through_the_authority_that_was_made(emulator: Emulator, tmp_path: Path) -> None:
    made = make_certificates(tmp_path, "127.0.0.1")
    with EmulatorServer(emulator, tls=(made.certificate, made.key)) as url:
        assert url.startswith("https://127.0.0.1:")
        assert requests.get(f"{url}/_emulator/health", verify=str(made.authority), timeout=5).json()["status"] == "ok"
    assert made.key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_writes_the_environment_before_it_is_ready_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    seed, env_file = tmp_path / "seed.yaml", tmp_path / "env"
    seed.write_text(
        "accounts: {tencent: [{id: '1', users: [{id: '2', name: a, credentials: [{id: AKIDEXAMPLE, secret: it's}]}]}]}"
    )
    arguments = ["--tls", "--seed", str(seed), "--env-file", str(env_file), "--data", str(tmp_path / "data")]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "kms_emulator", *arguments], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 20)[0]
        url = process.stdout.readline().split()[-1]
        content = env_file.read_text()
        authority = tmp_path / "data" / "ca.pem"
        health = requests.get(f"{url}/_emulator/health", verify=str(authority), timeout=5)
        process.send_signal(number)
        assert process.wait(10) == 0
    assert health.status_code == 200
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert content.splitlines() == [
        f"export KMS_ENDPOINT_TENCENT='{url}'",
        f"export KMS_ENDPOINT_TENCENT_LEGACY='{url}'",
        f"export KMS_ENDPOINT_ALIBABA='{url}'",
        f"export KMS_ENDPOINT_CTYUN='{url}'",
        "export TENCENTCLOUD_SECRET_ID='AKIDEXAMPLE'",
        "export TENCENTCLOUD_SECRET_KEY='it'\"'\"'s'",
        f"export REQUESTS_CA_BUNDLE='{authority}'",
    ]


def test_a_data_folder_serves_one_emulator_at_a_time(emulator: Emulator, client: Client, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "kms_emulator", "--data", str(tmp_path)],
        check=False, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    assert result.returncode == 1
    assert "cannot be opened as the emulator's store: database is locked" in result.stderr


def test_answers_are_json_with_their_full_length(client: Client) -> None:
    answer = client.call("GetKey", id="seeded")
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.content == json.dumps(answer.json(), separators=(",", ":")).encode()
