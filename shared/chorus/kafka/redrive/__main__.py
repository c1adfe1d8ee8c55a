"""`python -m chorus.kafka.redrive`."""

import sys

from chorus.kafka.redrive.command import main

sys.exit(main())
