"""`python -m chorus_gateway`: the gateway as a process. `… create-tenant --help`: a new tenant.

`… set-password --help`: a way back for an owner who has lost theirs.
"""

import sys
from importlib import import_module

COMMANDS = {
    "create-tenant": "chorus_gateway.create_tenant",
    "set-password": "chorus_gateway.set_password",
}
"""Each with its module, which alone is imported: a command need not wait for the whole service."""

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else None
    if name in COMMANDS:
        sys.exit(import_module(COMMANDS[name]).main(sys.argv[2:]))
    service, app = import_module("chorus.process.service"), import_module("chorus_gateway.app")
    sys.exit(service.main(app.build))
