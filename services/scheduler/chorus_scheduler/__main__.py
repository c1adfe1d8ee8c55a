"""`python -m chorus_scheduler`: the scheduler as a process."""

import sys

from chorus.process.service import main
from chorus_scheduler.app import build

if __name__ == "__main__":
    sys.exit(main(build))
