"""The text of a repost, from the preview to the command; and a person who changes it."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from chorus.documents import PodPolicy, RepostPolicy
from chorus.documents.activity_commands import Reword
from chorus.vocabulary import Kind
from chorus_lab.seeding import Tenant, make_post, make_tenant
from chorus_scheduler.errors import (
    ConsentMissing,
    MoveNotAllowed,
    SchedulerRefusal,
    TextNeeded,
    TextNotAllowed,
)
from chorus_scheduler.planning.inputs import PlanRequest
from chorus_scheduler.planning.planner import PlanResult
from tests.integration.scheduler.conftest import NOW, World


def _policy(**changes: Any) -> PodPolicy:
    chatty = {"from_seconds": 0, "to_seconds": 60, "spread": "uniform", "comment_share": 1}
    return PodPolicy(repost=RepostPolicy.model_validate(chatty | changes))


async def _tenant(world: World, policy: PodPolicy, members: int = 4) -> Tenant:
    tenant = await make_tenant(world.owner, members=members, policy=policy, provider_prefix="rp")
    for number, member in enumerate(tenant.members):
        phrases = [f"Own words {number}", "The same for all"]
        await world.owner.execute(
            "update gateway.pod_members set phrases = %s, phrases_by = %s where id = %s",
            (phrases, tenant.user_id, member),
        )
    return tenant


async def _request(world: World, tenant: Tenant, *kinds: Kind) -> PlanRequest:
    post = await make_post(
        world.owner, tenant, published_at=NOW, comment_texts=["The post's own text"]
    )
    return PlanRequest(
        client_id=tenant.client_id,
        post_id=post,
        kinds=kinds or (Kind.REPOST,),
        actor="test",
        correlation_id="c",
    )


async def _planned(world: World, policy: PodPolicy) -> tuple[Tenant, PlanResult]:
    tenant = await _tenant(world, policy)
    return tenant, await world.planner.plan(await _request(world, tenant))


async def _texts(world: World) -> dict[UUID, str | None]:
    return {row["id"]: row["draft_text"] for row in await world.activities()}


def _wish(tenant: Tenant, activity: UUID, text: str | None) -> dict[str, Any]:
    who = {"client_id": tenant.client_id, "activity_id": activity, "actor": "ada"}
    return who | {"text": text}


async def test_the_preview_shows_the_texts_that_are_stored(world: World) -> None:
    """INVARIANT (P3, P5): what the preview shows is what is stored, texts and all."""
    tenant = await _tenant(world, _policy())
    request = await _request(world, tenant)
    preview = await world.planner.plan(replace(request, dry_run=True))
    assert await world.activities() == []
    await world.planner.plan(request)
    stored = await _texts(world)
    assert stored == {entry.id: entry.text for entry in preview.planned}
    said = list(stored.values())
    assert None not in said
    assert len(set(said)) == 4, "never the same twice on a post"


async def test_comments_come_first_and_reposts_say_what_is_left(world: World) -> None:
    """P5, E3: planned together, a comment needs a text and a repost does without."""
    tenant = await _tenant(world, _policy())
    request = await _request(world, tenant, Kind.REPOST, Kind.COMMENT)
    planning = await world.planner.plan(request)
    comments = [entry.text for entry in planning.planned if entry.kind is Kind.COMMENT]
    reposts = [entry.text for entry in planning.planned if entry.kind is Kind.REPOST]
    assert len(comments) == len(reposts) == 4
    assert None not in comments
    said = [text for text in comments + reposts if text is not None]
    assert len(set(said)) == len(said)
    assert None in reposts, "four members have five phrases between them"


async def test_a_share_of_nothing_is_all_instant(world: World) -> None:
    """P5: 0 turns it off; the command of an instant repost has no text."""
    await _planned(world, _policy(comment_share=0))
    assert set((await _texts(world)).values()) == {None}
    world.clock.advance(60)
    assert {command.text for command in await world.dispatch_all()} == {None}


async def test_a_repost_may_wait_for_a_yes(world: World) -> None:
    """Approval by the policy of reposts: nothing goes out, and a person may give it other words."""
    tenant, planning = await _planned(world, _policy(approval="required"))
    first, *_ = planning.planned
    world.clock.advance(60)
    assert await world.dispatch_all() == []
    await world.steering.reword(Reword(**_wish(tenant, first.id, "Changed once")))
    await world.approve(_wish(tenant, first.id, None))
    assert [c.text for c in await world.dispatch_all()] == ["Changed once"]


async def test_a_person_edits_or_drops_what_is_not_handed_over(world: World) -> None:
    """P5: other words, or none; each is a decision on the timeline, and goes out so."""
    tenant, planning = await _planned(world, _policy())
    edited, dropped, left, *_ = planning.planned
    said = await world.steering.reword(Reword(**_wish(tenant, edited.id, "My own words")))
    assert (said.text, said.state) == ("My own words", "scheduled")
    await world.steering.reword(Reword(**_wish(tenant, dropped.id, None)))
    await world.steering.reword(Reword(**_wish(tenant, left.id, left.text)))
    assert "text_edited" in await world.decisions(edited.id)
    assert "text_dropped" in await world.decisions(dropped.id)
    assert await world.decisions(left.id) == ["planned"], "the same words are no change"
    world.clock.advance(60)
    texts = {command.activity_id: command.text for command in await world.dispatch_all()}
    assert texts[edited.id] == "My own words"
    assert texts[dropped.id] is None
    assert texts[left.id] == left.text


async def test_what_is_handed_over_keeps_its_words(world: World) -> None:
    """INVARIANT: an edit is refused or goes out; it is never lost in a race with the hand-over."""
    tenant, planning = await _planned(world, _policy())
    world.clock.advance(60)

    async def edit(activity: UUID) -> str:
        try:
            await world.steering.reword(Reword(**_wish(tenant, activity, f"Edited {activity}")))
        except MoveNotAllowed as refused:
            return refused.extra["state"]
        return "edited"

    ids = [entry.id for entry in planning.planned]
    _, *answers = await asyncio.gather(world.dispatch_all(), *(edit(one) for one in ids))
    await world.dispatch_all()
    sent = {command.activity_id: command.text for command in world.commands()}
    assert set(sent) == set(ids)
    for activity, answer in zip(ids, answers, strict=True):
        assert answer == ("edited" if sent[activity] == f"Edited {activity}" else "dispatched")
        assert (await _texts(world))[activity] == sent[activity]
        assert await edit(activity) == "dispatched"


async def _refusal(world: World, wish: dict[str, Any]) -> SchedulerRefusal:
    with pytest.raises(SchedulerRefusal) as caught:
        await world.steering.reword(Reword(**wish))
    return caught.value


async def test_texts_that_cannot_be(world: World) -> None:
    """A like says nothing, a comment cannot say nothing, and nobody speaks without consent."""
    tenant = await _tenant(world, _policy(), members=1)
    request = await _request(world, tenant, Kind.LIKE, Kind.COMMENT, Kind.REPOST)
    ids = {entry.kind: entry.id for entry in (await world.planner.plan(request)).planned}
    like = await _refusal(world, _wish(tenant, ids[Kind.LIKE], "Words"))
    assert isinstance(like, TextNotAllowed)
    comment = await _refusal(world, _wish(tenant, ids[Kind.COMMENT], None))
    assert isinstance(comment, TextNeeded)
    await _revoke_comments(world, tenant)
    repost = await _refusal(world, _wish(tenant, ids[Kind.REPOST], "Words"))
    assert isinstance(repost, ConsentMissing)
    silent = await world.steering.reword(Reword(**_wish(tenant, ids[Kind.REPOST], None)))
    assert silent.text is None


async def test_withdrawn_consent_to_comments_silences_reposts(world: World) -> None:
    """INVARIANT (invariant 4): looked at once more at hand-over, and told on the timeline."""
    tenant, planning = await _planned(world, _policy())
    await _revoke_comments(world, tenant)
    world.clock.advance(60)
    commands = await world.dispatch_all()
    assert len(commands) == 4
    texts = {command.account_id: command.text for command in commands}
    assert texts.pop(tenant.accounts[0]) is None
    assert None not in texts.values()
    (silenced,) = [e.id for e in planning.planned if e.by.account_id == tenant.accounts[0]]
    assert "text_dropped" in await world.decisions(silenced)


async def _revoke_comments(world: World, tenant: Tenant) -> None:
    await world.owner.execute(
        "insert into gateway.consents (client_id, account_id, kind, granted, text_version,"
        " text_sha256, by_user_id) values (%s, %s, 'comment', false, 'test',"
        " decode(repeat('00', 32), 'hex'), %s)",
        (tenant.client_id, tenant.accounts[0], tenant.user_id),
    )
