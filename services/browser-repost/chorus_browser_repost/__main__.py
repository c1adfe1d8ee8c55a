"""`python -m chorus_browser_repost`: the browser executor as a process."""

import sys

from chorus.process.service import main
from chorus_browser_repost.app import build

if __name__ == "__main__":
    sys.exit(main(build))
