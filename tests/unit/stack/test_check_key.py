"""What is refused for a cloud that can do next to nothing: no real cloud is that poor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kms_resources.capabilities import Answer, Capability, Support
from kms_resources.clouds import get_cloud
from kms_resources.model import Spec, Usage
from kms_resources.stack import Report, check, check_text
from kms_resources.stack.check_key import default_usage

HEAD = "version: 1\ntargets: {a: {cloud: tencent, region: ap-guangzhou}}\nkeys:\n  x: {target: a, spec: SM4, "


@pytest.fixture
def _poor_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    real = get_cloud("tencent")
    scheduled = {Capability.SCHEDULED_DELETION: Support(Answer.NOT_YET, "nobody has written it", "2026-08-21")}
    poor = replace(real, limits=replace(real.limits, supports=scheduled))
    monkeypatch.setattr(check, "get_cloud", lambda _name: poor)


def report(fields: str) -> Report:
    return check_text(f"{HEAD}{fields}}}\n".encode(), "x.yaml")


@pytest.mark.usefixtures("_poor_cloud")
@pytest.mark.parametrize(
    ("fields", "pointer", "what"),
    [
        ("description: text", "/keys/x/description", "description"),
        ("enabled: false", "/keys/x/enabled", "disabling a key"),
        ("tags: {a: b}", "/keys/x/tags", "tags"),
        ("rotation: {every_days: 90}", "/keys/x/rotation", "automatic rotation"),
        ("aliases: [x]", "/keys/x/aliases", "aliases"),
        ("origin: EXTERNAL", "/keys/x/origin", "imported key material"),
        ("protection: HSM", "/keys/x/protection", "choosing the protection level"),
    ],
)
def test_what_the_cloud_does_not_list_is_refused_where_it_is_asked_for(fields: str, pointer: str, what: str) -> None:
    problems = report(fields).problems

    assert [(found.id, found.pointer) for found in problems] == [("cannot", pointer)]
    assert f"Tencent Cloud does not offer {what}: the cloud's documents do not mention it" in str(problems[0])


@pytest.mark.usefixtures("_poor_cloud")
def test_a_capability_that_is_not_written_yet_is_refused_with_its_reason() -> None:
    problems = report("deletion: {policy: schedule}").problems

    assert [found.pointer for found in problems] == ["/keys/x/deletion/policy"]
    assert "nobody has written it" in str(problems[0])


@pytest.mark.usefixtures("_poor_cloud")
def test_an_instance_is_refused_where_the_cloud_has_none() -> None:
    text = HEAD.replace("guangzhou}", "guangzhou, instance: cls-hsm-1}") + "}\n"

    assert [found.pointer for found in check_text(text.encode(), "x.yaml").problems] == ["/targets/a/instance"]


@pytest.mark.usefixtures("_poor_cloud")
def test_what_is_off_is_not_refused() -> None:
    assert report("enabled: true, rotation: off, aliases: [], tags: {}, description: ''").problems == ()


def test_a_clouds_own_rule_is_checked_even_beside_a_note() -> None:
    found = report('tags: {"qcs:x": v}, deletion_protection: true, deletion: {policy: schedule}')

    assert [problem.id for problem in found.problems] == ["refused-by-cloud"]
    assert [note.id for note in found.notes] == ["protected-from-schedule"]


@pytest.mark.parametrize("spec", Spec)
def test_the_usage_of_a_spec_never_changes(spec: Spec) -> None:
    signing = {Spec.EC_P256, Spec.EC_P256K, Spec.EC_P384}
    expected = Usage.SIGN_VERIFY if spec in signing else Usage.ENCRYPT_DECRYPT

    assert default_usage(spec) is (Usage.GENERATE_VERIFY_MAC if spec is Spec.HMAC_SM3 else expected)
