"""What the executor relies on of every voice, by rules or by a model over HTTP."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from pydantic import SecretStr

from chorus.documents import VoiceCartridge
from chorus_executor.domain.voice import fits
from chorus_executor.voice.cartridge import CartridgeRenderer
from chorus_executor.voice.model import Model, ModelRenderer
from chorus_executor.voice.port import VoiceFailedError, VoiceRenderer
from chorus_sandbox.app import VOICE_KEY
from chorus_sandbox.server import SandboxServer
from chorus_sandbox.world.faults import Fault, FaultKind
from chorus_sandbox.world.matching import Match

ACTIVITY = UUID(int=7)


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


@pytest.fixture(params=["rules", "model"])
def renderer(request: pytest.FixtureRequest, model: ModelRenderer) -> VoiceRenderer:
    return CartridgeRenderer() if request.param == "rules" else model


async def test_the_text_is_one_that_the_cartridge_allows(renderer: VoiceRenderer) -> None:
    """E3."""
    cartridge = VoiceCartridge(personality="Short and kind.", max_length=80)
    text = await renderer.render("Well said, and well meant.", cartridge, ACTIVITY)
    assert fits(text, cartridge)
    assert await renderer.render("Well said, and well meant.", cartridge, ACTIVITY) == text


async def test_a_text_that_is_not_allowed_is_a_failure(renderer: VoiceRenderer) -> None:
    """INVARIANT: nothing that the cartridge forbids comes out of a renderer (E3)."""
    cartridge = VoiceCartridge(min_length=900, max_length=1000)
    with pytest.raises(VoiceFailedError):
        await renderer.render("Too short.", cartridge, ACTIVITY)


@pytest.mark.parametrize(
    ("script", "text"),
    [('"Quoted."', "Quoted."), (" “Quoted.” ", "Quoted."), ("Say 'yes'", "Say 'yes'")],
)
async def test_a_models_quotation_marks_are_taken_off(
    server: SandboxServer, model: ModelRenderer, script: str, text: str
) -> None:
    """E3."""
    server.sandbox.voice_script = script
    assert await model.render("Draft.", VoiceCartridge(), ACTIVITY) == text


@pytest.mark.parametrize("script", ["", '""', "x" * 2000, "Such synergy."])
async def test_a_models_answer_is_not_trusted(
    server: SandboxServer, model: ModelRenderer, script: str
) -> None:
    """INVARIANT: empty, too long or forbidden answers are refused (E3)."""
    server.sandbox.voice_script = script
    cartridge = VoiceCartridge(forbidden_words=("synergy",))
    with pytest.raises(VoiceFailedError):
        await model.render("Draft.", cartridge, ACTIVITY)


@pytest.mark.parametrize("kind", ["html_502", "timeout_before", "reset_before", "malformed_json"])
async def test_an_endpoint_that_fails_is_a_failed_voice(
    server: SandboxServer, model: ModelRenderer, kind: FaultKind
) -> None:
    """E3: bounded in time, and told apart from a text."""
    fault = Fault(id="test", kind=kind, match=Match(route="voice"), when="before")
    server.sandbox.faults.add(fault)
    with pytest.raises(VoiceFailedError) as caught:
        await model.render("A private draft.", VoiceCartridge(), ACTIVITY)
    assert "private" not in str(caught.value)
