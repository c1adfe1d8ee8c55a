"""Events stored in the transaction of the change that caused them.

Each schema that sends has this table:

    create table <schema>.outbox (
        id bigint generated always as identity primary key,
        topic text not null,
        key bytea not null,
        value bytea not null,
        headers jsonb not null,
        created_at timestamptz not null default now()
    )
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from psycopg import AsyncConnection, sql

from chorus.kafka.envelope import Outgoing
from chorus.postgres.queries import load

QUERIES = load("chorus.outbox")


def channel(schema: str) -> str:
    """The channel on which the relay of a schema is woken."""
    return f"chorus_outbox_{schema}"


@cache
def statement(name: str, schema: str) -> sql.Composed:
    """A named query of the outbox for a schema."""
    return sql.SQL(QUERIES[name]).format(schema=sql.Identifier(schema))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """How a relay reads and empties what is to be sent.

    `oldest` gives at most about `batch` rows (id, topic, key, value, headers) in the order in which
    they are to be sent; `remove` takes their ids once the broker has them; `depth` tells how many
    wait, and for how long. What `oldest` left for a later look must wake the relay by itself.
    """

    oldest: str | sql.Composed
    remove: str | sql.Composed
    depth: str | sql.Composed


def statements(schema: str) -> Statements:
    """Those of a schema whose outbox is the one table."""
    return Statements(
        oldest=statement("oldest", schema),
        remove=statement("remove", schema),
        depth=statement("depth", schema),
    )


async def append(conn: AsyncConnection[Any], schema: str, outgoing: Sequence[Outgoing]) -> None:
    """Store messages to be published, in this order, and wake the relay at the commit.

    Call it inside the transaction and after the aggregate's row was locked there: that lock is
    what makes the order of ids the order of changes for each key.
    """
    if not outgoing:
        return
    await conn.execute(
        statement("append", schema),
        {
            "topics": [message.topic for message in outgoing],
            "keys": [message.key for message in outgoing],
            "values": [message.value for message in outgoing],
            "headers": [
                orjson.dumps([[name, value.decode()] for name, value in message.headers]).decode()
                for message in outgoing
            ],
            "channel": channel(schema),
        },
    )
