"""Carries out a plan's disturbances, each in a thread of its own."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from chorus_lab.client import ApiError, SandboxClient
from chorus_lab.stack import Stack
from tests.chaos.ledger import Ledger
from tests.chaos.plan import Disturbance, NetworkFault, Place, Plan, What
from tests.chaos.supervisor import Supervisor

_HOLD_POINT_TIMEOUT_S = 30.0
_LAST_CALL_PATIENCE_S = 150.0
_NOBODY_CAME = 408
_WORK_PATIENCE_S = 6.0
Say = Callable[[str], None]


class Disturber:
    def __init__(
        self,
        stack: Stack,
        supervisor: Supervisor,
        sandbox: SandboxClient,
        ledger: Ledger,
        say: Say,
        awaits: Callable[[str], bool],
    ) -> None:
        """`awaits` tells whether an act of a kind is still to happen."""
        self.stack = stack
        self.supervisor = supervisor
        self._sandbox = sandbox
        self._ledger = ledger
        self._say = say
        self._awaits = awaits
        self._broker = threading.Lock()
        self._postgres = threading.Lock()
        self.met: list[str] = []
        """What was met at a hold point: kind and place of each call that was broken off."""
        self._actions: dict[What, Callable[[Disturbance], None]] = {
            What.KILL: lambda each: supervisor.kill(each.whom, for_s=each.lasts),
            What.TERMINATE: lambda each: supervisor.terminate(each.whom, for_s=each.lasts),
            What.FREEZE: lambda each: supervisor.freeze(each.whom, for_s=each.lasts),
            What.KILL_AT_HOLD_POINT: self._kill_at_hold_point,
            What.KILL_AT_HANDOVER: self._kill_at_handover,
            What.KILL_BROKER: self._kill_broker,
            What.CRASH_POSTGRES: self._crash_postgres,
            What.RESTART_POSTGRES: self._restart_postgres,
        }

    def carry_out(self, plan: Plan) -> None:
        """All of it, at its time; returns when the last is over. Raises what one of them raised."""
        usual = self._sandbox.get("/behaviour")
        self._sandbox.behave(**plan.behaviour)
        self.start_faults(plan.faults, seed=plan.seed)
        began = time.monotonic()
        with ThreadPoolExecutor(len(plan.disturbances) + 1, "disturbance") as pool:
            under_way: list[Future[None]] = []
            for disturbance in plan.disturbances:
                time.sleep(max(0.0, began + disturbance.at - time.monotonic()))
                under_way.append(pool.submit(self.disturb, disturbance))
            time.sleep(max(0.0, began + plan.seconds - time.monotonic()))
        for each in under_way:
            each.result()
        self._sandbox.clear_faults()
        self._sandbox.behave(**usual)

    def start_faults(self, faults: Sequence[NetworkFault], *, seed: int) -> None:
        for number, fault in enumerate(faults):
            self._sandbox.add_fault(
                fault.kind,
                match=fault.match,
                times=-1,
                probability=fault.probability,
                seed=seed + number,
                **fault.more,
            )

    def disturb(self, disturbance: Disturbance) -> None:
        self._actions[disturbance.what](disturbance)

    @contextmanager
    def hold_point(self, kind: str, place: Place) -> Iterator[list[str]]:
        """Holds calls of a kind; entered when one is held, with the names of who may wait for it.

        When it is left the network goes on with them. ApiError (408) where no call comes: patient
        for as long as one of the kind is still to happen, as a slow machine has them late.
        """
        point = self._sandbox.add_hold_point(when=place, match={"kind": kind})
        try:
            self._wait_at(point, kind)
            names = (self.supervisor.name_of(pid) for pid in self._ledger.holders(kind))
            yield sorted(name for name in names if name is not None)
        finally:
            self._sandbox.release_hold_point(point)

    def _wait_at(self, point: str, kind: str) -> None:
        gives_up = time.monotonic() + _LAST_CALL_PATIENCE_S
        while True:
            try:
                self._sandbox.wait_at_hold_point(point, within_s=_HOLD_POINT_TIMEOUT_S)
                return
            except ApiError as error:
                late = time.monotonic() > gives_up
                if error.status != _NOBODY_CAME or late or not self._awaits(kind):
                    raise

    def freeze_with_work(self, name: str, *, for_s: float) -> bool:
        """Freeze a process while rows of it are open, so that others must take them over.

        False where it has had nothing in hand for a while.
        """
        gives_up = time.monotonic() + _WORK_PATIENCE_S
        while time.monotonic() < gives_up:
            if self._ledger.holds_work(self.stack.process(name).pid):
                self.stack.pause(name)
                caught = self._ledger.holds_work(self.stack.process(name).pid)
                time.sleep(for_s if caught else 0.0)
                self.stack.resume(name)
                if caught:
                    return True
        return False

    def _kill_at_hold_point(self, disturbance: Disturbance) -> None:
        kind, place = disturbance.whom, disturbance.place
        try:
            with ExitStack() as stack:
                names = stack.enter_context(self.hold_point(kind, place))
                stack.enter_context(self.supervisor.holding(*names))
                for name in names:
                    self.supervisor.strike(name)
                    self.met.append(f"{kind} {place}")
                time.sleep(disturbance.lasts)
        except ApiError as error:
            if error.status != _NOBODY_CAME:
                raise
            self._say(f"no {kind} came to the hold point {place} its effect")

    def _kill_at_handover(self, disturbance: Disturbance) -> None:
        schedulers = [name for name in self.supervisor.names if name.startswith("scheduler")]
        with self._broker:
            self.stack.kafka.pause()
            try:
                time.sleep(disturbance.lasts)
                with self.supervisor.holding(*schedulers):
                    for name in schedulers:
                        self.supervisor.strike(name)
            finally:
                self.stack.kafka.resume()

    def _kill_broker(self, disturbance: Disturbance) -> None:
        with self._broker:
            self.stack.kafka.kill()
            time.sleep(disturbance.lasts)
            self.stack.kafka.restart()

    def _crash_postgres(self, disturbance: Disturbance) -> None:
        with self._postgres:
            self.stack.postgres.kill()
            time.sleep(disturbance.lasts)
            self.stack.postgres.restart()

    def _restart_postgres(self, _: Disturbance) -> None:
        with self._postgres:
            self.stack.postgres.restart()
