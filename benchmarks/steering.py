"""How soon a stop is in force, how soon a plan is shown and stored, whom a crowd delays."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.bed import Bed, bed, stack
from benchmarks.report import Report
from chorus.documents import KindPolicy, PodPolicy
from chorus_lab.client import GatewayClient
from chorus_lab.seeding import make_post
from chorus_lab.stack import Stack, set_password

TRIALS = 200
AT_ONCE = 20
"""Accounts that are busy, and stopped, in the same moment."""
A_SECOND = 200
WATCHED_S = 2.5
CROWD = 10_000
FEW = 10
MEMBERS = 1000
_LAST_CALL = """
select max(called_at) as last from engagement.attempts where account_id = %s and called_at > %s
"""
_UNTOLD = "select exists (select from scheduler.outbox) as untold"

Stop = Callable[[GatewayClient, UUID], object]


@contextmanager
def owner_of(the_bed: Bed) -> Iterator[GatewayClient]:
    """The bed's one person, at the API."""
    tenant, running = the_bed.tenant, the_bed.stack
    email, first = f"{tenant.user_id}@example.test", secrets.token_urlsafe(16)
    set_password(running, tenant.client_id, email, first)
    with GatewayClient(running.urls["gateway"]) as client:
        client.sign_in(email, first)
        client.choose_password(first, secrets.token_urlsafe(16))
        yield client


def _pause(client: GatewayClient, account: UUID) -> object:
    return client.pause("A trial.", scope="account", scope_id=account)


def _withdraw(client: GatewayClient, account: UUID) -> object:
    return client.consent(account, ["like"], granted=False)


async def _delays_ms(the_bed: Bed, client: GatewayClient, stop: Stop) -> list[float]:
    """Of each account, from the request to the start of the last call in its name; 0: none."""
    delays: list[float] = []
    for place in range(0, TRIALS, AT_ONCE):
        accounts = the_bed.tenant.accounts[place : place + AT_ONCE]
        busy = _only(the_bed, accounts)
        first = datetime.now(UTC) + timedelta(seconds=1)
        await busy.fill(A_SECOND * 6, first=first, every_s=1 / A_SECOND)
        await asyncio.sleep(3)
        asked = [await _stopped(client, account, stop) for account in accounts]
        await asyncio.sleep(WATCHED_S)
        delays += [await _delay_ms(the_bed, each) for each in zip(accounts, asked, strict=True)]
    return delays


async def _stopped(client: GatewayClient, account: UUID, stop: Stop) -> datetime:
    asked = datetime.now(UTC)
    await asyncio.to_thread(stop, client, account)
    return asked


async def _delay_ms(the_bed: Bed, stopped: tuple[UUID, datetime]) -> float:
    account, asked = stopped
    last = (await the_bed.one(_LAST_CALL, account, asked))["last"]
    return (last - asked).total_seconds() * 1000 if last is not None else 0.0


def _only(the_bed: Bed, accounts: Sequence[UUID]) -> Bed:
    """The same bed, of which these accounts are to act."""
    whole = the_bed.tenant
    places = [whole.accounts.index(account) for account in accounts]
    tenant = replace(
        whole,
        accounts=list(accounts),
        members=[whole.members[place] for place in places],
        provider_ids=[whole.provider_ids[place] for place in places],
    )
    return replace(the_bed, tenant=tenant)


async def _stopping(running: Stack, report: Report) -> None:
    for word, stop in (("pause", _pause), ("withdrawal", _withdraw)):
        async with bed(running, members=TRIALS, prefix=word) as the_bed:
            with owner_of(the_bed) as client:
                delays = await _delays_ms(the_bed, client, stop)
        called = sorted(delays)
        for name, place in (("p50", 0.5), ("p99", 0.99), ("p100", 1.0)):
            value = called[min(len(called) - 1, int(place * len(called)))]
            label = f"{word}: {name} of {TRIALS} until the last call"
            report.add(f"steering.{word}_ms.{name}", label, [value], "ms")
        acting = sum(1 for delay in delays if delay > 0)
        report.add(f"steering.{word}_met", f"{word}: met an account in the act", [acting], "")


async def _fairness(running: Stack, report: Report) -> None:
    async with (
        bed(running, prefix="crowd") as crowd,
        bed(running, members=FEW, prefix="few") as few,
    ):
        due = datetime.now(UTC)
        many = await crowd.fill(CROWD, first=due, every_s=0)
        ten = await few.fill(FEW, first=datetime.now(UTC) + timedelta(seconds=1), every_s=0.05)
        await few.settled([*many, *ten], within_s=180)
        late = await few.lateness_ms(ten)
        whole = await few.lateness_ms(many)
    label = f"lateness of {FEW} beside another tenant's {CROWD:,} due"
    for name in ("p50", "p99"):
        report.add(f"steering.beside_a_crowd_ms.{name}", f"{label}: {name}", [late[name]], "ms")
    report.add("steering.crowd_ms.max", "lateness of the last of the crowd", [whole["max"]], "ms")


async def _planning(running: Stack, report: Report, runs: int) -> None:
    soon = PodPolicy(like=KindPolicy(from_seconds=300, to_seconds=1800))
    shown: list[float] = []
    stored: list[float] = []
    told: list[float] = []
    async with bed(running, members=MEMBERS, prefix="plan", policy=soon) as the_bed:
        with owner_of(the_bed) as client:
            for _ in range(runs + 1):
                post = await make_post(the_bed.owner, the_bed.tenant, amplify=False)
                shown.append(await _triggered_ms(client, post, dry_run=True))
                began = time.perf_counter()
                stored.append(await _triggered_ms(client, post, dry_run=False))
                while (await the_bed.one(_UNTOLD))["untold"]:
                    continue
                told.append((time.perf_counter() - began) * 1000)
    report.add("steering.preview_ms", f"preview over {MEMBERS:,} members", shown[1:], "ms")
    report.add("steering.trigger_ms", f"trigger over {MEMBERS:,} members", stored[1:], "ms")
    report.add("steering.told_ms", "until all of it is announced too", told[1:], "ms")


async def _triggered_ms(client: GatewayClient, post: UUID, *, dry_run: bool) -> float:
    began = time.perf_counter()
    answer = await asyncio.to_thread(client.trigger, post, kinds=["like"], dry_run=dry_run)
    took = (time.perf_counter() - began) * 1000
    assert len(answer.activities) == MEMBERS
    return took


def run(report: Report, folder: Path, runs: int) -> None:
    """Two hundred stops each, beside 200 calls a second."""
    report.say("Steering: stops, previews, neighbours")
    with stack(folder, services=("scheduler", "executor", "gateway")) as running:

        async def all_of_it() -> None:
            await _fairness(running, report)
            await _stopping(running, report)
            await _planning(running, report, runs)

        asyncio.run(all_of_it())
