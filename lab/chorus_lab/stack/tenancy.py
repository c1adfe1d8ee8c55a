"""A tenant in a running stack, made by the gateway's own command."""

import json
import subprocess
import sys
from collections.abc import Sequence
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
    options = ["--name", tenant.name, "--email", tenant.email, "--tier", tenant.tier]
    said = _gateway(stack, "create-tenant", options, tenant.password)
    return UUID(json.loads(said.splitlines()[-1])["client_id"])


def set_password(stack: Stack, client_id: UUID, email: str, password: str) -> None:
    """Give somebody of a tenant a temporary password. Blocks for a second."""
    options = ["--tenant", str(client_id), "--email", email]
    _gateway(stack, "set-password", options, password)


def _gateway(stack: Stack, command: str, options: Sequence[str], password: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "chorus_gateway", command, "--password-stdin", *options],
        env=stack.environment("gateway"),
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise StackError(f"{command} was refused: {done.stderr.strip()[-500:]}")
    return done.stdout
