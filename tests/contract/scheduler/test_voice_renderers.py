"""What the scheduler relies on of a language model over HTTP."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from chorus.documents import VoiceCartridge
from chorus.voice.rules import fits
from chorus_sandbox.app import VOICE_KEY
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.faults import Fault, FaultKind
from chorus_sandbox.world.matching import Match
from chorus_scheduler.voice.model import Model, ModelRenderer
from chorus_scheduler.voice.port import VoiceFailedError


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer() as running:
        yield running


@pytest.fixture
async def model(server: SandboxServer) -> AsyncIterator[ModelRenderer]:
    renderer = ModelRenderer(
        Model(
            base_url=server.voice_url,
            api_key=SecretStr(VOICE_KEY),
            name="any",
            timeout_seconds=0.5,
        )
    )
    yield renderer
    await renderer.aclose()


async def test_the_text_is_one_that_the_cartridge_allows(model: ModelRenderer) -> None:
    """E3."""
    cartridge = VoiceCartridge(personality="Short and kind.", max_length=80)
    text = await model.render("Well said, and well meant.", cartridge)
    assert fits(text, cartridge)
    assert await model.render("Well said, and well meant.", cartridge) == text


async def test_a_text_that_is_not_allowed_is_a_failure(model: ModelRenderer) -> None:
    """INVARIANT: nothing that the cartridge forbids comes out of a renderer (E3)."""
    cartridge = VoiceCartridge(min_length=900, max_length=1000)
    with pytest.raises(VoiceFailedError):
        await model.render("Too short.", cartridge)


@pytest.mark.parametrize(
    ("script", "text"),
    [('"Quoted."', "Quoted."), (" “Quoted.” ", "Quoted."), ("Say 'yes'", "Say 'yes'")],
)
async def test_a_models_quotation_marks_are_taken_off(
    server: SandboxServer, model: ModelRenderer, script: str, text: str
) -> None:
    """E3."""
    server.sandbox.voice_script = script
    assert await model.render("Draft.", VoiceCartridge()) == text


@pytest.mark.parametrize("script", ["", '""', "x" * 2000, "Such synergy."])
async def test_a_models_answer_is_not_trusted(
    server: SandboxServer, model: ModelRenderer, script: str
) -> None:
    """INVARIANT: empty, too long or forbidden answers are refused (E3)."""
    server.sandbox.voice_script = script
    cartridge = VoiceCartridge(forbidden_words=("synergy",))
    with pytest.raises(VoiceFailedError):
        await model.render("Draft.", cartridge)


@pytest.mark.parametrize("kind", ["html_502", "timeout_before", "reset_before", "malformed_json"])
async def test_an_endpoint_that_fails_is_a_failed_voice(
    server: SandboxServer, model: ModelRenderer, kind: FaultKind
) -> None:
    """E3: bounded in time, and told apart from a text."""
    fault = Fault(id="test", kind=kind, match=Match(route="voice"), when="before")
    server.sandbox.faults.add(fault)
    with pytest.raises(VoiceFailedError) as caught:
        await model.render("A private draft.", VoiceCartridge())
    assert "private" not in str(caught.value)
