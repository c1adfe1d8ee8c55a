"""One line of log for each request, under the route that the API's document names."""

import re

from structlog.testing import capture_logs

from chorus.ids import new_id
from tests.integration.gateway.conftest import HOOK_SECRET, Tenant, World


async def test_every_route_is_logged_under_its_documented_name(world: World) -> None:
    """E8: who looks for a route in the log, or in a metric's label, finds it by its whole path."""
    document = (await world.http.get("/api/openapi.json")).json()
    expected = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    with capture_logs() as lines:
        for method, path in sorted(expected):
            await world.http.request(method, re.sub(r"\{\w+\}", str(new_id()), path))
    logged = [
        (line["method"], line["route"])
        for line in lines
        if line["event"] == "http.request_answered"
    ]
    assert logged == sorted(expected)
    assert ("GET", "/api/api-keys") in expected


async def test_what_is_no_route_is_logged_as_none(world: World, ada: Tenant) -> None:
    """Made-up paths make no label of their own; the line still has the path and the caller."""
    with capture_logs() as lines:
        await ada.http.get("/api/nowhere")
        await ada.http.get("/api/me")
    [nowhere, me] = [line for line in lines if line["event"] == "http.request_answered"]
    assert (nowhere["route"], nowhere["path"]) == ("(no route)", "/api/nowhere")
    assert (me["route"], me["client_id"]) == ("/api/me", str(ada.client_id))


async def test_no_hooks_secret_stands_in_the_log(world: World) -> None:
    """INVARIANT (7): also where the public address has a path that a proxy leaves on."""
    with capture_logs() as lines:
        for before in ("", "/chorus", "/a/b"):
            await world.http.post(f"{before}/hooks/unipile/accounts/{HOOK_SECRET}", json={})
    paths = [line["path"] for line in lines if line["event"] == "http.request_answered"]
    assert paths == ["/hooks/…", "/chorus/hooks/…", "/a/b/hooks/…"]
    with capture_logs() as lines:
        await world.http.get("/chorus/connect/token/done")
    assert [line["path"] for line in lines] == ["/chorus/connect/…"]
    assert HOOK_SECRET not in str(lines)
