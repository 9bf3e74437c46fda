"""A stack: YAML files, checked against the schema and against what each cloud can do, then frozen.

::

    source (YAML → nodes) → exposure (no secrets) → structure (the schema) → check, check_key (the clouds) → Stack

Every step reports all it finds, with file:line:column; a `Stack` exists only when none of them found an error.
"""

from __future__ import annotations

from kms_resources.problems import InvalidStackError, Position, Problem, Report
from kms_resources.stack.load import check_files, check_text, load_stack, load_stacks
from kms_resources.stack.types import DeclaredAlias, DeclaredKey, Stack

__all__ = [
    "DeclaredAlias",
    "DeclaredKey",
    "InvalidStackError",
    "Position",
    "Problem",
    "Report",
    "Stack",
    "check_files",
    "check_text",
    "load_stack",
    "load_stacks",
]
