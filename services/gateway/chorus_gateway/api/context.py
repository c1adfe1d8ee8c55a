"""What routes are given: the parts of the gateway, and who asks."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from chorus_gateway.caller import Caller, Gateway
from chorus_gateway.domain.principals import Principal
from chorus_gateway.domain.roles import Permission
from chorus_gateway.problems import Problem

# Shown in the OpenAPI document; the authenticator reads the header itself, to say more than "no".
_bearer = HTTPBearer(auto_error=False, description="An access token, or an API key (chk_…).")


def gateway_of(request: Request) -> Gateway:
    """The parts, as `create_app` was given them."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def address_of(request: Request) -> str:
    """Where the request comes from, as far as the server knows."""
    return request.client.host if request.client else "unknown"


def _with(permission: Permission) -> Callable[..., Awaitable[Caller]]:
    async def caller(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Caller:
        gateway = gateway_of(request)
        # Admission has asked already, before it let anything of the request be read.
        principal: Principal = request.state.principal
        if not principal.may(permission):
            raise Problem("not_allowed")
        return Caller(principal=principal, address=address_of(request), gateway=gateway)

    return caller


Parts = Annotated[Gateway, Depends(gateway_of)]
Reader = Annotated[Caller, Depends(_with(Permission.READ))]
Stopper = Annotated[Caller, Depends(_with(Permission.STOP))]
AccountHolder = Annotated[Caller, Depends(_with(Permission.OWN_ACCOUNTS))]
Approver = Annotated[Caller, Depends(_with(Permission.APPROVE))]
Manager = Annotated[Caller, Depends(_with(Permission.MANAGE))]
Administrator = Annotated[Caller, Depends(_with(Permission.ADMINISTER))]
