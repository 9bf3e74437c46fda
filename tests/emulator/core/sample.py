"""A tiny cloud that shows the contract: keys with an alias, a state, and a deletion date.

Run as a program it serves itself: ``python -m tests.emulator.core.sample DATA_FOLDER``.
"""

import hmac
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from kms_emulator.contract import (
    Answer,
    Call,
    Context,
    Directory,
    DuplicateValueError,
    Index,
    Kind,
    Rate,
    Refused,
    Request,
    Switch,
    raw_target,
)
from kms_emulator.emulator import Emulator
from kms_emulator.seed import Seed, load_seed
from kms_emulator.server import EmulatorServer

SEED = """
accounts:
  sample:
    - id: account-one
      users:
        - {id: user-one, name: operator, credentials: [{id: sample-id, secret: sample-secret}]}
documents:
  sample:
    - {kind: keys, account: account-one, region: here, id: seeded, document: {alias: from-seed, state: Enabled}}
"""


def sample_seed(folder: Path) -> Seed:
    path = folder / "seed.yaml"
    path.write_text(SEED)
    return load_seed(path)


class SampleCloud:
    name = "sample"
    kinds: Sequence[Kind] = (
        Kind(
            "keys",
            indexes={
                "alias": Index(lambda key: [key["alias"]] if key.get("alias") else [], unique=True),
                "state": Index(lambda key: [key["state"]]),
            },
            due=lambda key: key.get("deletion_time"),
        ),
    )
    switches: Mapping[str, Switch] = {"colour": Switch("blue", "colour of keys", ("blue", "red"))}
    rates: Mapping[str, Rate] = {"write": Rate(per_second=0.001, burst=2)}

    def recognises(self, request: Request) -> bool:
        return "X-Sample-Action" in request.headers

    def describe(self, request: Request, directory: Directory) -> Call:
        try:
            data = json.loads(request.get_data() or b"{}")
        except ValueError:
            raise Refused(self._error(400, "BadBody")) from None
        action = request.headers["X-Sample-Action"]
        principal = directory.find(self.name, request.headers.get("X-Sample-Id", ""))
        return Call(
            action=action, request=request, account=principal.account if principal else "", region="here",
            pot="write" if action.startswith("Create") else "", key=str(data.get("id", "")), data=data,
        )  # fmt: skip

    def execute(self, call: Call, context: Context) -> Answer:
        principal = context.directory.find(self.name, call.request.headers.get("X-Sample-Id", ""))
        if principal is None or not hmac.compare_digest(
            principal.secret, call.request.headers.get("X-Sample-Secret", "")
        ):
            raise Refused(self._error(403, "WrongSignature"))
        keys = context.store.collection("keys", call.scope)
        for identifier in keys.due(context.now):
            keys.delete(identifier)
        action = getattr(self, f"_do_{call.action}", None)
        if action is None:
            raise Refused(self._error(404, f"UnknownAction.{call.action}"))
        answer: Answer = action(call, context)
        return answer

    def throttled(self, call: Call) -> Answer:
        return self._error(429, "TooMany")

    def outage(self, call: Call, status: int) -> Answer:
        return self._error(status, "Broken")

    @staticmethod
    def _error(status: int, code: str) -> Answer:
        return Answer.json({"code": code}, status=status, error=code)

    def _do_CreateKey(self, call: Call, context: Context) -> Answer:  # noqa: N802 - the action's name
        keys = context.store.collection("keys", call.scope)
        identifier = context.uuid()
        key = {"state": "Enabled", "colour": context.switch("colour"), "alias": call.data.get("alias", "")}
        try:
            keys.put(identifier, key)
        except DuplicateValueError:
            raise Refused(self._error(409, "AliasExists")) from None
        if call.data.get("then") == "crash":
            raise RuntimeError("crash on purpose")
        if call.data.get("then") == "refuse":
            raise Refused(self._error(400, "OnSecondThought"))
        return Answer.json({"id": identifier, "requestId": call.request_id}, key=identifier)

    def _do_GetKey(self, call: Call, context: Context) -> Answer:  # noqa: N802
        keys = context.store.collection("keys", call.scope)
        key = keys.get(call.key) or keys.find("alias", call.key)
        if key is None:
            raise Refused(self._error(404, "NoKey"))
        return Answer.json(key)

    def _do_ScheduleDeletion(self, call: Call, context: Context) -> Answer:  # noqa: N802
        keys = context.store.collection("keys", call.scope)
        key = keys.get(call.key)
        if key is None:
            raise Refused(self._error(404, "NoKey"))
        keys.put(call.key, {**key, "state": "PendingDeletion", "deletion_time": context.now + call.data["seconds"]})
        return Answer.json({})

    def _do_ListKeys(self, call: Call, context: Context) -> Answer:  # noqa: N802
        keys = context.store.collection("keys", call.scope)
        where = ("state", call.data["state"]) if "state" in call.data else None
        page = keys.list(where=where, start=call.data.get("start", 0), limit=call.data.get("limit"))
        return Answer.json({"aliases": [key["alias"] for key in page.items], "total": page.total})

    def _do_EchoTarget(self, call: Call, context: Context) -> Answer:  # noqa: N802
        return Answer.json([*raw_target(call.request), call.body.decode()])


def serve(folder: Path) -> None:
    """Serve until killed; used to test that a kill loses nothing."""
    emulator = Emulator(folder, [SampleCloud()], sample_seed(folder))
    with EmulatorServer(emulator) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
