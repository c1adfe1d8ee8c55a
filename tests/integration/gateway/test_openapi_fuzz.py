"""Requests made up from the OpenAPI document: no server error, nothing undocumented."""

import os
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from chorus_gateway.api.application import openapi
from tests.integration.gateway.conftest import POST_URL, Tenant, World, pod_with_member

_EXAMPLES = int(os.environ.get("CHORUS_FUZZ_EXAMPLES", "15"))
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# It never ends, so it is tested by itself.
_ENDLESS = "/api/events"


def _operations() -> list[Any]:
    document = openapi("0")
    schema = schemathesis.openapi.from_dict(document)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return [pytest.param(one, id=one.label) for one in found if one.path != _ENDLESS]


def _modes(operation: APIOperation[Any, Any, Any, Any]) -> list[GenerationMode]:
    """Good requests, and bad ones where anything can be bad."""
    inputs = operation.body or operation.path_parameters or operation.query or operation.headers
    return list(GenerationMode) if inputs else [GenerationMode.POSITIVE]


@pytest.mark.parametrize("operation", _operations())
@given(data=st.data())
@settings(
    max_examples=_EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
async def test_no_request_breaks_the_server(
    ada: Tenant,
    known: dict[str, str],
    operation: APIOperation[Any, Any, Any, Any],
    data: st.DataObject,
) -> None:
    """INVARIANT: whatever is sent, the answer is documented and no server error."""
    mode = data.draw(st.sampled_from(_modes(operation)), "mode")
    case = data.draw(operation.as_strategy(generation_mode=mode))
    aimed: bool = data.draw(st.booleans(), "with ids that exist")
    if aimed and case.path_parameters:
        case.path_parameters.update(
            {name: known[name] for name in case.path_parameters if name in known}
        )
    response = await _send(ada.http, case)
    case.validate_response(response, checks=_CHECKS)


@pytest.fixture
async def known(world: World, ada: Tenant) -> dict[str, str]:
    """Ids of real things by their names in paths, so that more than 404 is seen."""
    pod, account, member = await pod_with_member(ada)
    post = await ada.post("/api/posts", {"url": POST_URL})
    cartridge = await ada.post("/api/cartridges", {"name": "warm"})
    key = await ada.post("/api/api-keys", {"name": "robot"})
    activity_id = await world.ledger.activity(
        client_id=ada.client_id,
        post_id=post["id"],
        account_id=account["id"],
        at=world.clock.now(),
        member_id=member["id"],
        pod_id=pod["id"],
    )
    evidence_id = await world.ledger.evidence(
        client_id=ada.client_id, activity_id=activity_id, at=world.clock.now()
    )
    pause_id = await world.ledger.pause(client_id=ada.client_id, scope="tenant")
    return {
        "pod_id": pod["id"],
        "account_id": account["id"],
        "member_id": member["id"],
        "post_id": post["id"],
        "cartridge_id": cartridge["id"],
        "key_id": key["id"],
        "user_id": str(ada.user_id),
        "activity_id": str(activity_id),
        "evidence_id": str(evidence_id),
        "pause_id": str(pause_id),
    }


async def _send(client: httpx.AsyncClient, case: Case[Any]) -> httpx.Response:
    options = case.as_transport_kwargs(base_url="http://chorus.test")
    prepared = requests.Request(**options).prepare()
    headers = {name: str(value) for name, value in prepared.headers.items()}
    # Its own or none: a made-up one would end every request at 401.
    headers.pop("Authorization", None)
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    return await client.request(
        prepared.method or "GET",
        prepared.url or "",
        headers=headers,
        content=cast("bytes | None", body),
    )
