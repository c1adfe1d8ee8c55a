"""The text of an activity: renderers in turn, then the original (E3)."""

import time
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import structlog
from pydantic import ValidationError

from chorus.documents import VoiceCartridge
from chorus.events import ActivityDue
from chorus.execution.domain.endings import SILENT, Wording
from chorus.postgres.transient import is_transient
from chorus.vocabulary import Kind
from chorus_executor.remembered import Remembered
from chorus_executor.voice.port import VoiceFailedError, VoiceRenderer

_log = structlog.get_logger()


class CartridgeSource(Protocol):
    async def read(self, cartridge_id: UUID, *, client_id: UUID) -> tuple[int, Any] | None:
        """Version and definition as stored, or None."""


class Voices:
    """A cartridge is read again after `keep_seconds`, so a new version is soon in use."""

    def __init__(
        self,
        source: CartridgeSource,
        renderers: Sequence[VoiceRenderer],
        *,
        keep_seconds: float = 5.0,
    ) -> None:
        self._source = source
        self._renderers = renderers
        self._keep_seconds = keep_seconds
        self._read: Remembered[tuple[UUID, UUID], tuple[float, VoiceCartridge]] = Remembered(1_000)

    async def wording(self, command: ActivityDue) -> Wording:
        """The text that is to go out. Never fails because of a voice."""
        if command.kind is Kind.REPOST:
            return Wording(text=command.text or "")
        if command.text is None:
            return SILENT
        if command.kind is not Kind.COMMENT or command.cartridge_id is None:
            return Wording(text=command.text)
        try:
            cartridge = await self._cartridge(command.cartridge_id, command.client_id)
            return await self._rendered(command.text, cartridge, command)
        except VoiceFailedError as error:
            _log.warning("voice.fell_back", error=str(error))
            return Wording(text=command.text, voice="fallback")

    async def _rendered(
        self, draft: str, cartridge: VoiceCartridge, command: ActivityDue
    ) -> Wording:
        for renderer in self._renderers:
            try:
                text = await renderer.render(draft, cartridge, command.activity_id)
            except VoiceFailedError as error:
                _log.warning("voice.failed", voice=renderer.voice, error=str(error))
                continue
            return Wording(text=text, voice=renderer.voice)
        raise VoiceFailedError("No renderer gave a text.")

    async def _cartridge(self, cartridge_id: UUID, client_id: UUID) -> VoiceCartridge:
        key = (client_id, cartridge_id)
        known = self._read.get(key)
        if known is not None and time.monotonic() - known[0] < self._keep_seconds:
            return known[1]
        try:
            row = await self._source.read(cartridge_id, client_id=client_id)
            if row is None:
                raise VoiceFailedError("The cartridge does not exist.")
            cartridge = VoiceCartridge.model_validate(row[1])
        except ValidationError as error:
            raise VoiceFailedError("The cartridge's definition cannot be read.") from error
        except Exception as error:
            if not is_transient(error):
                raise
            raise VoiceFailedError("The cartridge could not be read.") from error
        self._read.put(key, (time.monotonic(), cartridge))
        return cartridge
