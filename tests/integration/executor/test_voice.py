"""Whose words go out, and what happens when a voice fails (E3)."""

from chorus.documents import VoiceCartridge
from chorus.ids import new_id
from chorus.vocabulary import Kind
from tests.integration.executor.ground import Ground


async def test_a_model_is_asked_where_one_is_configured(ground: Ground) -> None:
    """E3."""
    executor = await ground.executor(voice_model_url=ground.server.voice_url)
    ground.server.sandbox.voice_script = "Put well by a model."
    cartridge_id = await ground.cartridge(VoiceCartridge(personality="Kind."))

    command = await ground.due(Kind.COMMENT, text="Good.", cartridge_id=cartridge_id)
    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.final_text, outcome.voice) == ("Put well by a model.", "model")
    assert ground.effects[0].text == outcome.final_text


async def test_a_model_that_fails_is_followed_by_the_rules(ground: Ground) -> None:
    """E3."""
    executor = await ground.executor(voice_model_url=ground.server.voice_url)
    ground.fault("html_502", "voice")
    cartridge_id = await ground.cartridge(VoiceCartridge(vocabulary={"good": "fine"}))

    command = await ground.due(Kind.COMMENT, text="Good.", cartridge_id=cartridge_id)
    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.final_text, outcome.voice) == ("Fine.", "cartridge")


async def test_the_original_goes_out_when_no_voice_can_say_it(ground: Ground) -> None:
    """E3: a voice failure falls back to the original text, and says so."""
    executor = await ground.executor()
    cartridge_id = await ground.cartridge(VoiceCartridge(min_length=500))

    command = await ground.due(Kind.COMMENT, text="Good.", cartridge_id=cartridge_id)
    await executor.handle(command)

    outcome = await ground.outcome()
    assert (outcome.final_text, outcome.voice) == ("Good.", "fallback")


async def test_a_cartridge_that_is_gone_does_not_stop_a_comment(ground: Ground) -> None:
    """E3."""
    executor = await ground.executor()
    command = await ground.due(Kind.COMMENT, text="Good.", cartridge_id=new_id())
    await executor.handle(command)

    assert (await ground.outcome()).voice == "fallback"


async def test_the_text_of_a_lost_call_is_the_one_that_is_looked_for(ground: Ground) -> None:
    """INVARIANT: a model's words are noted before they go out, or nobody could find them (E5)."""
    first = await ground.executor(voice_model_url=ground.server.voice_url)
    ground.server.sandbox.voice_script = "Words of a model."
    cartridge_id = await ground.cartridge(VoiceCartridge())
    command = await ground.due(Kind.COMMENT, text="Good.", cartridge_id=cartridge_id)
    gate = ground.gate("comment", "after")
    await first.die_at(gate, command)
    ground.server.sandbox.voice_script = "Other words."

    await ground.executor(voice_model_url=ground.server.voice_url)

    outcome = await ground.outcome()
    assert (outcome.verified, outcome.final_text, outcome.voice) == (
        True,
        "Words of a model.",
        "model",
    )
    assert len(ground.effects) == 1
