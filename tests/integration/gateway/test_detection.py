"""Posts that looks found are registered once, and what nobody asked for is left alone (A7)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from chorus.events import PostPublished, SeenPost, WatchChecked
from chorus.ids import new_id
from chorus.kafka.envelope import Received, decode
from chorus.testing import record_of
from chorus.vocabulary import Platform, WatchKind
from chorus_gateway.detection import Detector, NotAskedFor
from chorus_gateway.handlers import Handlers
from tests.integration.gateway.conftest import Tenant, World, account_of, consent

PROFILE = "ACoAAAda"
NUMBER = 7379160923545600000
ACTIVITY = f"urn:li:activity:{NUMBER}"
SITE = "https://www.linkedin.com"
FORMS = (
    f"{SITE}/posts/ada_x-activity-{NUMBER}-Ab1c",
    f"{SITE}/posts/ada_share-{NUMBER + 1}-Ab1c",
    f"{SITE}/feed/update/urn:li:ugcPost:{NUMBER + 2}/",
)


@dataclass(slots=True, kw_only=True)
class Stage:
    """A member of a pod that asks for new posts, and the watch that looks for them."""

    world: World
    ada: Tenant
    pod: dict[str, Any]
    account: dict[str, Any]
    watch_id: UUID

    def seen(self, **changes: Any) -> SeenPost:
        found = SeenPost(
            social_id=ACTIVITY,
            url=FORMS[0],
            author_provider_id=PROFILE,
            published_at=self.world.clock.now() - timedelta(minutes=5),
        )
        return found.model_copy(update=changes)

    def checked(self, *posts: SeenPost, **changes: Any) -> Received[WatchChecked]:
        event = WatchChecked(
            client_id=self.ada.client_id,
            watch_id=self.watch_id,
            execution=1,
            kind=WatchKind.POSTS_OF_ACCOUNT,
            account_id=UUID(self.account["id"]),
            outcome="checked",
            checked_at=self.world.clock.now(),
            posts=posts,
            correlation_id=str(self.watch_id),
        )
        received: Received[Any] = decode(
            record_of(event.model_copy(update=changes)), {WatchChecked.type: WatchChecked}
        )
        return received

    async def look(self, *posts: SeenPost, **changes: Any) -> None:
        detector = Detector(self.world.gateway.database, self.world.clock)
        await detector.on_watch_checked(self.checked(*posts, **changes))

    async def posts(self) -> list[dict[str, Any]]:
        return list((await self.ada.get("/api/posts"))["items"])

    async def told(self) -> list[dict[str, Any]]:
        rows = await self.world.ledger.outbox()
        return [orjson.loads(row["value"]) for row in rows if row["topic"] == "post.published"]

    async def is_live(
        self, post: dict[str, Any], *, social_id: str | None, url: str | None = None
    ) -> None:
        """What its executor says of a publication."""
        now = self.world.clock.now()
        event = PostPublished(
            platform=Platform.LINKEDIN,
            client_id=self.ada.client_id,
            post_id=UUID(post["id"]),
            url=url or FORMS[0],
            social_id=social_id,
            published_at=now,
            source="published",
            amplify=False,
            correlation_id="c",
        )
        handlers = Handlers(self.world.gateway.database, self.world.clock)
        await handlers.on_post_published(
            Received(event, "id", "test", now, None, "post.published", 0, 0)
        )

    async def queued(self, publish_at: datetime) -> dict[str, Any]:
        body = {
            "text": "We shipped.",
            "account_id": self.account["id"],
            "publish_at": publish_at.isoformat(),
            "amplify": False,
        }
        return dict(await self.ada.post("/api/posts", body))


@pytest.fixture
async def stage(world: World, ada: Tenant) -> Stage:
    """The watch began an hour ago."""
    account = await account_of(ada)
    await ada.post(f"/api/accounts/{account['id']}/consents", consent("detect_posts"))
    pod = await ada.post("/api/pods", {"name": "pod", "policy": {"detect_posts": True}})
    await ada.post(f"/api/pods/{pod['id']}/members", {"account_id": account["id"]})
    await world.ledger.conn.execute(
        "update gateway.accounts set profile_id = %s where id = %s", (PROFILE, account["id"])
    )
    watch_id = await world.ledger.watch(
        client_id=ada.client_id,
        account_id=UUID(account["id"]),
        began_at=world.clock.now() - timedelta(hours=1),
    )
    return Stage(world=world, ada=ada, pod=pod, account=account, watch_id=watch_id)


async def test_a_found_post_is_registered_and_told_once(stage: Stage) -> None:
    """INVARIANT (A7): in its author's pod, amplified, however often it is found."""
    for _ in range(3):
        await stage.look(stage.seen())
    (post,) = await stage.posts()
    assert (post["state"], post["social_id"]) == ("published", ACTIVITY)
    assert (post["pod_id"], post["author_account_id"]) == (stage.pod["id"], stage.account["id"])
    (event,) = await stage.told()
    assert (event["post_id"], event["source"], event["amplify"]) == (post["id"], "detected", True)
    entries = (await stage.ada.get("/api/audit", params={"subject_id": post["id"]}))["items"]
    (entry,) = [entry for entry in entries if entry["action"] == "post.detected"]
    assert (entry["actor"], entry["detail"]["watch_id"]) == ("detector", str(stage.watch_id))
    handlers = Handlers(stage.world.gateway.database, stage.world.clock)
    told = PostPublished.model_validate(event)
    await handlers.on_post_published(
        Received(told, "id", "test", stage.world.clock.now(), None, "post.published", 0, 0)
    )
    assert await stage.posts() == [post]


