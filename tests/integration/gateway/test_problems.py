"""Problem details everywhere (RFC 9457), and nothing that breaks the server."""

from typing import Any

import httpx
import orjson
import pytest

from chorus.ids import new_id
from tests.integration.gateway.conftest import Tenant, World


def _problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["code"] == code
    assert problem["type"] == f"urn:chorus:problem:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert len(problem["trace_id"]) == 32
    return problem


async def test_unknown_routes_and_methods(world: World, ada: Tenant) -> None:
    """404 and 405 have the same shape as everything else."""
    _problem(await world.http.get("/nowhere"), 404, "not_found")
    response = await world.http.delete("/api/me")
    _problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET"
    _problem(await ada.http.get("/api/pods/"), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"name": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"name": NaN}',
        b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"1" * 5000,
        b'{"name": "x", "name": {"y": [' + b"1" * 6000 + b"]}}",
        orjson.dumps({"name": "a\0b"}),
        orjson.dumps({"a\0b": 1}),
        orjson.dumps({"name": "x" * 101}),
    ],
)
async def test_broken_bodies_are_the_clients_fault(ada: Tenant, body: bytes) -> None:
    """INVARIANT: bad JSON, bad text, deep or strange documents give 4xx."""
    headers = {"content-type": "application/json"}
    for path in ("/api/pods", "/api/posts", "/api/auth/sign-in"):
        response = await ada.http.post(path, content=body, headers=headers)
        assert response.status_code in {400, 422}, response.text
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/posts", {"url": "https://x" + "\\" * 3}),
        ("/api/posts", {"url": "https://[::1"}),
        ("/api/posts", {"text": "x", "account_id": "0" * 32, "publish_at": "0001-01-01T00:00:00Z"}),
        ("/api/posts", {"url": "https://linkedin.com/", "published_at": 1e300}),
        ("/api/posts", {"url": "https://linkedin.com/", "priority": 10**40}),
        ("/api/pods/trigger-amplification", {"postId": str(new_id()), "seed": 2**53}),
        ("/api/pods", {"name": "x", "policy": {"like": {"from_seconds": 1e999}}}),
    ],
)
async def test_strange_values_are_the_clients_fault(
    ada: Tenant, path: str, body: dict[str, Any]
) -> None:
    """INVARIANT: out of range in any way gives 4xx."""
    content = str(body).replace("'", '"').replace("inf", "1e999")
    response = await ada.http.post(
        path, content=content, headers={"content-type": "application/json"}
    )
    assert 400 <= response.status_code < 500, response.text


async def test_what_is_wrong_is_named_and_never_repeated(world: World) -> None:
    """INVARIANT (invariant 7): errors point at the member; the value may be a secret."""
    body = {"email": "a@b.c", "password": ["hunter2hunter2"], "passwrod": "hunter2hunter2"}
    response = await world.http.post("/api/auth/sign-in", json=body)
    problem = _problem(response, 422, "invalid_request")
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/body/password", "/body/passwrod"}
    assert "hunter2" not in response.text


async def test_a_large_body_is_refused_before_it_is_read(ada: Tenant) -> None:
    """413 above 1 MiB, announced or not."""
    large = b'{"name": "' + b"x" * (1024 * 1024) + b'"}'

    async def in_pieces() -> Any:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    headers = {"content-type": "application/json"}
    for content in (large, in_pieces()):
        response = await ada.http.post("/api/pods", content=content, headers=headers)
        _problem(response, 413, "body_too_large")


async def test_a_database_that_does_not_answer_is_503(world: World, ada: Tenant) -> None:
    """Retry-After, and no trace of the inside."""
    await world.pool.close()
    response = await ada.http.get("/api/pods")
    _problem(response, 503, "unavailable")
    assert response.headers["retry-after"] == "5"
    assert "pool" not in response.text


async def test_security_headers_and_traces(world: World, ada: Tenant) -> None:
    """Each answer names its request; the trace of the caller goes on."""
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    request_id = str(new_id())
    headers = {"traceparent": parent, "x-request-id": request_id}
    response = await ada.http.get("/api/me", headers=headers)
    assert response.headers["traceparent"].split("-")[1] == parent.split("-")[1]
    assert response.headers["x-request-id"] == request_id
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "access-control-allow-origin" not in response.headers
    forged = await world.http.get("/nowhere", headers={"x-request-id": "a b\tforged"})
    assert forged.headers["x-request-id"] != "a b\tforged"


async def test_the_document_explains_itself(world: World) -> None:
    """OpenAPI: a summary, a description and documented errors on every operation."""
    response = await world.http.get("/api/openapi.json")
    assert response.status_code == 200
    assert (await world.http.get("/docs")).status_code == 200
    for path, methods in response.json()["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert operation.get("description"), where
            assert operation.get("tags"), where
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], where
            if not path.startswith("/api/auth/"):
                assert operation.get("security"), where
