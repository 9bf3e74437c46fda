"""Which actions a method of a client can send, read off its source: what its docstring has to name."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Collection, Mapping

from kms_emulator.alibaba.actions import ACTIONS as ALIBABA
from kms_emulator.tencent.services import SERVICES
from kms_emulator.tencent_legacy.actions import ACTIONS as LEGACY
from kms_resources.clouds.ctyun.words import OPERATIONS

ACTIONS: Mapping[str, Mapping[str, str]] = {
    "tencent": {name: name for service in SERVICES.values() for name in service.actions},
    "alibaba": {name: name for name in ALIBABA},
    "ctyun": {word: operation.name for word, operation in OPERATIONS.items()},
    "tencent-legacy": {name: name for name in LEGACY},
}
"""Cloud → the word by which its client calls an action, and the action; the names are the emulator's where they can."""


def reached(cloud: str, client: type, method: str, others: Collection[str]) -> set[str]:
    """The actions of a method and of the helpers that it calls, not of the `others`: they speak for themselves."""
    tree = ast.parse(inspect.getsource(sys.modules[client.__module__]))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    (own,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == client.__name__)
    helpers = {node.name: node for node in own.body if isinstance(node, ast.FunctionDef)}
    waiting, seen, words = [helpers[method]], set(), set()
    while waiting:
        node = waiting.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        words |= _words(node)
        called = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute) and _is_self(each.value)}
        waiting += [helpers[name] for name in sorted(called & helpers.keys() - set(others))]
        named = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        waiting += [functions[name] for name in sorted(named & functions.keys())]
    return {ACTIONS[cloud][word] for word in words & ACTIONS[cloud].keys()}


def _words(node: ast.AST) -> set[str]:
    # What stands in brackets is looked up in a table, not sent.
    looked_up = {id(each.slice) for each in ast.walk(node) if isinstance(each, ast.Subscript)}
    constants = (each for each in ast.walk(node) if isinstance(each, ast.Constant) and id(each) not in looked_up)
    return {each.value for each in constants if isinstance(each.value, str)}


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
