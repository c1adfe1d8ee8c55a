"""The Python processes of a stack, by name."""

from collections.abc import Mapping, Sequence
from functools import partial

from chorus_lab.local.ports import HOST
from chorus_lab.local.processes import Watchdog
from chorus_lab.stack.addresses import Addresses
from chorus_lab.stack.errors import DeadProcessError, StackError
from chorus_lab.stack.folder import StackFolder
from chorus_lab.stack.parallel import together
from chorus_lab.stack.program import Program
from chorus_lab.stack.progress import Progress, telling
from chorus_lab.stack.services import SPECS, Surroundings, plain_environment, service_of

SANDBOX = "sandbox"
TERMINATE_TIMEOUT_S = 30.0

Settings = Mapping[str, Mapping[str, str]]
"""Variables by service or by process; `*` for all services."""


class Fleet:
    """The sandbox, and any number of replicas of each service."""

    def __init__(
        self,
        folder: StackFolder,
        addresses: Addresses,
        *,
        settings: Settings,
        start_timeout_s: float,
        progress: Progress,
    ) -> None:
        self._folder = folder
        self._addresses = addresses
        self._settings = settings
        self._start_timeout_s = start_timeout_s
        self._progress = progress
        self._watchdog = Watchdog()
        self._programs: dict[str, Program] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that were ever started."""
        return tuple(self._programs)

    def get(self, name: str) -> Program:
        """StackError where there is none of this name."""
        if name not in self._programs:
            known = ", ".join(self._programs) or "none"
            raise StackError(f"There is no process {name} (there is: {known}).")
        return self._programs[name]

    def start_sandbox(self, arguments: Sequence[str]) -> None:
        """Return when it answers."""
        command = ["-m", "chorus_sandbox", "--port", str(self._addresses.port(SANDBOX))]
        command += ["--ready-file", str(self._folder.ready_file(SANDBOX))]
        command += ["--truth-file", str(self._folder.truth), *arguments]
        self._add(SANDBOX, command, "/healthz", plain_environment())
        self.start(SANDBOX)

    def start_service(self, name: str, surroundings: Surroundings) -> None:
        """Return when it is ready. `executor-2` is another replica of the executor."""
        if name not in self._programs:
            environment = self.environment(name, surroundings)
            self._add(name, ["-m", SPECS[service_of(name)].module], "/readyz", environment)
        self.start(name)

    def start(self, name: str) -> None:
        """Start one that is known; return when it is ready."""
        program = self.get(name)
        with telling(self._progress, name):
            program.start()
            program.wait_ready(timeout_s=self._start_timeout_s)

    def environment(self, name: str, surroundings: Surroundings) -> dict[str, str]:
        """What the process of this name runs with. StackError for no service's name."""
        service = service_of(name)
        if service not in SPECS:
            raise StackError(f"There is no service {service} (there is: {', '.join(SPECS)}).")
        environment = plain_environment() | surroundings.of(service)
        environment |= {
            "CHORUS_READY_FILE": str(self._folder.ready_file(name)),
            "CHORUS_HEALTH_HOST": HOST,
            "CHORUS_HEALTH_PORT": str(self._addresses.port(name)),
        }
        for key in dict.fromkeys(("*", service, name)):
            environment |= self._settings.get(key, {})
        return environment

    def deaths(self) -> list[DeadProcessError]:
        """Of processes that ended though nobody told them to."""
        found = (program.death() for program in self._programs.values())
        return [death for death in found if death is not None]

    def stop(self) -> None:
        """Terminate all services at once, then the sandbox. May be called again."""
        services = [self._programs[name] for name in self._programs if name != SANDBOX]
        try:
            stop = partial(Program.terminate, timeout_s=TERMINATE_TIMEOUT_S)
            together([partial(stop, program) for program in services])
        finally:
            if SANDBOX in self._programs:
                self._programs[SANDBOX].terminate(timeout_s=5)
            self._watchdog.close()

    def _add(
        self, name: str, command: Sequence[str], health_path: str, environment: Mapping[str, str]
    ) -> None:
        self._programs[name] = Program(
            name,
            arguments=command,
            environment=environment,
            port=self._addresses.port(name),
            health_path=health_path,
            folder=self._folder.path,
            ready_file=self._folder.ready_file(name),
            log=self._folder.log(name),
            watchdog=self._watchdog,
        )
