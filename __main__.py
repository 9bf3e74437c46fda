"""The Pulumi program of this project: `stacks/<stack>.yaml` becomes keys."""

from kms_resources.providers.program import run

run()
