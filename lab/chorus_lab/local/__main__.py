"""Starts both servers, says where they are, and stops them on Ctrl-C."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from chorus.errors import ChorusError
from chorus_lab.local.kafka import KafkaCluster
from chorus_lab.local.postgres import PostgresServer
from chorus_lab.local.servers import LocalServers


def main() -> int:
    """Return the exit code."""
    arguments = _arguments()
    folder: Path | None = arguments.folder and arguments.folder.resolve()
    finished = threading.Event()
    # Until both run, Ctrl-C simply ends us: what has been started then ends by itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    servers = LocalServers(
        postgres=PostgresServer(folder and folder / "postgres"),
        kafka=KafkaCluster(arguments.brokers, folder=folder and folder / "kafka"),
    )
    try:
        with servers:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: finished.set())
            _say(f"{servers.postgres.version}: DATABASE_URL={servers.postgres.dsn()}")
            bootstrap = servers.kafka.bootstrap_servers
            _say(f"{servers.kafka.version}: KAFKA_BOOTSTRAP_SERVERS={bootstrap}")
            _say("Ctrl-C stops both.")
            finished.wait()
            _say("Stopping.")
    except ChorusError as error:
        _say(str(error))
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chorus_lab.local", description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep the data there (default: thrown away)")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
