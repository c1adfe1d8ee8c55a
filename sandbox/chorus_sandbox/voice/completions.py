"""POST /voice/v1/chat/completions: strict, and the same answer for the same request.

The answer is the last user message with a mark made from the whole request, so that a test can
tell that it came from here and from which request; `POST /control/voice` sets a fixed answer.
"""

import hashlib
import hmac

import orjson

from chorus_sandbox.asgi import Answer, Request, json_answer
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.sandbox import Sandbox
from chorus_sandbox.world.view import View

PREFIX = "/voice/v1"
PATH = f"{PREFIX}/chat/completions"
ROLES = frozenset({"system", "developer", "user", "assistant"})
STATUS_OF: dict[str, int] = {
    "invalid_request_error": 400,
    "invalid_api_key": 401,
    "not_found_error": 404,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "overloaded_error": 503,
}
_FIELDS = frozenset(
    {
        "model",
        "messages",
        "temperature",
        "top_p",
        "max_tokens",
        "max_completion_tokens",
        "n",
        "stream",
        "seed",
        "stop",
        "user",
        "presence_penalty",
        "frequency_penalty",
        "response_format",
    }
)


class VoiceApi:
    """A provider, see `chorus_sandbox.world.calls.Provider`."""

    prefix = PREFIX
    error_types = frozenset(STATUS_OF)
    route_names = frozenset({"voice"})

    def __init__(self, sandbox: Sandbox, *, api_key: str) -> None:
        self._sandbox = sandbox
        self._authorization = f"Bearer {api_key}".encode()

    def prepare(self, request: Request) -> Call:
        given = request.headers.get(b"authorization", b"")
        if not hmac.compare_digest(given, self._authorization):
            raise Refusal("invalid_api_key", "Incorrect API key provided.")
        if request.path != PATH or request.method != "POST":
            raise Refusal("not_found_error", "Unknown request URL.")
        body = _body(request)
        self._sandbox.voice_calls += 1

        def run(_view: View) -> Answer:
            return _completion(self._sandbox, body)

        return Call("voice", request.method, None, None, None, run)

    def render(self, refusal: Refusal, request: Request) -> Answer:
        error = {
            "message": f"{refusal.detail} ({request.method} {request.path})",
            "type": refusal.type,
            "param": None,
            "code": refusal.type,
        }
        answer = json_answer(STATUS_OF.get(refusal.type, 500), {"error": error})
        if refusal.retry_after is None:
            return answer
        header = (b"retry-after", b"%d" % refusal.retry_after)
        return Answer(answer.status, answer.body, headers=(header,))


def _body(request: Request) -> dict[str, object]:
    if not request.headers.get(b"content-type", b"").startswith(b"application/json"):
        raise Refusal("invalid_request_error", "The body must be application/json.")
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refusal("invalid_request_error", "The body is not JSON.") from error
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        raise Refusal("invalid_request_error", "model must be a string.")
    unknown = sorted(body.keys() - _FIELDS)
    if unknown:
        raise Refusal("invalid_request_error", f"Unrecognized argument(s): {', '.join(unknown)}.")
    if body.get("stream") or body.get("n", 1) != 1:
        raise Refusal("invalid_request_error", "Only one choice, not streamed, is served here.")
    _check_messages(body.get("messages"))
    return body


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refusal("invalid_request_error", "messages must be a list that is not empty.")
    for message in messages:
        if (
            not isinstance(message, dict)
            or message.keys() != {"role", "content"}
            or message["role"] not in ROLES
            or not isinstance(message["content"], str)
        ):
            raise Refusal("invalid_request_error", "A message is {role, content} with text.")
    if not any(message["role"] == "user" for message in messages):
        raise Refusal("invalid_request_error", "One message must be the user's.")


def _completion(sandbox: Sandbox, body: dict[str, object]) -> Answer:
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    texts = [(item["role"], item["content"]) for item in _messages(body)]
    content = sandbox.voice_script
    if content is None:
        content = f"{[text for role, text in texts if role == 'user'][-1]} [voice {digest[:8]}]"
    used = sum(len(text.split()) for _, text in texts)
    made = len(content.split())
    return json_answer(
        200,
        {
            "id": f"chatcmpl-{digest[:24]}",
            "object": "chat.completion",
            "created": sandbox.now_ms() // 1000,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content},
                    "finish_reason": "stop",
                }
            ],
            "usage": {
                "prompt_tokens": used,
                "completion_tokens": made,
                "total_tokens": used + made,
            },
        },
    )


def _messages(body: dict[str, object]) -> list[dict[str, str]]:
    messages = body["messages"]
    return messages if isinstance(messages, list) else []
