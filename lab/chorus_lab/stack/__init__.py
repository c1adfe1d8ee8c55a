"""The whole system as processes on one machine: for the demo, tests and benchmarks."""

from chorus_lab.stack.errors import DeadProcessError, NotInTimeError, StackError
from chorus_lab.stack.progress import Progress, Step
from chorus_lab.stack.services import ALL_SERVICES
from chorus_lab.stack.stack import Stack
from chorus_lab.stack.tenancy import NewTenant, create_tenant, set_password

__all__ = [
    "ALL_SERVICES",
    "DeadProcessError",
    "NewTenant",
    "NotInTimeError",
    "Progress",
    "Stack",
    "StackError",
    "Step",
    "create_tenant",
    "set_password",
]
