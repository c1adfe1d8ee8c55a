"""`python -m chorus_notifier`: the notifier as a process."""

import sys

from chorus.process.service import main
from chorus_notifier.app import build

if __name__ == "__main__":
    sys.exit(main(build))
