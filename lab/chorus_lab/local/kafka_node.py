"""One broker process with its folder: formatted, started, killed, frozen."""

import base64
import contextlib
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from chorus_lab.local import kafka_config, kafka_probe
from chorus_lab.local.errors import LocalServerError
from chorus_lab.local.java import Java, Training
from chorus_lab.local.kafka_config import NodeAddress, SignIn
from chorus_lab.local.processes import Child, Watchdog

START_TIMEOUT_S = 90.0
_FORMAT_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0
_TRAINING_TIMEOUT_S = 60.0


class KafkaNode:
    """A broker that is its own controller, or one of three."""

    def __init__(
        self,
        address: NodeAddress,
        *,
        folder: Path,
        java: Java,
        watchdog: Watchdog,
        sign_in: SignIn | None = None,
    ) -> None:
        self.address = address
        self._sign_in = sign_in
        self._folder = folder
        self._java = java
        self._training: Training | None = None
        self._data = folder / "data"
        self.child = Child(
            f"Kafka broker {address.node_id}",
            log=folder / "kafka.log",
            watchdog=watchdog,
            environment=java.environment(),
        )

    def configure(
        self, cluster: Sequence[NodeAddress], *, cluster_id: str, overrides: Mapping[str, str]
    ) -> None:
        """Write the configuration, and format the storage unless it holds data already."""
        self._data.mkdir(parents=True, exist_ok=True)
        self._log_config.write_text(kafka_config.logging_config())
        self._properties.touch(mode=0o600)
        self._properties.write_text(
            kafka_config.server_properties(
                self.address,
                cluster,
                log_dir=str(self._data),
                overrides=overrides,
                sign_in=self._sign_in,
            )
        )
        if not (self._data / "meta.properties").exists():
            self._format(cluster_id)

    def wipe(self) -> None:
        """Remove all data. Only while it does not run; `configure` comes before the next start."""
        shutil.rmtree(self._data)

    def start(self, *, train: bool = False) -> None:
        """Start the process; returns at once."""
        self._training = Training.begin(self._java) if train else None
        command = self._java.command(
            "kafka.Kafka",
            str(self._properties),
            log_config=self._log_config,
            train_into=self._training.output if self._training else None,
        )
        self.child.start(command, folder=self._folder)

    def wait_ready(self, node_ids: set[int]) -> None:
        """Until it serves clients and knows these brokers. LocalServerError where it does not."""
        self.child.wait_until(lambda: self._knows(node_ids), timeout_s=START_TIMEOUT_S)

    def wait_groups(self) -> None:
        """Until consumer groups work."""
        self.child.wait_until(self._coordinates, timeout_s=START_TIMEOUT_S)

    def stop(self) -> None:
        """Shut down in order; the run that fills the start-up cache takes seconds longer."""
        training, self._training = self._training, None
        running = self.child.running
        self.child.stop(
            signal.SIGTERM, timeout_s=_TRAINING_TIMEOUT_S if training else _STOP_TIMEOUT_S
        )
        if training is not None:
            training.end(complete=running and not self.child.was_killed)

    def kill(self) -> None:
        """SIGKILL."""
        self.child.kill()
        if self._training is not None:
            self._training.end(complete=False)
            self._training = None

    @property
    def trains(self) -> bool:
        """Whether this run fills the start-up cache."""
        return self._training is not None

    def _knows(self, node_ids: set[int]) -> bool:
        with contextlib.suppress(OSError):
            return node_ids <= kafka_probe.brokers(self.address.client_port, self._sign_in)
        return False

    def _coordinates(self) -> bool:
        with contextlib.suppress(OSError):
            return kafka_probe.coordinates_groups(self.address.client_port, self._sign_in)
        return False

    def _format(self, cluster_id: str) -> None:
        if self._java.bootstrap_checkpoint.exists():
            self._format_from_cache(cluster_id)
            return
        done = subprocess.run(
            self._java.command(
                *("kafka.tools.StorageTool", "format", "-t", cluster_id),
                *("-c", str(self._properties)),
                log_config=self._log_config,
            ),
            cwd=self._folder,
            env=self._java.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_FORMAT_TIMEOUT_S,
        )
        if done.returncode != 0:
            raise LocalServerError(
                f"Kafka could not format its storage: {done.stdout}{done.stderr}"
            )
        keep = self._java.bootstrap_checkpoint.with_suffix(f".{uuid.uuid4().hex}.partial")
        shutil.copy(self._data / "bootstrap.checkpoint", keep)
        keep.replace(self._java.bootstrap_checkpoint)

    def _format_from_cache(self, cluster_id: str) -> None:
        # What Kafka's own tool wrote for the same version is the same but for these ids, and
        # starting Java for it takes as long as starting the broker.
        shutil.copy(self._java.bootstrap_checkpoint, self._data / "bootstrap.checkpoint")
        (self._data / "meta.properties").write_text(
            f"version=1\ncluster.id={cluster_id}\nnode.id={self.address.node_id}\n"
            f"directory.id={random_id()}\n"
        )

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _log_config(self) -> Path:
        return self._folder / "log4j2.xml"


def random_id() -> str:
    """A new id as Kafka writes them: 128 bits in 22 letters."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
