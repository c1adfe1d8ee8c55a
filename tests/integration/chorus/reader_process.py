"""A consumer to be killed: notes what it handled in a file, and never ends a message of key 3."""

import asyncio
import sys
from pathlib import Path

from chorus.events import PostPublished
from chorus.kafka.consuming.loop import ConsumeLoop
from chorus.kafka.envelope import Received
from chorus.settings import KafkaSettings, load


async def main(seen: Path) -> None:
    """Consume until killed."""

    async def handle(received: Received[PostPublished]) -> None:
        if received.event.correlation_id.startswith("3/"):
            await asyncio.Event().wait()
        with seen.open("a", encoding="utf-8") as file:
            file.write(f"{received.event.correlation_id}\n")

    loop = ConsumeLoop(
        settings=load(KafkaSettings), group="readers", handlers={PostPublished: handle}
    )
    await loop.run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
