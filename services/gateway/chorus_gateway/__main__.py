"""`python -m chorus_gateway`: the gateway as a process. `… create-tenant --help`: a new tenant."""

import sys

from chorus.process.service import main
from chorus_gateway import create_tenant
from chorus_gateway.app import build

if __name__ == "__main__":
    if sys.argv[1:2] == ["create-tenant"]:
        sys.exit(create_tenant.main(sys.argv[2:]))
    sys.exit(main(build))
