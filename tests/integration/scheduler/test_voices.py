"""What is shown is approved and goes out: the voice is laid over a text when it is planned."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import PodPolicy, VoiceCartridge
from chorus.events import ActivityDue
from chorus.ids import new_id
from chorus.vocabulary import Kind
from chorus_lab.seeding import Tenant, make_post, make_tenant
from chorus_scheduler.errors import VoicePending
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import Planner, PlanResult
from chorus_scheduler.voice.port import VoiceFailedError
from chorus_scheduler.voice.rounds import VoiceRounds
from tests.integration.scheduler.conftest import NOW, World

CARTRIDGE = VoiceCartridge(
    vocabulary={"good": "splendid"}, closings=("Cheers",), closing_frequency=1
)
DRAFTS = ["A good read.", "So good to see.", "Good work.", "All good here."]


class Model:
    """Says what it is told to say."""

    def __init__(self, said: str | None = None) -> None:
        self.said = said
        self.asked: list[str] = []

    async def render(self, draft: str, cartridge: VoiceCartridge) -> str:
        """See `VoiceRenderer`."""
        del cartridge
        self.asked.append(draft)
        if self.said is None:
            raise VoiceFailedError("It is away.")
        return self.said.format(draft=draft)


async def _tenant(world: World, cartridge: VoiceCartridge, *, approval: str = "required") -> Tenant:
    comment = {"from_seconds": 0, "to_seconds": 60, "approval": approval}
    policy = PodPolicy.model_validate({"comment": comment})
    tenant = await make_tenant(world.owner, members=4, policy=policy, provider_prefix="vc")
    cartridge_id = new_id()
    await world.owner.execute(
        "insert into gateway.voice_cartridges (id, client_id, name, definition)"
        " values (%s, %s, 'Voice', %s)",
        (cartridge_id, tenant.client_id, cartridge.model_dump_json()),
    )
    await world.owner.execute(
        "update gateway.pods set cartridge_id = %s where id = %s", (cartridge_id, tenant.pod_id)
    )
    return tenant


async def _planned(
    world: World, tenant: Tenant, drafts: list[str], planner: Planner | None = None
) -> PlanResult:
    post = await make_post(world.owner, tenant, published_at=NOW, comment_texts=drafts)
    request = PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=(Kind.COMMENT,),
        actor="test",
        correlation_id="c",
    )
    return await (planner or world.planner).plan(request)


async def _rows(world: World) -> dict[UUID, dict[str, Any]]:
    return {row["id"]: row for row in await world.activities()}


def _wish(tenant: Tenant, activity: UUID, text: str | None = None) -> dict[str, Any]:
    who = {"client_id": tenant.client_id, "activity_id": activity, "actor": "ada"}
    return who | {"text": text}


def _by_model(world: World) -> Planner:
    return Planner(pool=world.pool, clock=world.clock, by_model=True)


def _rounds(world: World, model: Model | None) -> VoiceRounds:
    return VoiceRounds(pool=world.pool, clock=world.clock, model=model, every=1.0)


async def _sent(world: World, *, within_minutes: int = 600) -> list[ActivityDue]:
    """All that goes out while time passes: what is late goes out one after the other."""
    sent: list[ActivityDue] = []
    for _ in range(within_minutes // 5):
        world.clock.advance(300)
        sent += await world.dispatch_all()
    return sent


async def test_what_was_approved_goes_out_byte_for_byte(world: World) -> None:
    """INVARIANT: Finding B8: whoever changes the cartridge later changes no approved word."""
    tenant = await _tenant(world, CARTRIDGE)
    planning = await _planned(world, tenant, DRAFTS)
    shown = {entry.id: entry.text for entry in planning.planned}
    assert {id_: row["draft_text"] for id_, row in (await _rows(world)).items()} == shown
    assert all("splendid" in (text or "").lower() for text in shown.values())
    edited = next(iter(shown))
    for activity in shown:
        text = "My own good words." if activity == edited else None
        approved = await world.approve(_wish(tenant, activity, text))
        shown[activity] = approved.text
    await world.owner.execute(
        'update gateway.voice_cartridges set definition = \'{"forbidden_words": ["splendid"]}\''
    )
    sent = {each.activity_id: each for each in await _sent(world)}
    assert {id_: command.text for id_, command in sent.items()} == shown
    assert sent[edited].text == "My own good words."
    assert {id_: command.voice for id_, command in sent.items()} == {
        id_: "none" if id_ == edited else "cartridge" for id_ in shown
    }


async def test_what_no_voice_can_say_goes_out_as_it_was_written(world: World) -> None:
    """E3: the original, and the row says so."""
    tenant = await _tenant(world, VoiceCartridge(min_length=500), approval="auto")
    planning = await _planned(world, tenant, DRAFTS)
    assert {entry.text for entry in planning.planned} == set(DRAFTS)
    assert {row["voice"] for row in (await _rows(world)).values()} == {"fallback"}


async def test_two_drafts_that_sound_the_same_are_not_said_twice(world: World) -> None:
    """A1, E3: never the same text twice on a post, in whatever voice."""
    cartridge = VoiceCartridge(vocabulary={"nice": "good", "fine": "good"})
    tenant = await _tenant(world, cartridge, approval="auto")
    planning = await _planned(world, tenant, ["A nice read.", "A fine read.", "A good read."])
    said = [entry.text for entry in planning.planned]
    assert len(said) == len(set(said))


async def test_a_text_that_waits_for_the_model_neither_goes_out_nor_is_approved(
    world: World,
) -> None:
    """INVARIANT: Finding B8: nobody agrees to words that they cannot see."""
    tenant = await _tenant(world, CARTRIDGE)
    planning = await _planned(world, tenant, DRAFTS, _by_model(world))
    first, second, *rest = [entry.id for entry in planning.planned]
    with pytest.raises(VoicePending):
        await world.approve(_wish(tenant, first))
    await world.approve(_wish(tenant, second, "My own words."))
    model = Model("Put well: {draft}")
    await asyncio.gather(*(_rounds(world, model).round() for _ in range(2)))
    assert len(model.asked) == 3, "each once, and none for whom a person spoke"
    rows = await _rows(world)
    assert rows[second]["draft_text"] == "My own words."
    assert {rows[id_]["voice"] for id_ in (first, *rest)} == {"model"}
    approved = {id_: rows[id_]["draft_text"] for id_ in (first, *rest)}
    assert all(text.startswith("Put well: ") for text in approved.values())
    for activity in approved:
        await world.approve(_wish(tenant, activity))
    sent = {command.activity_id: command.text for command in await _sent(world)}
    assert sent == approved | {second: "My own words."}


async def test_what_needs_no_yes_waits_for_its_voice_too(world: World) -> None:
    """Finding B8: what is due and has no voice yet is not handed over."""
    tenant = await _tenant(world, CARTRIDGE, approval="auto")
    await _planned(world, tenant, DRAFTS, _by_model(world))
    assert await _sent(world, within_minutes=10) == []
    await _rounds(world, Model("Put well: {draft}")).round()
    sent = await _sent(world)
    assert len(sent) == 4
    assert {command.voice for command in sent} == {"model"}


@pytest.mark.parametrize("said", [None, "", "x" * 2000, "\u200b", "Dear [Name], well done."])
async def test_a_model_that_fails_is_followed_by_the_rules(world: World, said: str | None) -> None:
    """E3, Finding E16: what it says is checked; without it the rules speak, and nothing waits."""
    tenant = await _tenant(world, CARTRIDGE, approval="auto")
    await _planned(world, tenant, DRAFTS, _by_model(world))
    await _rounds(world, Model(said)).round()
    rows = (await _rows(world)).values()
    assert {row["voice"] for row in rows} == {"cartridge"}
    assert all("splendid" in row["draft_text"].lower() for row in rows)


async def test_a_model_that_says_the_same_to_everybody_is_heard_once(world: World) -> None:
    """A1: never the same text twice on a post."""
    tenant = await _tenant(world, CARTRIDGE, approval="auto")
    await _planned(world, tenant, DRAFTS, _by_model(world))
    rounds = _rounds(world, Model("Well said."))
    await rounds.round()
    rows = (await _rows(world)).values()
    said = [row["draft_text"] for row in rows]
    assert len(said) == len(set(said)) == 4
    assert "pending" not in {row["voice"] for row in rows}


@pytest.mark.parametrize(
    "text", ["Congratulations, {name}!", "Hello [FIRST NAME], well done", "\u200b\u2060", "   "]
)
async def test_a_text_that_is_not_filled_in_or_cannot_be_seen_is_never_planned(
    world: World, text: str
) -> None:
    """Finding E16, E13: it is skipped, with a reason that names it."""
    tenant = await _tenant(world, CARTRIDGE, approval="auto")
    planning = await _planned(world, tenant, [text])
    assert planning.planned == ()
    assert {entry.decision.code for entry in planning.skipped} == {"text_unfit"}
    planning = await _planned(world, tenant, [text, *DRAFTS])
    assert len(planning.planned) == 4
    assert text not in {entry.source_text for entry in planning.planned}
