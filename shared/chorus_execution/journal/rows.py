"""Between the journal's records and its rows. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import orjson

from chorus.events import ALL, ActivityDue, ActivityExecuted, Event
from chorus.kafka.envelope import Outgoing, encode
from chorus_execution.journal.records import (
    AttemptKey,
    Closing,
    Earlier,
    Inherited,
    Judged,
    Opened,
    Opening,
    Place,
    key_of,
)

Row = Mapping[str, Any]
Numbered = tuple[int, Opening]
Fresh = tuple[int, Opening, Closing | None]
Ended = tuple[Closing, list[Outgoing]]

_MODELS: dict[str, type[Event]] = {model.type: model for model in ALL}


class Note(NamedTuple):
    """A text that is about to go out."""

    key: AttemptKey
    text: str
    voice: str


def opening_rows(openings: Sequence[Opening]) -> str:
    return _array(
        {"command": _json(opening.command), "traceparent": opening.traceparent}
        for opening in openings
    )


def note_rows(notes: Sequence[Note]) -> str:
    return _array(
        {
            "activity_id": note.key.activity_id,
            "execution": note.key.execution,
            "final_text": note.text,
            "voice": note.voice,
        }
        for note in notes
    )


def closing_rows(ended: Sequence[Ended]) -> str:
    """What is sent and what is kept are the same bytes."""
    return _array(
        {
            "executed": orjson.Fragment(messages[0].value),
            "more": [
                {"type": event.type, "data": orjson.Fragment(message.value)}
                for event, message in zip(closing.more, messages[1:], strict=True)
            ],
        }
        for closing, messages in ended
    )


def challenge_rows(closings: Iterable[Closing]) -> str | None:
    """What the network said about accounts' people, in rows; None where there is nothing."""
    met = [
        _json(closing.executed)
        for closing in closings
        if closing.executed.failure is not None and closing.executed.failure.challenge
    ]
    return orjson.dumps(met).decode() if met else None


def key_arrays(keys: Collection[AttemptKey]) -> dict[str, list[Any]]:
    return {
        "ids": [key.activity_id for key in keys],
        "executions": [key.execution for key in keys],
    }


def split(
    judged: Sequence[Judged], new: Mapping[AttemptKey, datetime]
) -> tuple[list[Fresh], list[Numbered], list[int]]:
    """Those whose row was just made, the rest, and what the ledger does not know. Of two with one
    key, the second was there.
    """
    left = set(new)
    fresh: list[Fresh] = []
    known: list[Numbered] = []
    disowned: list[int] = []
    for number, item in enumerate(judged):
        if item.opening is None:
            disowned.append(number)
        elif (key := key_of(item.opening.command)) in left:
            fresh.append((number, item.opening, item.ending))
            left.discard(key)
        else:
            known.append((number, item.opening))
    return fresh, known, disowned


def disowned(command: ActivityDue, row: Row | None) -> Opened:
    """Nothing was entered. `row`: of a delivery before."""
    ended = row is not None and row["closed"]
    place = Place.ENDED_BEFORE if ended else Place.DISOWNED
    return Opened(place=place, command=command, earlier=Earlier(since=command.due_at))


def opened(
    command: ActivityDue,
    ending: Closing | None,
    opened_at: Mapping[AttemptKey, datetime],
    earlier: Mapping[UUID, Earlier],
) -> Opened:
    place = Place.OPENED if ending is None else Place.CLOSED_AT_ONCE
    known = earlier.get(command.activity_id) or Earlier(since=opened_at[key_of(command)])
    return Opened(place=place, command=command, earlier=known)


def found(row: Row, worker: UUID, earlier: Earlier, effect_window: float) -> Opened:
    """A row that was there already."""
    return Opened(
        place=place_of(row, worker),
        command=ActivityDue.model_validate(row["command"]),
        earlier=earlier,
        effect_window=effect_window if row["patient"] else 0.0,
    )


def earlier_of(row: Row) -> Earlier:
    stood = row["stood"]
    return Earlier(
        since=row["since"],
        texts=tuple(row["texts"]),
        stood=None if stood is None else frozenset(stood),
        doubtful=row["doubtful"],
        denied=row["denied"],
    )


def place_of(row: Row, worker: UUID) -> Place:
    if row["closed"]:
        return Place.ENDED_BEFORE
    return Place.OURS if row["worker_id"] == worker else Place.THEIRS


def inherited(row: Row, earlier: Earlier, effect_window: float) -> Inherited:
    return Inherited(
        command=ActivityDue.model_validate(row["command"]),
        traceparent=row["traceparent"],
        earlier=earlier,
        suspect=row["suspect"],
        gone=row["gone"],
        final_text=row["final_text"],
        voice=row["voice"],
        effect_window=effect_window if row["patient"] else 0.0,
        takeovers=row["takeovers"],
    )


def ended(closings: Iterable[Closing], source: str) -> list[Ended]:
    """Closings, each with its events in their envelopes: its own first, then the further ones."""
    return [(closing, _envelopes(closing, source)) for closing in closings]


def outgoing(all_ended: Iterable[Ended], written: AbstractSet[AttemptKey]) -> list[Outgoing]:
    """The envelopes of what was written; of what was lost to another worker there are none."""
    return [
        message
        for closing, messages in all_ended
        if key_of(closing.executed) in written
        for message in messages
    ]


def repeated(closed: Iterable[Row], source: str) -> list[Outgoing]:
    """What closed rows said, once more and under the same event ids."""
    return [envelope for row in closed for envelope in _envelopes(_closing(row), source)]


def _closing(row: Row) -> Closing:
    return Closing(
        executed=ActivityExecuted.model_validate(row["executed"]),
        more=tuple(_MODELS[event["type"]].model_validate(event["data"]) for event in row["more"]),
        traceparent=row["traceparent"],
    )


def _envelopes(closing: Closing, source: str) -> list[Outgoing]:
    executed = closing.executed
    return [
        encode(
            event,
            source=source,
            time=executed.finished_at,
            traceparent=closing.traceparent,
            event_id=uuid5(executed.activity_id, f"{executed.execution}/{event.type}"),
        )
        for event in _events(closing)
    ]


def _events(closing: Closing) -> Iterator[Event]:
    yield closing.executed
    yield from closing.more


def _json(event: Event) -> orjson.Fragment:
    return orjson.Fragment(event.model_dump_json())


def _array(items: Iterable[Mapping[str, object]]) -> str:
    return orjson.dumps(list(items)).decode()
