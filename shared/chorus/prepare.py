"""All that must be there before services start: schemas, passwords of their roles, topics, and
what each may do at the broker.

`python -m chorus.prepare PACKAGE…` with the DATABASE_URL of the schemas' owner, once for each
version; it may be run again, and by several at once. It ends with 0 when all is there, with 1 when
a server is away, with 2 when a setting or a migration is wrong.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

import psycopg

from chorus.errors import ChorusError, ConfigurationError, MigrationError
from chorus.kafka import topics
from chorus.kafka.authorising import authorise
from chorus.postgres.migrate import migrate
from chorus.postgres.roles import RolePasswords, let_in
from chorus.postgres.sign_in_check import require_answer
from chorus.settings import PostgresSettings, PreparingKafkaSettings, load
from chorus.telemetry import logs


async def prepare(
    postgres: PostgresSettings,
    kafka: PreparingKafkaSettings,
    passwords: RolePasswords,
    packages: Sequence[str],
) -> list[str]:
    """Do it, and return what this call did, a line each: of several at once, each is one's.

    Raises ConfigurationError, MigrationError; DependencyUnavailable where waiting may help.
    """
    await require_answer(postgres, name="chorus-prepare")
    dsn = postgres.dsn.get_secret_value()
    applied = await migrate(dsn, packages)
    await let_in(dsn, passwords.by_role())
    created = await topics.ensure(kafka)
    if kafka.acls:
        await asyncio.to_thread(authorise, kafka)
    return [*(f"applied {name}" for name in applied), *(f"created {name}" for name in created)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare the servers that the environment names for the packages on the command line."""
    parser = argparse.ArgumentParser(prog="chorus.prepare", description=__doc__)
    parser.add_argument("packages", nargs="+", metavar="PACKAGE")
    chosen = parser.parse_args(arguments)
    try:
        postgres, kafka = load(PostgresSettings), load(PreparingKafkaSettings)
        done = asyncio.run(prepare(postgres, kafka, load(RolePasswords), chosen.packages))
    except (ConfigurationError, MigrationError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (ChorusError, psycopg.OperationalError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in done) or "nothing to apply\n")
    return 0


if __name__ == "__main__":
    logs.to_stderr()
    sys.exit(main())
