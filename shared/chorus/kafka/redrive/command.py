"""Dead letters, for a person: list them, show them, send them back, or drop them.

A message that is sent back keeps key, value and headers, so that every reader knows it by its
event id; it goes to all groups that read its topic. It is marked after it was sent: a crash between
the two sends it once more.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Final

from chorus.errors import ChorusError, ConfigurationError
from chorus.kafka.producer import EventProducer
from chorus.kafka.redrive import originals, texts
from chorus.kafka.redrive.box import DeadLetterBox, opened
from chorus.kafka.redrive.letters import Letter, sent_back, summary, unknown_names
from chorus.kafka.topics import ALL, dead_letters_of
from chorus.settings import KafkaSettings, load

BATCH: Final = 100
"""Messages that are sent before they are marked."""

_BOXES: Final = tuple(spec.name for spec in ALL if spec.name.endswith(dead_letters_of("")))

Say = Callable[[str], None]


async def list_all(settings: KafkaSettings, say: Say) -> None:
    """What waits on each topic of dead letters, and why."""
    for name in _BOXES:
        async with opened(settings, name) as box:
            say(texts.overview(name, summary(box.waiting, len(box.handled))))


async def show(
    settings: KafkaSettings, topic: str, say: Say, *, limit: int, payload: bool = False
) -> None:
    """The oldest that wait; with what they say only where `payload`: it may be people's text."""
    async with opened(settings, topic) as box:
        waiting = box.waiting
    for letter in waiting[:limit]:
        say(texts.full(letter, payload=payload))
    say(texts.count(len(waiting[:limit]), f"of {len(waiting)} that wait"))


async def requeue(
    settings: KafkaSettings,
    topic: str,
    say: Say,
    *,
    only: Sequence[str] = (),
    limit: int | None = None,
    dry_run: bool = False,
    unproven: bool = False,
) -> None:
    """Send those that wait back to where they failed, oldest first in each partition.

    One that no reader could decode goes only when it is named: many of them stop the reader again.
    One that is not what stands where it failed goes only when it is named and `unproven`: anybody
    who reads the topic can have made it. Raises DependencyUnavailable when the broker goes away:
    what was said to be sent, was.
    """
    async with opened(settings, topic) as box:
        chosen = [each for each in _chosen(box, only) if each.goes_back_to(topic)]
        if not only:
            chosen = [each for each in chosen if not each.undecodable]
        if not unproven:
            chosen = await _proven(settings, chosen, say)
        chosen = chosen[:limit]
        if dry_run:
            for letter in chosen:
                say(texts.full(letter))
            say(texts.count(len(chosen), "would be sent back; nothing was"))
        else:
            await _send_back(settings, box, chosen, say)
        say(texts.count(len(box.waiting), "wait" if len(box.waiting) != 1 else "waits"))


async def drop(settings: KafkaSettings, topic: str, say: Say, *, only: Sequence[str]) -> None:
    """Give up on these (none named: on all that wait). The broker keeps them until they expire."""
    async with opened(settings, topic) as box:
        chosen = _chosen(box, only)
        await box.mark(chosen)
    for letter in chosen:
        say(texts.full(letter))
    say(texts.count(len(chosen), "dropped"))


def _chosen(box: DeadLetterBox, only: Sequence[str]) -> list[Letter]:
    waiting = box.waiting
    unknown = unknown_names(only, waiting)
    if unknown:
        raise ConfigurationError(f"Nothing was done: none that waits is {', '.join(unknown)}.")
    return [each for each in waiting if not only or any(map(each.goes_by, only))]


async def _proven(settings: KafkaSettings, chosen: Sequence[Letter], say: Say) -> list[Letter]:
    good = await originals.proven(settings, chosen)
    kept = {letter.place for letter in good}
    for letter in chosen:
        if letter.place not in kept:
            say(texts.doubted(letter))
    return good


async def _send_back(
    settings: KafkaSettings, box: DeadLetterBox, chosen: Sequence[Letter], say: Say
) -> None:
    producer = EventProducer(settings, client_id="chorus-redrive")
    try:
        for start in range(0, len(chosen), BATCH):
            batch = chosen[start : start + BATCH]
            await producer.send([sent_back(letter) for letter in batch])
            await box.mark(batch)
            for letter in batch:
                say(f"{letter.place} {letter.event_id} to {letter.origin}")
    finally:
        await producer.stop()
    say(texts.count(len(chosen), "sent back"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chorus.kafka.redrive", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="how many wait on each topic, since when, and why")
    showing = commands.add_parser("show", help="the oldest that wait on a topic")
    sending = commands.add_parser("requeue", help="send those that wait back to where they failed")
    dropping = commands.add_parser("drop", help="give up on some")
    for command in (showing, sending, dropping):
        command.add_argument("topic", help="such as post.published, with or without .dlq")
    showing.add_argument("--limit", type=_positive, default=20)
    showing.add_argument("--payload", action="store_true", help="also what it says")
    names = "event ids (ce_id), or places such as 3/17"
    sending.add_argument("--only", nargs="+", default=[], metavar="ID", help=names)
    sending.add_argument("--limit", type=_positive, help="at most this many")
    sending.add_argument("--dry-run", action="store_true", help="send nothing")
    doubted = "with --only: also what is not, or no more, what stands where it failed"
    sending.add_argument("--unproven", action="store_true", help=doubted)
    which = dropping.add_mutually_exclusive_group(required=True)
    which.add_argument("--only", nargs="+", default=[], metavar="ID", help=names)
    which.add_argument("--all", action="store_true", help="all that wait on the topic")
    dropping.add_argument("--yes", action="store_true", help="needed: nobody handles them any more")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _box_of(topic: str) -> str:
    name = topic if topic in _BOXES else dead_letters_of(topic)
    if name not in _BOXES:
        known = ", ".join(box.removesuffix(dead_letters_of("")) for box in _BOXES)
        raise ConfigurationError(f"There is no topic {topic} (there is: {known}).")
    return name


async def _run(chosen: argparse.Namespace, say: Say) -> None:
    settings = load(KafkaSettings)
    if chosen.command == "list":
        await list_all(settings, say)
        return
    topic = _box_of(chosen.topic)
    if chosen.command == "show":
        await show(settings, topic, say, limit=chosen.limit, payload=chosen.payload)
    elif chosen.command == "requeue":
        if chosen.unproven and not chosen.only:
            raise ConfigurationError("Nothing was sent: name with --only what goes unproven.")
        await requeue(
            settings,
            topic,
            say,
            only=chosen.only,
            limit=chosen.limit,
            dry_run=chosen.dry_run,
            unproven=chosen.unproven,
        )
    elif chosen.yes:
        await drop(settings, topic, say, only=chosen.only)
    else:
        raise ConfigurationError("Nothing was dropped: say --yes as well.")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when it did what it was told, 1 without a broker, 2 for a wrong question."""
    chosen = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(chosen, lambda line: print(line, flush=True)))  # noqa: T201 - a command
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ChorusError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