async def test_a_found_post_says_how_it_begins(stage: Stage) -> None:
    """I8: whoever is asked for a yes reads what their look saw; of another team's looks nothing."""
    text = "We shipped."
    account_id = UUID(stage.account["id"])
    for watch_id, client_id, said in (
        (stage.watch_id, stage.ada.client_id, text),
        (new_id(), new_id(), "Of somebody else."),
    ):
        await stage.world.ledger.look(
            client_id=client_id, account_id=account_id, watch_id=watch_id, shown={ACTIVITY: said}
        )
    await stage.look(stage.seen())
    (post,) = await stage.posts()
    await stage.world.ledger.activity(
        client_id=stage.ada.client_id,
        post_id=UUID(post["id"]),
        account_id=UUID(stage.account["id"]),
        at=stage.world.clock.now(),
        state="awaiting_approval",
        kind="comment",
    )
    (waits,) = (await stage.ada.get("/api/activities"))["items"]
    assert waits["post_beginning"] == text


async def test_one_post_is_one_however_its_address_is_written(stage: Stage) -> None:
    """INVARIANT (finding A4; A7): three forms of one post, found by two replicas at once."""
    looks = [stage.look(stage.seen(url=form)) for form in FORMS * 2]
    await asyncio.gather(*looks)
    assert len(await stage.posts()) == 1
    assert len(await stage.told()) == 1


@pytest.mark.parametrize("form", FORMS)
async def test_what_somebody_registered_is_known(stage: Stage, form: str) -> None:
    """A7: with their own wishes, whatever address they gave."""
    found = stage.seen()
    stage.world.lookup.posts = {}
    first = await stage.ada.post("/api/posts", {"url": FORMS[0], "amplify": False})
    await stage.look(found.model_copy(update={"url": form}))
    (post,) = await stage.posts()
    assert (post["id"], post["amplify"]) == (first["id"], False)
    assert len(await stage.told()) == 1


async def test_what_is_being_looked_up_is_left_to_who_registered_it(stage: Stage) -> None:
    """A7: their row becomes the post; nothing is told twice."""
    stage.world.lookup.available = False
    await stage.ada.post("/api/posts", {"url": FORMS[0], "amplify": False})
    await stage.look(stage.seen())
    (post,) = await stage.posts()
    assert (post["state"], post["amplify"]) == ("resolving", False)
    assert await stage.told() == []


async def test_a_registration_that_came_to_nothing_is_found_after_all(stage: Stage) -> None:
    """A7: the network showed it to nobody then, and to its author now."""
    stage.world.lookup.strict = True
    await stage.ada.post("/api/posts", {"url": FORMS[0]})
    await stage.look(stage.seen())
    (post,) = await stage.posts()
    assert (post["state"], post["failure_reason"]) == ("published", None)
    assert len(await stage.told()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"age": timedelta(minutes=61)},
        {"age": timedelta(minutes=10), "late": timedelta(hours=24)},
        {"author_provider_id": "ACoAAElse"},
        {"url": "https://example.com/", "social_id": "nonsense"},
    ],
    ids=["before-the-watch", "a-day-old", "somebody-elses", "no-post"],
)
async def test_what_is_no_news_of_the_account_is_left_alone(
    stage: Stage, changes: dict[str, Any]
) -> None:
    """INVARIANT (A7): nothing is amplified that nobody asked for."""
    age, late = changes.pop("age", timedelta(minutes=1)), changes.pop("late", timedelta(0))
    found = stage.seen(published_at=stage.world.clock.now() - age, **changes)
    command = stage.checked(found)
    stage.world.clock.advance(late.total_seconds())
    await Detector(stage.world.gateway.database, stage.world.clock).on_watch_checked(command)
    assert await stage.told() == []


