"""Stacks for rules: what a test writes, checked, with its places."""

from datetime import date

from kms_resources.rules import Config, Credential, Finding, Findings, Places, check, read_config
from kms_resources.source import parse
from kms_resources.stack import Stack
from kms_resources.stack.check import check_document
from kms_resources.stack.structure import WORDS

TODAY = date(2026, 6, 1)
FILE = "stacks/dev.yaml"
TARGETS = """\
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
  north: {cloud: ctyun, region: bb9fdb42056f11eda1610242ac110002}
"""
HEADER = f"version: 1\ntargets:\n{TARGETS}"
LINES = HEADER.count("\n")


def whole(text: str) -> str:
    """The text of a whole file."""
    return text if text.startswith("version:") else f"version: 1\n{text}" if "targets:" in text else HEADER + text


def stack_of(text: str, file: str = FILE) -> tuple[Stack, Places]:
    """A stack, which must be valid, and its places."""
    document = parse(whole(text).encode(), file, WORDS)
    checked = check_document(document)
    assert checked.stack is not None, checked.problems
    return checked.stack, Places(checked.stack, document.root)


def findings(text: str, config: str = "", credentials: tuple[Credential, ...] = (), account: str = "") -> Findings:
    """What the rules say about a stack."""
    stack, places = stack_of(text)
    rules = read_config(config.encode(), "kms-rules.yaml") if config else Config()
    return check(stack, rules, TODAY, places=places, account=account, credentials=credentials)


def found(rule: str, text: str, config: str = "", account: str = "") -> list[Finding]:
    """What one rule says."""
    return [one for one in findings(text, config, account=account).found if one.rule == rule]


def said(rule: str, text: str, config: str = "", account: str = "") -> list[str]:
    """The same as path and sentence."""
    return [f"{'.'.join(one.path)}: {one.message}" for one in found(rule, text, config, account)]


def policy(*statements: str, cloud: str = "hangzhou") -> str:
    """A key with a policy of these statements, each on a line of its own."""
    spec = "SM4" if cloud == "guangzhou" else "AES_256"
    lines = "".join(f"      {one}\n" for one in statements)
    return f"keys:\n  orders:\n    target: {cloud}\n    spec: {spec}\n    policy:\n{lines}"


def native(*statements: str) -> str:
    """A key with a policy in Alibaba Cloud's own form; each statement is YAML in braces."""
    lines = "".join(f"          - {one}\n" for one in statements)
    return (
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n      native:\n"
        f'        Version: "1"\n        Statement:\n{lines}'
    )
