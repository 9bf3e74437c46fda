"""Resources as a policy pack sees them give the same hits as the stack file that they come from."""

from types import SimpleNamespace
from typing import Any

import pytest

from kms_resources.providers import policy_props, props, secret
from kms_resources.rules import RULES, Config, Rule, Subject
from kms_resources.rules.check import hits
from kms_resources.rules.scene import KEY_TYPE, POINT_TYPE, POLICY_TYPE, SECRET_TYPE, scene_of, scene_of_resources
from kms_resources.stack import Stack
from tests.unit.rules.support import TODAY, native, policy, stack_of

IN_THE_PACK = [rule for rule in RULES.values() if not {Subject.TARGET, Subject.CREDENTIAL} & set(rule.subjects)]
MORE = {
    "native": native('{Sid: a, Effect: Allow, Principal: {RAM: ["acs:ram::1:*"]}, Action: ["kms:*"], Resource: ["*"]}'),
    "conditions": policy(
        "admins: {principals: [account], actions: [policy]}",
        "app: {principals: [user/a], actions: [decrypt, sign], conditions: {source_ip: [0.0.0.0/0], mfa: true,"
        ' tag: {owner: x}, after: "2026-01-01T00:00:00Z"}}',
    ),
    "tencent": policy("all: {principals: [group/apps], actions: [administer, decrypt]}", cloud="guangzhou"),
    "secret": "keys: {v: {target: hangzhou, spec: AES_256, enabled: false, tags: {owner: x}}}\n"
    "secrets: {db: {target: hangzhou, value: {from_env: NOBODY_READS_THIS}, encryption_key: v}}\n",
    "never": "keys: {v: {target: hangzhou, spec: AES_256, origin: EXTERNAL, material: {from_file: v.key}}}\n",
}


def resources(text: str) -> list[tuple[str, dict[str, Any]]]:
    """What the providers would register, with numbers as the engine gives them back."""
    stack: Stack = stack_of(text)[0]
    made: list[tuple[str, dict[str, Any]]] = [
        (KEY_TYPE, {**props.key_props(key), "key_id": f"id-{key.name}"})
        for key in stack.desired_keys("project", "stack")
    ]
    known = SimpleNamespace(key_id="id", arn="", account="")
    made += [(POLICY_TYPE, policy_props.policy_props(one, known)) for one in stack.uses.policies]
    made += [
        (POINT_TYPE, policy_props.point_props(one, one.name, dict.fromkeys(one.keys, "")))
        for one in stack.uses.access_points
    ]
    made += [(SECRET_TYPE, secret.secret_inputs(one, f"id-{one.key}")) for one in stack.uses.secrets]
    return [(kind, floats(one)) for kind, one in made]


def floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: floats(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [floats(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize(
    "text",
    [*(rule.bad for rule in IN_THE_PACK), *(rule.good for rule in IN_THE_PACK), *MORE.values()],
    ids=[*(f"{rule.id}-bad" for rule in IN_THE_PACK), *(f"{rule.id}-good" for rule in IN_THE_PACK), *MORE],
)
def test_the_resources_of_a_stack_give_the_hits_of_its_file(text: str) -> None:
    seen = sorted(hits(scene_of_resources(resources(text), TODAY), Config()), key=repr)
    expected = sorted(hits(scene_of(stack_of(text)[0], TODAY), Config()), key=repr)
    assert seen == expected


@pytest.mark.parametrize("rule", IN_THE_PACK, ids=[rule.id for rule in IN_THE_PACK])
def test_every_rule_of_the_pack_finds_its_bad_example_among_resources(rule: Rule) -> None:
    assert list(rule.look(scene_of_resources(resources(rule.bad), TODAY), rule.values()))


def test_the_account_of_a_key_is_taken_from_its_policy_when_it_is_known() -> None:
    (_, kept), *_ = [one for one in resources(RULES["decrypt-to-other-account"].bad) if one[0] == POLICY_TYPE]
    own = {**kept, "account": "1000000000000009"}
    rule = RULES["decrypt-to-other-account"]
    assert list(rule.look(scene_of_resources([(POLICY_TYPE, own)], TODAY), rule.values())) == []


def test_resources_of_other_types_are_left_alone() -> None:
    assert list(hits(scene_of_resources([("aws:s3:Bucket", {"name": "x"})], TODAY), Config())) == []
