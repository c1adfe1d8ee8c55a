"""Looks for secrets wherever a run may have left them, in whatever form they may be there."""

import asyncio
import base64
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg
from aiokafka import AIOKafkaConsumer
from psycopg import sql

from chorus.kafka import topics
from chorus.kafka.connection import client_options
from chorus.settings import KafkaSettings
from chorus_lab.stack import Stack

_WINDOW = 16
_UNESCAPED = re.compile(rf"[A-Za-z0-9_-]{{{_WINDOW},}}")
"""What no escaping of addresses, JSON or HTML changes; too long to be there by chance."""
_GREP_SECONDS = 120.0


def traces_of(secret: str) -> set[bytes]:
    """What of a secret to look for: its beginning and its end, plain and encoded.

    Parts, since logs and columns cut what is long. ValueError where it has no telling part.
    """
    cores = _UNESCAPED.findall(secret)
    if not cores:
        raise ValueError("a secret without a long part of letters and digits")
    parts = {part.encode() for core in cores for part in (core[:_WINDOW], core[-_WINDOW:])}
    found = set(parts)
    for part in parts:
        found |= {part.hex().encode(), part.hex().upper().encode()}
        found.add(part.decode().encode("utf-16-le"))
        found |= set(_in_base64(part))
    return found


def _in_base64(part: bytes) -> Iterable[bytes]:
    """As it looks within a longer encoded text, at each of the three places where it may begin."""
    for shift in range(3):
        first, last = -(-8 * shift // 6), 8 * (shift + len(part)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + part)[first:last]


def search(needles: Iterable[bytes], places: Sequence[Path]) -> dict[Path, set[bytes]]:
    """Which of the needles stand in which files, folders included; files may come and go."""
    command = ["grep", "-r", "-a", "-o", "-Z", "-H", "-D", "skip", "-F", "-f", "-", "--"]
    done = subprocess.run(
        [*command, *map(str, places)],
        input=b"\n".join(sorted(needles)),
        capture_output=True,
        env={"LC_ALL": "C"},
        timeout=_GREP_SECONDS,
        check=False,
    )
    for line in done.stderr.splitlines():
        if not line.endswith(b"No such file or directory"):
            raise RuntimeError(f"grep failed: {line.decode(errors='replace')}")
    found: dict[Path, set[bytes]] = defaultdict(set)
    for line in done.stdout.splitlines():
        name, _, needle = line.partition(b"\0")
        found[Path(name.decode())].add(needle)
    return dict(found)


def dump_tables(stack: Stack, folder: Path) -> None:
    """Every table as Postgres sends it in binary: texts and bytea as the bytes that they are."""
    with psycopg.connect(stack.owner_dsn, connect_timeout=5) as conn:
        tables = conn.execute(
            """
            select n.nspname, c.relname
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm') and n.nspname <> 'information_schema'
              and n.nspname not like 'pg\\_%'
            """
        ).fetchall()
        for name in tables:
            statement = sql.SQL("copy {} to stdout (format binary)").format(sql.Identifier(*name))
            with conn.cursor().copy(statement) as rows:
                (folder / ".".join(name)).write_bytes(b"".join(map(bytes, rows)))


def dump_topics(stack: Stack, folder: Path) -> None:
    """Every message of every topic, with key and headers."""
    asyncio.run(_dump_topics(stack.broker(), folder))


async def _dump_topics(settings: KafkaSettings, folder: Path) -> None:
    options = client_options(settings)
    names = [spec.name for spec in topics.ALL]
    async with (
        asyncio.timeout(60),
        AIOKafkaConsumer(*names, auto_offset_reset="earliest", **options) as consumer,
    ):
        ends = await consumer.end_offsets(consumer.assignment())
        assert {partition.topic for partition in ends} == set(names)
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                for where, records in (await consumer.getmany(timeout_ms=200)).items():
                    with (folder / where.topic).open("ab") as file:
                        file.writelines(map(_bytes_of, records))


def _bytes_of(record: Any) -> bytes:
    headers = [part for name, value in record.headers for part in (name.encode(), value)]
    return b"\n".join([record.key or b"", record.value or b"", *headers, b""])


def dump_processes(stack: Stack, names: Sequence[str], folder: Path) -> list[str]:
    """Arguments and environment of these processes and all that they started; all their names."""
    told: list[str] = []
    for name in names:
        process = psutil.Process(stack.process(name).pid)
        family = (process, *process.children(recursive=True))
        told += [_dump_process(member, folder / f"{name}-{member.pid}") for member in family]
    return told


def _dump_process(process: psutil.Process, file: Path) -> str:
    try:
        about = Path("/proc") / str(process.pid)
        parts = [(about / part).read_bytes() for part in ("cmdline", "environ")]
        file.write_bytes(b"\n".join(parts))
        return process.name()
    except (OSError, psutil.NoSuchProcess):
        return ""  # it has ended meanwhile


def dump_answers(answers: Mapping[str, bytes | object], folder: Path) -> None:
    """What the API said, by a name for it."""
    for name, answer in answers.items():
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        (folder / name).write_bytes(content)
