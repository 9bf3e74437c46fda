"""The rules of kms_resources as a Pulumi policy pack: `pulumi preview --policy-pack policy_pack`.

Severities, parameters and accepted findings come from `kms-rules.yaml` (named by `KMS_RULES`, else in this folder,
else in the folder above); `--policy-pack-config` overrides severities and parameters. What is about stack files only
(gateways) or needs the cloud's answer (credentials) is left to `kms review`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from kms_resources.errors import KmsError
from kms_resources.rules import USUAL, Config, Setting, Subject, load_config
from kms_resources.rules.scene import NOT_NEEDED, SUBJECTS, scene_of_resources
from kms_resources.rules.schema import parameter_schema
from kms_resources.rules.words import Hit

NAME = "kms-resources"
VARIABLE = "KMS_RULES"
LEVEL = "enforcementLevel"
"""What Pulumi adds to the configuration of every policy."""
Report = Callable[..., None]


def main() -> None:
    """Register the policies."""
    try:
        config = _config()
    except KmsError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
    today = datetime.now(UTC).date()
    PolicyPack(
        NAME, policies=[one for setting in config.settings.values() for one in _policies(setting, config, today)]
    )


def _config() -> Config:
    here = Path(__file__).resolve().parent
    named = os.environ.get(VARIABLE)
    places = [Path(named)] if named else [place / USUAL for place in (here, here.parent)]
    return next((load_config(place) for place in places if named or place.is_file()), Config())


def _policies(setting: Setting, config: Config, today: date) -> Iterable[Policy]:
    rule = setting.rule
    about: dict[str, Any] = {
        "name": rule.id,
        "description": f"{rule.title}. Instead: {rule.remedy}.",
        "enforcement_level": EnforcementLevel(setting.severity) if setting.severity else EnforcementLevel.DISABLED,
    }
    if rule.parameters:
        # Without defaults, which the engine would put in the place of what kms-rules.yaml says.
        properties = {each.name: parameter_schema(each, default=False) for each in rule.parameters}
        about["config_schema"] = PolicyConfigSchema(properties=properties)

    def found(resources: Iterable[tuple[str, Mapping[str, Any]]], given: Mapping[str, Any]) -> list[Hit]:
        chosen = {name: value for name, value in given.items() if name != LEVEL}
        hits = rule.look(scene_of_resources(resources, today), rule.values({**setting.values, **chosen}))
        return [hit for hit in hits if not _accepted(rule.id, hit, config, today)]

    def one(args: ResourceValidationArgs, report: Report) -> None:
        if SUBJECTS.get(args.resource_type) in rule.subjects:
            for hit in found([(args.resource_type, _known(args.props))], args.get_config()):
                report(_sentence(hit))

    def all_(args: StackValidationArgs, report: Report) -> None:
        resources = [(each.resource_type, _known(each.props)) for each in args.resources]
        urns = {str(each.name): each.urn for each in args.resources if each.resource_type in SUBJECTS}
        for hit in found(resources, args.get_config()):
            report(_sentence(hit), urns.get(hit.key))

    if Subject.STACK in rule.subjects:
        yield StackValidationPolicy(validate=all_, **about)
    elif set(rule.subjects) & set(SUBJECTS.values()):
        yield ResourceValidationPolicy(validate=one, **about)


def _accepted(rule: str, hit: Hit, config: Config, today: date) -> bool:
    stack = f"stacks/{os.environ.get('PULUMI_STACK', '')}.yaml"
    return any(each.until >= today and each.covers(rule, hit.key, hit.path, stack) for each in config.ignored)


def _sentence(hit: Hit) -> str:
    return f"{'.'.join(hit.path)}: {hit.message}"


def _known(props: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, without what a preview does not know yet and no rule needs.

    An unknown value that a rule does need raises, and Pulumi then says so instead of taking it for right.
    """
    return {name: _plain(props, name, lenient=name in NOT_NEEDED) for name in props}


def _plain(holder: Any, name: Any, *, lenient: bool) -> Any:
    try:
        value = holder[name]
    except UnknownValueError:
        if lenient:
            return ""
        raise
    if isinstance(value, Mapping):
        return {each: _plain(value, each, lenient=lenient) for each in value}
    if not isinstance(value, str) and hasattr(value, "__len__"):
        return [_plain(value, place, lenient=lenient) for place in range(len(value))]
    return value


main()
