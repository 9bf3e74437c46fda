"""Rules: what a reviewer wants to know about a stack although it is valid.

::

    Stack → scene → every rule of `registry` → hits → places, `kms-rules.yaml` → Findings

A rule is a pure function; which of them count, how much, and what is accepted until when says `kms-rules.yaml`. The
policy pack asks the same rules about Pulumi's resources.
"""

from __future__ import annotations

from kms_resources.rules.check import Accepted, Findings, check, check_all
from kms_resources.rules.config import (
    USUAL,
    Config,
    Ignore,
    InvalidRulesError,
    Setting,
    load_config,
    read_config,
    usual_config,
)
from kms_resources.rules.places import Places
from kms_resources.rules.registry import RULES
from kms_resources.rules.words import Credential, Finding, Rule, RuleSeverity, Scene, Subject

__all__ = [
    "RULES",
    "USUAL",
    "Accepted",
    "Config",
    "Credential",
    "Finding",
    "Findings",
    "Ignore",
    "InvalidRulesError",
    "Places",
    "Rule",
    "RuleSeverity",
    "Scene",
    "Setting",
    "Subject",
    "check",
    "check_all",
    "load_config",
    "read_config",
    "usual_config",
]
