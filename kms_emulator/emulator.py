"""One emulator: its clouds, store, clock, switches, faults and journal; and the way of one request through them."""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from werkzeug import Request

from kms_emulator.clock import Clock
from kms_emulator.contract import Answer, Call, Cloud, Context, Refused
from kms_emulator.faults import NOTHING_DONE, Chosen, FaultKind, FaultRule, Faults
from kms_emulator.journal import Journal
from kms_emulator.replay import ReplayGuard
from kms_emulator.seed import Seed
from kms_emulator.settings import Settings
from kms_emulator.store import Store
from kms_emulator.throttle import Throttle

STORE_FILE = "emulator.sqlite3"
_SEEDED = "seeded"
_NO_JSON = b"<html><body>502 from something in between</body></html>"


@dataclass(frozen=True)
class Sent:
    """What goes out: an answer, perhaps only half of its body; or nothing but a closed connection.

    ``key`` is the key that was made or meant although the answer does not say so.
    """

    answer: Answer | None
    cut: bool = False
    key: str = ""


class Emulator:
    """Answers requests. Safe to use from several threads."""

    def __init__(
        self,
        data: Path,
        clouds: Sequence[Cloud],
        seed: Seed,
        *,
        random_seed: int | None = None,
    ) -> None:
        self.clouds = tuple(clouds)
        self.store = Store(data / STORE_FILE, {cloud.name: cloud.kinds for cloud in clouds})
        self.clock = Clock(self.store)
        self.settings = Settings({cloud.name: cloud.switches for cloud in clouds})
        self.faults, self.journal = Faults(), Journal()
        self._seed, self._throttle, self._replay = seed, Throttle(), ReplayGuard()
        # A seed makes runs repeatable, which is worth more here than unguessable test keys.
        self._random = random.SystemRandom() if random_seed is None else random.Random(random_seed)  # noqa: S311
        for cloud in clouds:
            self._plant(cloud.name)

    def _plant(self, cloud: str) -> None:
        mark = f"{_SEEDED}.{cloud}"
        if self.store.meta(mark) is None:
            self._seed.plant(self.store, [cloud])
            self.store.set_meta(mark, "yes")

    def reset(self) -> None:
        """Empty the store, plant the seed again, set the clock to real time. Settings, faults and journal stay."""
        self.store.clear()
        self.clock.reset()
        self._throttle.clear()
        self._replay.clear()
        for cloud in self.clouds:
            self._plant(cloud.name)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def handle(self, request: Request) -> Sent | None:
        """Do one request; ``None`` when no cloud understands it."""
        request.get_data(cache=True)  # before anything parses it: signatures cover the exact bytes
        cloud = next((cloud for cloud in self.clouds if cloud.recognises(request)), None)
        if cloud is None:
            return None
        call = Call(action="", request=request)
        try:
            call = cloud.describe(request, self._seed.directory)
        except Refused as refusal:
            return self._journaled(cloud, call, Chosen(), Sent(refusal.answer))
        except Exception:  # noqa: BLE001 - a defect in a cloud must not stop the others
            return self._journaled(cloud, call, Chosen(), Sent(_defect(cloud, call)))
        chosen = self.faults.choose(cloud.name, call.action, call.key)
        if chosen.wait:
            time.sleep(chosen.wait)
        return self._journaled(cloud, call, chosen, self._perform(cloud, call, chosen.rule))

    def _perform(self, cloud: Cloud, call: Call, fault: FaultRule | None) -> Sent:
        if fault is not None and fault.kind in NOTHING_DONE:
            return self._spoiled(cloud, call, fault, None)
        rate = cloud.rates.get(call.pot) if self.settings.flag("throttle") else None
        if rate is not None and not self._throttle.admit((cloud.name, call.account, call.region, call.pot), rate):
            return Sent(self._guarded(cloud, call, lambda: cloud.throttled(call)))
        answer = self._execute(cloud, call)
        return Sent(answer) if fault is None else self._spoiled(cloud, call, fault, answer)

    def _execute(self, cloud: Cloud, call: Call) -> Answer:
        transaction = self.store.transaction(cloud.name, self.settings.lag)
        now = self.clock.now()
        emulated = self.settings.get("signing_clock") == "emulated"
        context = Context(
            cloud=cloud.name, store=transaction, now=now, signing_time=now if emulated else self.clock.real(),
            random=self._random, directory=self._seed.directory, replay=self._replay, settings=self.settings,
        )  # fmt: skip
        try:
            with transaction:
                return cloud.execute(call, context)
        except Refused as refusal:
            return refusal.answer
        except Exception:  # noqa: BLE001 - a defect in a cloud must not stop the others
            return _defect(cloud, call)

    def _spoiled(self, cloud: Cloud, call: Call, fault: FaultRule, answer: Answer | None) -> Sent:
        done = answer.key if answer else ""
        match fault.kind:
            case FaultKind.ERROR_BEFORE | FaultKind.ERROR_AFTER:
                return Sent(self._guarded(cloud, call, lambda: cloud.outage(call, fault.status)), key=done)
            case FaultKind.THROTTLE:
                return Sent(self._guarded(cloud, call, lambda: cloud.throttled(call)))
            case FaultKind.CUT_BODY:
                return Sent(answer, cut=True)
            case FaultKind.WRONG_JSON if answer is not None:
                return Sent(Answer(answer.status, _NO_JSON, "text/html", error=answer.error, key=answer.key))
            case _:
                return Sent(None, key=done)

    def _guarded(self, cloud: Cloud, call: Call, make: Callable[[], Answer]) -> Answer:
        try:
            return make()
        except Exception:  # noqa: BLE001 - a defect in a cloud must not stop the others
            return _defect(cloud, call)

    def _journaled(self, cloud: Cloud, call: Call, chosen: Chosen, sent: Sent) -> Sent:
        answer = sent.answer
        self.journal.add(
            time=self.clock.now(), cloud=cloud.name, action=call.action, account=call.account, region=call.region,
            key=(answer.key if answer else "") or sent.key or call.key, request_id=call.request_id,
            status=answer.status if answer else None, error=answer.error if answer else "", fault=chosen.name,
        )  # fmt: skip
        return sent


def _defect(cloud: Cloud, call: Call) -> Answer:
    sys.stderr.write(f"kms_emulator: defect in {cloud.name} {call.action} {call.request_id}\n{traceback.format_exc()}")
    sys.stderr.flush()
    message = f"defect in the emulator of {cloud.name}, action {call.action or 'not known'}; see its error output"
    return Answer.json({"error": message, "requestId": call.request_id}, status=500, error="EmulatorDefect")
