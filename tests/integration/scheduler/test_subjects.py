"""What an activity is about: a post, a person or an occasion; one intent is one row."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from chorus.postgres.migrate import Migration, Source, migrate
from chorus.vocabulary import SubjectKind

PACKAGES = ["chorus_gateway", "chorus_scheduler", "chorus_executor"]
OF_BEFORE = {"chorus_scheduler": 17, "chorus_executor": 9}
"""The last migrations of the programs that knew posts alone."""
ROW = """
insert into scheduler.activities (id, client_id, account_id, provider_account_id, platform, kind,
    lane, state, reason_code, reason, seed, scheduled_for, due_at, correlation_id, {columns})
values (%s, %s, %s, 'acc', 'linkedin', 'send_dm', 'api', 'scheduled', 'planned',
    'Planned for the test.', 1, now(), now(), 'c', {values})
"""
CLIENT, ACCOUNT, SUBJECT = UUID(int=1), UUID(int=2), UUID(int=3)


async def _write(conn: AsyncConnection[Any], account: UUID = ACCOUNT, **columns: Any) -> UUID:
    """A row that says this of its subject, and nothing else."""
    query = ROW.format(columns=", ".join(columns), values=", ".join("%s" for _ in columns))
    row_id = uuid4()
    await conn.execute(query, (row_id, CLIENT, account, *columns.values()))
    return row_id


@pytest.fixture
async def owner(migrated_database: str) -> Any:
    async with await AsyncConnection.connect(migrated_database, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize("kind", list(SubjectKind))
async def test_one_intent_is_one_row_whatever_it_is_about(
    owner: AsyncConnection[Any], kind: SubjectKind
) -> None:
    """INVARIANT (1): an account, a kind and a subject; acting twice would need two rows."""
    post = kind is SubjectKind.POST
    about = {"post_id": SUBJECT} if post else {"subject_kind": kind, "subject": SUBJECT}
    await _write(owner, **about)
    await _write(owner, UUID(int=9), **about)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await _write(owner, **about)


async def test_a_person_is_no_occasion(owner: AsyncConnection[Any]) -> None:
    """A person may be written to once by themselves, and once more on an occasion."""
    for kind in SubjectKind:
        about = {"post_id": SUBJECT} if kind is SubjectKind.POST else {"subject": SUBJECT}
        await _write(owner, subject_kind=kind, **about)


@pytest.mark.parametrize(
    "about",
    [
        {"post_id": None},
        {"post_id": SUBJECT, "subject": SUBJECT},
        {"subject_kind": "person", "subject": None},
        {"subject_kind": "person", "subject": SUBJECT, "post_id": SUBJECT},
        {"subject_kind": "planet", "subject": SUBJECT},
    ],
)
async def test_an_activity_is_about_one_thing(
    owner: AsyncConnection[Any], about: dict[str, Any]
) -> None:
    """INVARIANT: a post, or a person, or an occasion; none is missing, and none is there twice."""
    with pytest.raises(psycopg.errors.CheckViolation):
        await _write(owner, **about)


async def test_rows_of_before_keep_what_they_are(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1: the table is filled, widened, and programs of before go on to write beside it."""
    with monkeypatch.context() as patch:
        everything = Source.migrations
        patch.setattr(Source, "migrations", lambda source: _of_before(everything(source)))
        await migrate(empty_database, PACKAGES)
    async with await AsyncConnection.connect(
        empty_database, autocommit=True, row_factory=dict_row
    ) as conn:
        before = await _write(conn, post_id=SUBJECT)
        await migrate(empty_database, PACKAGES)
        meanwhile = await _write(conn, post_id=UUID(int=4))
        with pytest.raises(psycopg.errors.UniqueViolation):
            await _write(conn, post_id=SUBJECT)
        cursor = await conn.execute("select id, subject_kind, subject from scheduler.activities")
        found = {
            row["id"]: (row["subject_kind"], row["subject"]) for row in await cursor.fetchall()
        }
    assert found == {before: ("post", None), meanwhile: ("post", None)}


def _of_before(files: list[Migration]) -> list[Migration]:
    return [each for each in files if each.number <= OF_BEFORE.get(each.package, each.number)]
