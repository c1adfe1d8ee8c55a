"""`python -m chorus_executor`: the executor as a process."""

import sys

from chorus.lifecycle import main
from chorus_executor.app import build

if __name__ == "__main__":
    sys.exit(main(build))
