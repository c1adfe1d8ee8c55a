"""`python -m chorus_executor`: the executor as a process."""

import sys

from chorus.process.service import main
from chorus_executor.app import build

if __name__ == "__main__":
    sys.exit(main(build))