async def _withdraw(stage: Stage) -> None:
    body = {"kinds": ["detect_posts"], "granted": False}
    await stage.ada.post(f"/api/accounts/{stage.account['id']}/consents", body)


async def _switch_off(stage: Stage) -> None:
    body = {"policy": {"detect_posts": False}}
    assert (
        await stage.ada.http.patch(f"/api/pods/{stage.pod['id']}", json=body)
    ).status_code == 200


async def _pause(stage: Stage) -> None:
    await stage.world.ledger.pause(
        client_id=stage.ada.client_id, scope="pod", scope_id=UUID(stage.pod["id"])
    )


async def _end(stage: Stage) -> None:
    await stage.world.ledger.conn.execute("update scheduler.watches set ended_at = now()")


@pytest.mark.parametrize("change", [_withdraw, _switch_off, _pause, _end])
async def test_what_is_not_wanted_any_more_is_left_alone(stage: Stage, change: Any) -> None:
    """INVARIANT (4, 6): asked when it is registered, whatever was so at the look."""
    await change(stage)
    await stage.look(stage.seen())
    assert await stage.told() == []


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(minutes=6), timedelta(minutes=-6)])
async def test_what_we_publish_ourselves_is_not_found(stage: Stage, behind: timedelta) -> None:
    """A7: news of it may come after the look; it is registered once, with its own wishes, however
    far the network's clock is from ours.
    """
    now = stage.world.clock.now()
    queued = await stage.queued(now + timedelta(minutes=1))
    activity = await stage.world.ledger.publishing(queued, stage.ada.client_id, now)
    stage.world.clock.advance(120)
    ours = stage.seen(published_at=now + timedelta(minutes=1) - behind)
    await stage.look(ours)
    assert await stage.told() == []
    await stage.world.ledger.published(activity)
    await stage.look(ours)
    assert await stage.told() == [], "the scheduler has heard of it, and the gateway has not"
    await stage.is_live(queued, social_id=ACTIVITY)
    await stage.look(ours)
    (post,) = await stage.posts()
    assert (post["id"], post["amplify"]) == (queued["id"], False)
    assert await stage.told() == []


async def test_what_we_know_by_one_of_its_names_hides_the_others(stage: Stage) -> None:
    """A7: its details could not be asked for, and the list names it by another of its numbers."""
    now = stage.world.clock.now()
    queued = await stage.queued(now + timedelta(minutes=1))
    activity = await stage.world.ledger.publishing(queued, stage.ada.client_id, now)
    await stage.world.ledger.published(activity)
    share = f"https://www.linkedin.com/feed/update/urn:li:share:{NUMBER + 1}/"
    await stage.is_live(queued, url=share, social_id=None)
    await stage.look(stage.seen())
    assert await stage.told() == []


_UNSETTLED = {
    "nobody can tell": "update scheduler.activities set state = 'unknown', effect = 'possible',"
    " unheard = '{}', lease_until = null where id = %s",
    "it is there, and nobody knows where": "with done as (update scheduler.activities set"
    " state = 'executed', effect = 'seen', unheard = '{}', lease_until = null where id = %s"
    " returning post_id) update gateway.posts set state = 'failed' from done where id = post_id",
}


@pytest.mark.parametrize("how", _UNSETTLED)
async def test_what_is_unsettled_hides_news_for_two_days(stage: Stage, how: str) -> None:
    """A7: what may be ours waits; what went out two days ago is older than all that is new."""
    now = stage.world.clock.now()
    queued = await stage.queued(now + timedelta(minutes=1))
    activity = await stage.world.ledger.publishing(queued, stage.ada.client_id, now)
    await stage.world.ledger.conn.execute(_UNSETTLED[how], (activity,))
    await stage.look(stage.seen())
    assert await stage.told() == []
    await stage.world.ledger.conn.execute(
        "update scheduler.activities set dispatched_at = now() - interval '49 hours'"
    )
    await stage.look(stage.seen())
    assert len(await stage.told()) == 1


