"""What people read when something is wrong: a sentence, no traceback, a failing exit code, a state that still works."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import SEED
from tests.support.clouds import CREDENTIAL_VARIABLES, ROOT, TENCENT, Shop, open_shop, run_clouds

Golden = Callable[[str, str], None]
TWO = "keys: {orders: {target: guangzhou, spec: SM4}, cold: {target: north, spec: SM4}}\n"
THREE = TWO.replace("}}\n", "}, a: {target: hangzhou, spec: AES_256}}\n")
NOBODY = dict.fromkeys(CREDENTIAL_VARIABLES, "")


def test_a_wrong_stack_names_every_problem_with_its_place_and_does_nothing(shop: Shop, golden: Golden) -> None:
    mark = shop.clouds.mark()
    shop.stack(
        "keys:\n  orders: {target: guangzho, spec: SM4}\n  cold: {target: north, spec: AES_257, tags: {a: b}}\n"
        "  orders: {target: north}\n"
    )
    golden("wrong-stack", shop.normal(shop.refused("preview")))
    shop.refused("up", "--yes", "--skip-preview")
    assert shop.clouds.actions(mark) == []


def test_a_stack_without_a_file_says_which_file_is_missing(shop: Shop, golden: Golden) -> None:
    golden("no-stack-file", shop.normal(shop.refused("preview")))


def test_missing_credentials_of_all_targets_are_named_in_one_go_before_anything_is_made(
    shop: Shop, golden: Golden
) -> None:
    mark = shop.clouds.mark()
    shop.stack(THREE)
    golden("no-credentials", shop.normal(shop.refused("up", "--yes", "--skip-preview", env=NOBODY)))
    assert shop.clouds.actions(mark) == []
    assert shop.ids() == {}


def test_half_a_credential_is_named(shop: Shop) -> None:
    shop.stack(TWO)
    said = shop.refused("preview", env={"CTYUN_SK": ""})
    assert "target north: no credentials: CTYUN_SK is not set" in said


def test_an_endpoint_that_is_down_is_named_and_the_next_run_works(shop: Shop, golden: Golden) -> None:
    shop.stack(TWO)
    shop.up()
    down = {"KMS_ENDPOINT_TENCENT": "http://127.0.0.1:9", "KMS_ENDPOINT_CTYUN": "http://127.0.0.1:9"}
    golden("endpoint-down", shop.normal(shop.refused("preview", "--refresh", env=down)))
    shop.refused("up", "--yes", "--skip-preview", "--refresh", env=down)
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_cloud_that_is_down_does_not_cost_time_for_each_key(shop: Shop) -> None:
    keys = "".join(f"  k{number}: {{target: guangzhou, spec: SM4}}\n" for number in range(40))
    shop.stack("keys:\n" + keys)
    shop.up()
    down = {"KMS_ENDPOINT_TENCENT": "http://127.0.0.1:9"}
    result = shop.run("preview", "--refresh", env=down, timeout=30)
    assert result.returncode not in {0, 7}
    assert "no connection to 127.0.0.1:9" in result.stdout


WRONG_ENVIRONMENTS = (
    ({"TENCENTCLOUD_SECRET_KEY": "a-wrong-one"}, "AuthFailure.SignatureFailure"),
    ({"TENCENTCLOUD_SECRET_ID": "AKIDNOBODY"}, "AuthFailure.SecretIdNotFound"),
    ({"CTYUN_SK": "a-wrong-one"}, "target north: listKeys was refused"),
    ({"KMS_ENDPOINT_TENCENT": "http://kms.example.com"}, "KMS_ENDPOINT_TENCENT does not begin with https://"),
    ({"KMS_RATE_FACTOR": "fast"}, "KMS_RATE_FACTOR is 'fast'"),
)


def test_a_wrong_environment_is_told_in_a_sentence_and_leaves_a_state_that_works(shop: Shop) -> None:
    # One project for all: whatever a wrong run left behind, the last one would stumble over it.
    shop.stack(TWO)
    shop.up()
    for variables, sentence in WRONG_ENVIRONMENTS:
        said = shop.refused("up", "--yes", "--skip-preview", "--refresh", env=variables)
        assert sentence in said
        assert "a-wrong-one" not in said
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_wrong_clock_is_told_in_a_sentence(shop: Shop, golden: Golden) -> None:
    # One target only: the engine may stop the second provider before it has said its sentence.
    shop.stack("keys:\n  orders: {target: guangzhou, spec: SM4}\n")
    shop.clouds.control("POST", "settings", {"signing_clock": "emulated"})
    shop.clouds.advance(3600)
    try:
        golden("wrong-clock", shop.normal(shop.refused("up", "--yes", "--skip-preview")))
    finally:
        shop.clouds.control("POST", "settings", {"signing_clock": "real"})
        shop.clouds.advance(-3600)
    shop.up()
    shop.calm()


def test_a_region_that_the_cloud_does_not_know_is_told_in_a_sentence(shop: Shop) -> None:
    shop.stack(
        "version: 1\ntargets: {somewhere: {cloud: tencent, region: ap-nowhere}}\n"
        "keys: {orders: {target: somewhere, spec: RSA_2048}}\n"
    )
    said = shop.refused("up", "--yes", "--skip-preview")
    assert "target somewhere: " in said
    assert "UnsupportedRegion" in said
    assert shop.ids() == {}


def test_tls_without_our_authority_is_told_in_a_sentence(
    tmp_path: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        run_clouds(tmp_path / "tls", "--tls", seed=SEED) as clouds,
        open_shop(tmp_path / "shop", clouds, "tls-told") as shop,
    ):
        shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
        blank = {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": ""}
        golden("tls", shop.normal(shop.refused("up", "--yes", "--skip-preview", env=blank)))
        missing = {"REQUESTS_CA_BUNDLE": str(tmp_path / "nowhere.pem")}
        said = shop.refused("up", "--yes", "--skip-preview", env=missing)
        assert "REQUESTS_CA_BUNDLE" in said
        words = tmp_path / "words.pem"
        words.write_text("no certificate", encoding="utf-8")
        said = shop.refused("up", "--yes", "--skip-preview", env={"REQUESTS_CA_BUNDLE": str(words)})
        assert "REQUESTS_CA_BUNDLE" in said
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", clouds.environ["REQUESTS_CA_BUNDLE"])
        shop.up()
        shop.keys(TENCENT)
        shop.calm()


def test_a_corrupt_state_file_is_refused_and_left_as_it_is(shop: Shop) -> None:
    shop.stack(TWO)
    shop.up()
    (file,) = shop.project.state.glob(f".pulumi/stacks/{shop.name}/dev.json")
    good = file.read_text(encoding="utf-8")
    file.write_text(good[: len(good) // 2], encoding="utf-8")
    mark = shop.clouds.mark()
    result = shop.run("up", "--yes", "--skip-preview")
    assert result.returncode != 0
    assert "Traceback" not in result.stdout + result.stderr
    assert shop.clouds.actions(mark) == []
    file.write_text(good, encoding="utf-8")
    shop.calm()


DAMAGES: tuple[tuple[dict[str, object], str], ...] = (
    ({"spec": "DES"}, "DES"),
    ({"target": None}, "target"),
    ({"marker": None}, "marker"),
    ({"deletion": {"policy": "whatever"}}, "whatever"),
    ({"rotation": {"every_days": "soon"}}, "soon"),
    ({"target": {"cloud": "nimbus", "name": "x", "region": "y"}}, "nimbus"),
    ({"tags": "none"}, "state of"),
)


def test_a_resource_damaged_in_the_state_is_told_in_a_sentence_and_nothing_is_done(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4, rotation: {every_days: 90}, tags: {a: b}}}\n")
    shop.up()
    shop.ok("stack", "export", "--file", "good.json")
    mark = shop.clouds.mark()
    for damage, sentence in DAMAGES:
        _spoil(shop, damage)
        said = shop.refused("preview", "--refresh")
        assert "is damaged" in said
        assert sentence in said
    assert not {"CreateKey", "ScheduleKeyDeletion"} & set(shop.clouds.actions(mark))
    shop.ok("stack", "import", "--file", "good.json", "--force")
    shop.calm()


def test_a_damaged_resource_stops_an_up_without_refresh_before_anything_is_sent(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4, rotation: {every_days: 90}, tags: {a: b}}}\n")
    shop.up()
    shop.ok("stack", "export", "--file", "good.json")
    mark = shop.clouds.mark()
    _spoil(shop, {"rotation": {"every_days": "soon"}})
    assert "is damaged" in shop.refused("up", "--yes", "--skip-preview")
    assert shop.clouds.actions(mark) == []


def test_with_debug_the_traceback_is_there(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    result = shop.run("up", "--yes", "--skip-preview", env={"KMS_DEBUG": "1", "TENCENTCLOUD_SECRET_KEY": "wrong"})
    assert result.returncode != 0
    assert "Traceback" in result.stdout


def test_without_any_way_to_an_engine_the_sentence_names_the_ways(tmp_path: Path, golden: Golden) -> None:
    (tmp_path / "bin").mkdir()
    environ = {
        "PATH": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "KMS_ENGINE_NO_DOWNLOAD": "1",
        "PYTHONPATH": str(ROOT),
    }
    result = subprocess.run(
        [sys.executable, "-m", "kms_resources.engine"],
        env=environ, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, "Traceback" in result.stderr) == (3, False), result.stderr
    result = subprocess.run(
        [sys.executable, "-c", "from kms_resources.cli import main; main()", "engine"],
        env=environ, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 3, result.stderr
    golden("no-engine", result.stderr.replace(str(tmp_path), "<home>"))
    assert not [name for name in os.listdir(tmp_path) if name not in {"bin", "cache"}]


def _spoil(shop: Shop, changes: dict[str, object]) -> None:
    file = shop.project.directory / "good.json"
    state = json.loads(file.read_text(encoding="utf-8"))
    for resource in state["deployment"]["resources"]:
        if resource["urn"] == shop.urn("orders"):
            for part in ("inputs", "outputs"):
                for name, value in changes.items():
                    resource[part][name] = value
                    if value is None:
                        del resource[part][name]
    bad = shop.project.directory / "bad.json"
    bad.write_text(json.dumps(state), encoding="utf-8")
    shop.ok("stack", "import", "--file", "bad.json", "--force")
