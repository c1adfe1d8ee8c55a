"""What happened to one activity, from all sources in the order of time."""

from uuid import UUID

from chorus_lab.client import SandboxClient
from tests.chaos.ledger import Ledger

Line = tuple[object, str]


def story(ledger: Ledger, sandbox: SandboxClient, activity: UUID) -> str:
    """A text of several lines: the row, then decisions, journal and network."""
    key = {"id": activity}
    found = ledger.ask("select * from scheduler.activities where id = %(id)s", key)
    if not found:
        return f"{activity}: not in the ledger"
    (row,) = found
    head = (
        f"{activity} {row['kind']} by {row['provider_account_id']}: {row['state']} "
        f"({row['reason_code']}), execution {row['execution']}, attempt {row['attempt']}, "
        f"due {row['due_at']:%H:%M:%S.%f}, lease until {row['lease_until']}"
    )
    lines = [*_decisions(ledger, activity), *_journal(ledger, activity)]
    effects = sandbox.truth(account_id=row["provider_account_id"], kind=row["kind"])
    lines += [(each.at, f"NETWORK effect {each.seq} on {each.post_id}") for each in effects]
    told = [
        f"  {at:%H:%M:%S.%f} {text}" for at, text in sorted(lines, key=lambda line: str(line[0]))
    ]
    return "\n".join([head, *told])


def _decisions(ledger: Ledger, activity: UUID) -> list[Line]:
    rows = ledger.decisions_of(activity)
    return [(row["at"], f"decision {row['code']}: {row['sentence']}") for row in rows]


def _journal(ledger: Ledger, activity: UUID) -> list[Line]:
    rows = ledger.ask(
        "select a.*, w.instance from engagement.attempts a"
        " left join engagement.workers w on w.id = a.worker_id where activity_id = %(id)s",
        {"id": activity},
    )
    lines: list[Line] = []
    for row in rows:
        number = f"journal {row['execution']}"
        lines.append(
            (row["opened_at"], f"{number} opened, {row['mode']}, {row['takeovers']} take-overs")
        )
        if row["called_at"]:
            lines.append((row["called_at"], f"{number} called"))
        if row["closed_at"]:
            why = (row["failure"] or {}).get("code") or (row["failure"] or {}).get("message") or ""
            verified = " (verified)" if row["verified"] else ""
            said = f"{number} closed by {row['instance']}: {row['outcome']}{verified} {why}"
            lines.append((row["closed_at"], said))
    return lines
