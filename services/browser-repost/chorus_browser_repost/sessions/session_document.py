"""What a session endpoint answers, read strictly. No value of it is ever quoted in an error.

`{"cookies": [{name, value, domain, path, secure, httpOnly, expires?, sameSite?}], "user_agent"}`
"""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chorus.errors import PermanentProviderError, TransientProviderError
from chorus.vocabulary import ErrorType
from chorus_browser_repost.sessions.session import Cookie, SameSite, Session

# Printable ASCII without what would end a cookie or a header.
_NAME: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$"
_VALUE: Final = r"^[!-:<-~]{0,4096}$"
_DOMAIN: Final = r"^\.?[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$"
_PATH: Final = r"^/[!-:<-~]{0,1023}$"
_AGENT: Final = r"^[ -~]{1,512}$"
# Strings are not cached: Pydantic would keep thousands of short ones, cookies among them (P6).
_STRICT: Final = ConfigDict(
    extra="forbid", strict=True, hide_input_in_errors=True, cache_strings="none"
)


class _Cookie(BaseModel):
    model_config = _STRICT

    name: Annotated[str, StringConstraints(pattern=_NAME)]
    value: Annotated[str, StringConstraints(pattern=_VALUE)] = Field(repr=False)
    domain: Annotated[str, StringConstraints(pattern=_DOMAIN, max_length=255)]
    path: Annotated[str, StringConstraints(pattern=_PATH)] = "/"
    secure: bool
    http_only: bool = Field(alias="httpOnly")
    expires: float | None = None
    same_site: SameSite | None = Field(default=None, alias="sameSite")


class _Document(BaseModel):
    model_config = _STRICT

    cookies: list[_Cookie] = Field(min_length=1, max_length=100, repr=False)
    user_agent: Annotated[str, StringConstraints(pattern=_AGENT)] = Field(repr=False)


def read_session(body: bytes, now: datetime) -> Session:
    """Raises TransientProviderError for what is no JSON, PermanentProviderError for another shape,
    ChallengeError where nobody is signed in.
    """
    # Raised after the `except` has ended: the error of the reader would hold the answer.
    try:
        answer = _Document.model_validate_json(body)
    except ValidationError as error:
        no_json, places = _diagnosis(error)
    else:
        return _session(answer, now)
    if no_json:
        raise TransientProviderError(
            "The session endpoint's answer is not JSON.",
            error_type=ErrorType.NETWORK_ERROR,
            code="session_answer_unreadable",
        )
    raise PermanentProviderError(
        f"The session endpoint's answer is not as documented, at: {places}.",
        error_type=ErrorType.API_ERROR,
        code="session_answer_invalid",
    )


def _session(answer: _Document, now: datetime) -> Session:
    cookies = [Cookie(**cookie.model_dump()) for cookie in answer.cookies]
    return Session(cookies=cookies, user_agent=answer.user_agent, now=now)


def _diagnosis(error: ValidationError) -> tuple[bool, str]:
    """Whether it is no JSON at all, and otherwise the fields at fault, known ones by name."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    if any(item["type"] == "json_invalid" for item in found):
        return True, ""
    places = sorted({_place(item["loc"], item["type"]) for item in found})
    return False, ", ".join(places[:5])


def _place(location: tuple[int | str, ...], kind: str) -> str:
    if kind == "extra_forbidden":
        return "an unknown field"
    return ".".join(str(part) for part in location) or "the whole"
