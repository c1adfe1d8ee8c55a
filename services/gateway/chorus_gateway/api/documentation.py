"""The OpenAPI document and the page that shows it. The page is made here, once, out of the
document: no script, nothing from elsewhere, so its policy forbids both.
"""

import base64
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

DOCUMENT_PATH: Final = "/api/openapi.json"
PAGE_PATH: Final = "/docs"

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1c1e21;background:#fff}code,pre{font:14px/1.4 ui-monospace,monospace}"
    "pre{background:#f4f5f7;padding:.75rem;overflow:auto}summary{cursor:pointer;padding:.3rem 0}"
    "summary b{display:inline-block;min-width:4.5rem}table{border-collapse:collapse}"
    "td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}"
)
_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def install(app: FastAPI, document: Mapping[str, Any]) -> None:
    """Serve the document and its page."""
    as_json = orjson.dumps(document)
    as_page = page(document)

    async def show_document(_: Request) -> Response:
        return Response(as_json, media_type="application/json")

    async def show_page(_: Request) -> Response:
        return HTMLResponse(as_page, headers={"content-security-policy": POLICY})

    app.router.routes.append(Route(DOCUMENT_PATH, show_document, methods=["GET"]))
    app.router.routes.append(Route(PAGE_PATH, show_page, methods=["GET"]))


def page(document: Mapping[str, Any]) -> str:
    """The whole document as one page of HTML."""
    info = document["info"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>",
        f"<p>{escape(info['description'])}</p>",
        f'<p><a href="{DOCUMENT_PATH}">OpenAPI document</a></p>',
    ]
    for tag, operations in _by_tag(document).items():
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_operation(*operation) for operation in operations]
    parts.append("<h2>Documents</h2>")
    for name, schema in sorted(document["components"]["schemas"].items()):
        title = f'<summary id="{escape(name)}"><code>{escape(name)}</code></summary>'
        parts.append(f"<details>{title}{_json(schema)}</details>")
    parts.append("</body></html>")
    return "".join(parts)


def _by_tag(document: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    found: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = methods[method].get("tags", ["other"])[0]
                found.setdefault(tag, []).append((method, path, methods[method]))
    return found


def _operation(method: str, path: str, described: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in described.get("parameters", ())
    )
    answers = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(answer.get('description', ''))}</td></tr>"
        for status, answer in described["responses"].items()
    )
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(described.get('summary', ''))}</summary>"
        f"<p>{escape(described.get('description', ''))}</p>"
        + (f"<h4>Parameters</h4><table>{rows}</table>" if rows else "")
        + (f"<h4>Body</h4>{_json(body['schema'])}" if body else "")
        + f"<h4>Answers</h4><table>{answers}</table></details>"
    )


def _json(schema: Any) -> str:
    return f"<pre>{escape(orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode())}</pre>"
