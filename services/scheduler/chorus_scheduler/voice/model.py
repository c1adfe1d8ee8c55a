"""By a language model behind any OpenAI-compatible endpoint; its answer is checked, not trusted."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from chorus.documents import VoiceCartridge
from chorus.voice.rules import fits
from chorus_scheduler.voice.port import VoiceFailedError

_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»", "„": "“"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`base_url` ends in `/v1`."""

    base_url: str
    api_key: SecretStr
    name: str
    timeout_seconds: float = 10.0


class ModelRenderer:
    """See `VoiceRenderer`."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._client = httpx.AsyncClient(
            base_url=model.base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {model.api_key.get_secret_value()}"},
            timeout=model.timeout_seconds,
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def render(self, draft: str, cartridge: VoiceCartridge) -> str:
        text = _unquoted(await self._ask(draft, cartridge))
        if not fits(text, cartridge):
            raise VoiceFailedError("The model's text is not one that the cartridge allows.")
        return text

    async def _ask(self, draft: str, cartridge: VoiceCartridge) -> str:
        body = {
            "model": self._model.name,
            "temperature": 0.7,
            "messages": [
                {"role": "system", "content": instructions(cartridge)},
                {"role": "user", "content": draft},
            ],
        }
        try:
            async with asyncio.timeout(self._model.timeout_seconds):
                answer = await self._client.post("/chat/completions", json=body)
            answer.raise_for_status()
            return _content(answer.json())
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            raise VoiceFailedError(f"The model's endpoint answered {status}.") from error
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            kind = type(error).__name__
            raise VoiceFailedError(f"The model's endpoint gave no answer ({kind}).") from error


def instructions(cartridge: VoiceCartridge) -> str:
    """What the model is told: the cartridge in words. The draft comes as the user's message."""
    lines = [
        "Rewrite the user's comment as this person would write it. Keep its meaning and language.",
        "Answer with the comment alone: no quotation marks, no explanation.",
        f"Tone: {cartridge.tone}.",
        f"Length: {cartridge.min_length} to {cartridge.max_length} characters.",
    ]
    if cartridge.personality:
        lines.append(f"The person: {cartridge.personality}")
    lines += [f"Say '{said}' instead of '{word}'." for word, said in cartridge.vocabulary.items()]
    if cartridge.forbidden_words:
        lines.append("Never use: " + ", ".join(cartridge.forbidden_words))
    return "\n".join(lines)


def _content(answer: Any) -> str:
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise VoiceFailedError("The model's answer has no message.") from error
    if not isinstance(content, str):
        raise VoiceFailedError("The model's answer has no message.")
    return content


def _unquoted(text: str) -> str:
    """Models like to put their answer into quotation marks."""
    text = text.strip()
    while len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text
