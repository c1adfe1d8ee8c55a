"""`python -m chorus_sandbox`: run the sandbox until SIGINT or SIGTERM."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
import uvloop

from chorus_sandbox.app import SESSION_KEY, UNIPILE_KEY, VOICE_KEY
from chorus_sandbox.server import HOST, SandboxServer


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    server = SandboxServer(
        options.port,
        host=options.host,
        truth_file=options.truth_file,
        unipile_key=options.unipile_key,
        voice_key=options.voice_key,
        session_key=options.session_key,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(server, options.ready_file))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chorus_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port (default)")
    parser.add_argument(
        "--host",
        default=HOST,
        help="the address to listen on; another than %(default)s only inside a container",
    )
    parser.add_argument(
        "--ready-file",
        type=Path,
        help="written when it listens: {url, linkedin_url, port, pid} as JSON",
    )
    parser.add_argument("--truth-file", type=Path, help="each effect is appended as a JSON line")
    parser.add_argument("--unipile-key", default=UNIPILE_KEY, help="default: %(default)s")
    parser.add_argument("--voice-key", default=VOICE_KEY, help="default: %(default)s")
    parser.add_argument("--session-key", default=SESSION_KEY, help="default: %(default)s")
    return parser.parse_args(arguments)


async def _serve(server: SandboxServer, ready_file: Path | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopping.set)
    await server.start()
    try:
        if ready_file is not None:
            _announce(server, ready_file)
        sys.stdout.write(f"The sandbox listens on {server.url} (see {server.url}/control)\n")
        sys.stdout.flush()
        await stopping.wait()
    finally:
        await server.stop()


def _announce(server: SandboxServer, ready_file: Path) -> None:
    """Written whole or not at all, as somebody waits for the file to appear."""
    partial = ready_file.with_name(f"{ready_file.name}.partial")
    ready = {
        "url": server.url,
        "linkedin_url": server.linkedin_url,
        "port": server.port,
        "pid": os.getpid(),
    }
    partial.write_bytes(orjson.dumps(ready) + b"\n")
    partial.replace(ready_file)


if __name__ == "__main__":
    raise SystemExit(main())
