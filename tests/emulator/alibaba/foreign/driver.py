"""Runs in the environment of the vendor's packages: reads one call in JSON from each line, writes one answer in JSON.

A call: which client (`gcs`, `transfer`), its `config`, the name of the call, its `request` and `runtime` options. Bytes
are written as {"base64": text} in both directions.
"""

import base64
import inspect
import json
import re
import sys
from typing import Any

from alibabacloud_kms20160120 import models as shared_models
from alibabacloud_kms_kms20160120.models import KmsConfig, KmsRuntimeOptions
from alibabacloud_kms_kms20160120.transfer_client import TransferClient
from alibabacloud_tea_openapi.models import Config as SharedConfig
from openapi.models import Config
from openapi_util.models import RuntimeOptions
from sdk import models as gateway_models
from sdk.client import Client


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def given(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) and set(value) == {"base64"} else value


def told(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: told(entry) for name, entry in value.items()}
    return [told(entry) for entry in value] if isinstance(value, list | tuple) else value


def gcs(call: dict[str, Any]) -> Any:
    client = Client(Config(**call["config"]))
    request = getattr(gateway_models, f"{call['call']}Request")()
    for name, value in call["request"].items():
        setattr(request, snake(name), given(value))
    runtime = RuntimeOptions(**call["runtime"])
    return getattr(client, f"{snake(call['call'])}_with_options")(request, runtime).to_map()


def transfer(call: dict[str, Any]) -> Any:
    config = KmsConfig(**call["config"])
    shared = SharedConfig(**call["shared"]) if call["shared"] else None
    client = TransferClient(config=shared, kms_config=config)
    request = getattr(shared_models, f"{call['call']}Request")().from_map(call["request"])
    runtime = KmsRuntimeOptions(**call["runtime"])
    perform = getattr(client, f"{snake(call['call'])}_with_options")
    return perform(request, runtime).body.to_map()


KINDS = {"gcs": gcs, "transfer": transfer}


def answer(line: str) -> dict[str, Any]:
    call = json.loads(line)
    try:
        return {"result": told(KINDS[call["client"]](call))}
    except Exception as problem:  # noqa: BLE001 - whatever the packages raise is the answer
        inner = getattr(problem, "inner_exception", None) or problem
        return {
            "error": type(inner).__name__,
            "code": getattr(inner, "code", None) or "",
            "message": getattr(inner, "message", None) or str(inner),
        }


def say(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def main() -> None:
    operations = [name for name, _ in inspect.getmembers(Client, inspect.isfunction) if name.endswith("_with_options")]
    say({"operations": sorted(operations)})
    for line in sys.stdin:
        say(answer(line))


if __name__ == "__main__":
    main()