@pytest.mark.parametrize(
    ("becomes", "code", "says"),
    [
        (None, "out", "nobody has to do anything"),
        ("possible", "unknown", "/decide"),
        ("seen", "no_address", "with its url"),
    ],
)
async def test_what_hides_news_is_shown_with_what_settles_it(
    stage: Stage, becomes: str | None, code: str, says: str
) -> None:
    """A7: at the account and at the post, until it hides nothing any more."""
    world, now = stage.world, stage.world.clock.now()
    queued = await stage.queued(now + timedelta(minutes=1))
    activity = await world.ledger.publishing(queued, stage.ada.client_id, now)
    if becomes:
        await world.ledger.conn.execute(
            "update scheduler.activities set effect = %s, unheard = '{}',"
            " state = case %s when 'seen' then 'executed' else 'unknown' end",
            (becomes, becomes),
        )
    places = [f"/api/accounts/{stage.account['id']}", f"/api/posts/{queued['id']}"]
    shown = [(await stage.ada.get(place))["unsettled"] for place in places]
    assert shown[0] == shown[1]
    assert (shown[0]["code"], shown[0]["activity_id"]) == (code, str(activity))
    assert says in shown[0]["settled_by"]
    assert "not found until it is settled" in shown[0]["sentence"]
    listed = (await stage.ada.get("/api/accounts"))["items"]
    assert [one["unsettled"]["post_id"] for one in listed] == [queued["id"]]
    assert (await stage.posts())[0]["unsettled"] == shown[0]
    await world.ledger.conn.execute(
        "update scheduler.activities set dispatched_at = now() - interval '49 hours'"
    )
    assert [(await stage.ada.get(place))["unsettled"] for place in places] == [None, None]


async def test_what_somebody_points_out_is_waited_for(stage: Stage) -> None:
    """A7: it is looked up as the place of a publication of ours, under whatever name."""
    now = stage.world.clock.now()
    queued = await stage.queued(now + timedelta(minutes=1))
    await stage.world.ledger.conn.execute(
        "update gateway.posts set state = 'resolving', ask_at = now(),"
        " reference = 'urn:li:share:7000000000000000001', resolving_since = now() where id = %s",
        (queued["id"],),
    )
    await stage.look(stage.seen())
    assert await stage.told() == []


async def test_a_publication_that_was_postponed_hides_nothing(stage: Stage) -> None:
    """A7: it was queued for soon, and is not out."""
    now = stage.world.clock.now()
    queued = await stage.queued(now + timedelta(minutes=1))
    activity = await stage.world.ledger.publishing(queued, stage.ada.client_id, now)
    await stage.world.ledger.postponed(activity, now + timedelta(days=7))
    stage.world.clock.advance(3600)
    await stage.look(stage.seen())
    assert len(await stage.told()) == 1


async def test_a_publication_of_next_week_hides_nothing(stage: Stage) -> None:
    """A7: what the member writes by hand meanwhile is found."""
    await stage.queued(stage.world.clock.now() + timedelta(days=7))
    await stage.look(stage.seen())
    assert len(await stage.told()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"watch_id": new_id()},
        {"execution": 2},
        {"execution": 0},
        {"account_id": new_id()},
    ],
)
async def test_nobody_tells_of_a_look_that_nobody_asked_for(
    stage: Stage, changes: dict[str, Any]
) -> None:
    """INVARIANT, finding D1: what somebody at the broker says is held against the ledger."""
    with pytest.raises(NotAskedFor):
        await stage.look(stage.seen(), **changes)


async def test_another_tenants_watch_registers_nothing(stage: Stage, bob: Tenant) -> None:
    """INVARIANT (P10): an event is handled as its own tenant."""
    with pytest.raises(NotAskedFor):
        await stage.look(stage.seen(), client_id=bob.client_id)


async def test_a_post_of_two_pods_is_in_the_older_one(stage: Stage) -> None:
    """A7: one post is one row, in one pod: the one in which its author has been for longest."""
    second = await stage.ada.post("/api/pods", {"name": "b", "policy": {"detect_posts": True}})
    await stage.ada.post(f"/api/pods/{second['id']}/members", {"account_id": stage.account["id"]})
    await stage.look(stage.seen())
    (post,) = await stage.posts()
    assert post["pod_id"] == stage.pod["id"]


async def test_watches_are_shown_with_what_they_found(stage: Stage) -> None:
    """A7: an admin sees why nothing is found."""
    (watch,) = (await stage.ada.get("/api/watches"))["items"]
    assert (watch["id"], watch["account_id"]) == (str(stage.watch_id), stage.account["id"])
    assert (watch["state"], watch["kind"]) == ("looking", "posts_of_account")
    assert (watch["looks"], watch["found"], watch["last_error"]) == (0, 0, None)
    await stage.world.ledger.conn.execute(
        "update scheduler.watches set unheard = false, failing = true, errors = 6,"
        ' last_error = \'{"message": "It went wrong."}\', last_error_at = now()'
    )
    (watch,) = (await stage.ada.get("/api/watches", params={"live": True}))["items"]
    assert (watch["state"], watch["errors_in_a_row"]) == ("failing", 6)
    await _end(stage)
    assert (await stage.ada.get("/api/watches", params={"live": True}))["items"] == []
    (watch,) = (await stage.ada.get("/api/watches"))["items"]
    assert (watch["state"], watch["next_at"]) == ("ended", None)
