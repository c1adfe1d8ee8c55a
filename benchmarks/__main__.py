"""`make bench`: every section, or those named: python -m benchmarks [SECTION …] [--runs N]."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog

from benchmarks import drain, footprint, kill, lateness, planning, steering
from benchmarks.report import Report
from chorus_lab.local.kafka import KafkaCluster
from chorus_lab.local.postgres import PostgresServer

Section = Callable[[Report, Path, int], None]

SECTIONS: dict[str, Section] = {
    "planning": planning.run,
    "lateness": lateness.run,
    "drain": drain.run,
    "kill": kill.run,
    "steering": steering.run,
    "footprint": footprint.run,
}


def _postgres_version() -> str:
    server = PostgresServer()
    server.start()
    try:
        return server.version
    finally:
        server.stop()


def main() -> int:
    """Run the sections and write var/bench.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    parser.add_argument("--runs", type=int, default=3, help="runs of each figure (default 3)")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    report = Report()
    report.note(kafka=KafkaCluster().version, postgres=_postgres_version())
    with tempfile.TemporaryDirectory(prefix="chorus-bench-") as folder:
        for name in chosen.sections or SECTIONS:
            SECTIONS[name](report, Path(folder) / name, chosen.runs)
            report.save()
    report.show()
    return 0


if __name__ == "__main__":
    sys.exit(main())
