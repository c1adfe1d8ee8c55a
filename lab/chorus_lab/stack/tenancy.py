"""A tenant in a running stack, made by the gateway's own command."""

import json
import subprocess
import sys
from dataclasses import dataclass
from uuid import UUID

from chorus_lab.stack.errors import StackError
from chorus_lab.stack.stack import Stack

_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """Who is to be made."""

    name: str
    email: str
    password: str
    tier: str = "enterprise"


def create_tenant(stack: Stack, tenant: NewTenant) -> UUID:
    """Make a tenant with its owner, and answer the tenant's id. Blocks for a second.

    StackError with the command's own sentence where it refuses.
    """
    command = [sys.executable, "-m", "chorus_gateway", "create-tenant", "--password-stdin"]
    command += ["--name", tenant.name, "--email", tenant.email, "--tier", tenant.tier]
    done = subprocess.run(
        command,
        env=stack.environment("gateway"),
        input=f"{tenant.password}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise StackError(f"The tenant could not be made: {done.stderr.strip()[-500:]}")
    return UUID(json.loads(done.stdout.splitlines()[-1])["client_id"])
