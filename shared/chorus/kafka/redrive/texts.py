"""How dead letters are shown in a terminal. Pure.

What a message holds was written by others: control characters are shown, never sent.
"""

from datetime import datetime

from chorus.kafka.redrive.letters import Letter, Summary


def overview(topic: str, found: Summary) -> str:
    """One topic: a line, and one more for each reason."""
    head = f"{topic}: {found.waiting} waiting"
    if found.handled:
        head += f", {found.handled} dealt with"
    if found.oldest is not None and found.newest is not None:
        head += f", from {_instant(found.oldest)} to {_instant(found.newest)}"
    reasons = (f"  {number} x {_plain(reason)}" for reason, number in found.reasons)
    return "\n".join([head, *reasons])


def full(letter: Letter, *, payload: bool = False) -> str:
    """Everything about one but what it says."""
    origin = letter.origin or "(unknown topic)"
    lines = [
        f"{letter.place} at {_instant(letter.at)}",
        f"  from {origin} {letter.failed_at}, group {letter.group or '?'}",
        f"  attempts {letter.attempts or '?'}, requeued {letter.requeued}",
        f"  id {letter.event_id or '?'}, type {letter.event_type or '?'}, key {_text(letter.key)}",
        f"  {letter.error or 'no error was noted'}",
    ]
    if payload:
        lines.append(f"  {_text(letter.value)}")
    return "\n".join(map(_plain, lines))


def doubted(letter: Letter) -> str:
    """One that stays where it is, and why."""
    stands = f"{letter.origin} {letter.failed_at}"
    return _plain(
        f"{letter.place} {letter.event_id or '?'} is not what stands at {stands}, or that is gone:"
        " not sent. Look at it (show --payload); --only with --unproven sends it all the same."
    )


def count(number: int, what: str) -> str:
    """A last line."""
    return f"{number} {'message' if number == 1 else 'messages'} {what}."


def _instant(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace") or "(empty)"


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
