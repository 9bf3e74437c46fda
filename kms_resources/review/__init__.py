"""Review of a change to stacks: who gains, who loses, who can still get back in, and what else matters about a key.

::

    inputs (revisions, files, a cloud) → snapshot (one side as facts) → access + changes (two sides) → run (the report)
    → text, markdown, as_json, sarif

Nothing here changes anything. Two revisions or two files need no network, no engine and no credentials.
"""

from __future__ import annotations

from kms_resources.review.run import Options, review
from kms_resources.review.words import Grade, Report

__all__ = ["Grade", "Options", "Report", "review"]
