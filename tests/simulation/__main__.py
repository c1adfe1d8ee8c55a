"""`python -m tests.simulation SEEDS`: 7, 1-200, or 5,9,12. See README.md."""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg

from chorus.postgres.migrate import migrate
from chorus_lab.local.postgres import PostgresServer
from tests.simulation.database import prepare, tables
from tests.simulation.run import Report, run_seed

PACKAGES = ["chorus", "chorus_gateway", "chorus_scheduler", "chorus_executor", "chorus_notifier"]
_SHOWN = 12


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def seeds_of(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


@contextlib.contextmanager
def server_at(address: str | None) -> Iterator[str]:
    """A superuser's DSN: the one that is given, or of a server for this run."""
    if address is not None:
        yield address
        return
    server = PostgresServer(fast=True, max_connections=200)
    server.start()
    try:
        yield server.dsn()
    finally:
        server.stop()


@contextlib.contextmanager
def database_at(server: str) -> Iterator[str]:
    """A database with all migrations, on the simulation's clock."""
    name = f"simulation_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"create database {name} template template0")
        dsn = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        try:
            prepare(dsn)
            asyncio.run(migrate(dsn, PACKAGES))
            yield dsn
        finally:
            conn.execute(f"drop database {name} with (force)")


def show(report: Report, took: float | None) -> None:
    """One line a seed; what it found below it."""
    word = "FAILED" if report.violations else "ok"
    within = f" in {took:.1f} s" if took is not None else ""
    for line in report.trace:
        say(line)
    say(
        f"seed {report.seed} ({report.focus}): {word}{within}: {report.steps} steps,"
        f" {report.virtual / 3600:.1f} h, {report.activities} activities, {report.calls} calls,"
        f" {report.fingerprint}"
    )
    for violation in report.violations[:_SHOWN]:
        say(f"    {violation}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulation", description=__doc__)
    parser.add_argument("seeds")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin none after that")
    parser.add_argument("--trace", action="store_true", help="every step, with its instant")
    parser.add_argument("--on", action="store_true", help="go on after the first finding")
    parser.add_argument("--fingerprint", action="store_true", help="nothing of this machine's time")
    parser.add_argument("--server", help="a superuser's DSN; without it, a server for this run")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    began, ran = time.monotonic(), 0
    failed: list[int] = []
    with server_at(chosen.server) as server, database_at(server) as dsn:
        names = list(tables(dsn))
        for seed in seeds_of(chosen.seeds):
            started = time.monotonic()
            if started - began > chosen.seconds:
                break
            report = run_seed(
                dsn,
                names,
                seed,
                steps=chosen.steps,
                trace=chosen.trace,
                on=chosen.on,
            )
            show(report, None if chosen.fingerprint else time.monotonic() - started)
            ran += 1
            if report.violations:
                failed.append(seed)
    if not chosen.fingerprint:
        say(f"{ran} seeds in {time.monotonic() - began:.0f} s, {len(failed)} failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
