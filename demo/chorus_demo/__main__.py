"""`python -m chorus_demo`: the main job on one machine."""

import os
import signal
import sys


def _leave(*_: object) -> None:
    os.write(sys.stdout.fileno(), b"\nStopped. Nothing had been started.\n")
    os._exit(130)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one gets a sentence
        sys.exit("The demo needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    signal.signal(signal.SIGINT, _leave)  # the imports alone take a second

    from chorus_demo.command import main

    sys.exit(main())
