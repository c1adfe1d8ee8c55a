"""The demo from start to end."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from rich.markup import escape

from chorus.errors import ChorusError, DependencyUnavailable, MigrationError
from chorus_demo import evidence, reposts, summary
from chorus_demo.invitation import suggestions
from chorus_demo.mishaps import Helper, Mishap, arrange
from chorus_demo.reckoning import reckon
from chorus_demo.scene import EMAIL, Scene, set_scene
from chorus_demo.screen import Screen
from chorus_lab.client.records import Activity, Amplification
from chorus_lab.stack import Stack, StackError
from chorus_lab.stack.progress import telling

_POLL_S = 0.25
_SHOWN = 3
_LIVE_WITHIN_S = 120.0
_SETTLED_WITHIN_S = 300.0
_REPOSTS_PER_MINUTE = 60
_SETTINGS = {
    # An answer that never comes is given up after 5 seconds instead of 30.
    "executor": {"CHORUS_ENGAGEMENT_SECONDS": "5", "CHORUS_LOG_LEVEL": "DEBUG"},
    # As many reposts a minute as minutes are made shorter.
    "scheduler": {"CHORUS_BROWSER_PER_MINUTE": str(_REPOSTS_PER_MINUTE)},
    "browser-repost": {
        "CHORUS_PAGE_ANSWER_SECONDS": "4",
        "CHORUS_LOG_LEVEL": "DEBUG",
    },
}


class DemoError(ChorusError):
    """The main job did not go as it must."""


class CannotStartError(ChorusError):
    """Something that the demo needs is not to be had on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """From the command line."""

    folder: Path
    members: int
    reposts: bool
    keep: bool
    port: int | None


def run(options: Options, screen: Screen) -> int:
    """The exit code: 0 when the network holds exactly what was planned, 1 when it does not."""
    began = time.monotonic()
    screen.say(
        "[bold]Chorus[/]: one post, and a pod that amplifies it. Nothing leaves this machine."
    )
    screen.heading(
        "Starting a Postgres, a Kafka, the sandbox of the outside world, and the services"
    )
    stack = Stack(
        options.folder / "demo",
        settings=_SETTINGS,
        wanted_ports={} if options.port is None else {"gateway": options.port},
        progress=screen.step,
    )
    _log_to(stack)
    with _running(stack):
        scene = _set_scene(stack, options, screen)
        post = _publish(stack, scene, screen)
        if options.reposts:
            _trigger(scene, post, screen)
        expected = 1 + (3 if options.reposts else 2) * (options.members - 1)
        mishaps = _spoil(stack, scene, post, screen, expected=expected)
        helper = Helper(scene, mishaps)
        activities = _watch(stack, scene, post, screen, expected=expected, helper=helper)
        exact = _report(
            stack,
            scene,
            screen,
            activities=activities,
            mishaps=mishaps,
            numbers=options.folder / "demo.json",
        )
        _say_where(stack, scene, options, screen)
        screen.say(f"\nAll of this took {time.monotonic() - began:.0f} s.")
        if options.keep:
            _stay(stack, screen)
    if len(activities) != expected or not all(activity.settled for activity in activities):
        return 1
    return 0 if exact else 1


@contextmanager
def _running(stack: Stack) -> Iterator[None]:
    try:
        stack.start()
    except (StackError, DependencyUnavailable, MigrationError) as error:
        raise CannotStartError(str(error)) from error
    with ExitStack() as at_the_end:
        at_the_end.push(stack)
        yield


def _log_to(stack: Stack) -> None:
    """What the shared package logs in this process belongs into a file, not between our lines."""
    path = stack.folder.path / "launcher.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    structlog.configure(
        logger_factory=structlog.WriteLoggerFactory(file=path.open("w", buffering=1))
    )


def _set_scene(stack: Stack, options: Options, screen: Screen) -> Scene:
    others = options.members - 1
    screen.heading("Setting the scene, through the gateway's command line and its HTTP API")
    with telling(screen.step, f"a tenant, an author, a pod of {others} more, three voices"):
        return set_scene(stack, options.members)


def _publish(stack: Stack, scene: Scene, screen: Screen) -> UUID:
    screen.heading("POST /api/posts: the author's text goes out, and the pod plans by itself")
    with telling(screen.step, f"{scene.people[0].name}'s post is live"):
        post = scene.publish()
        stack.wait_until(
            lambda: scene.gateway.show_post(post.id).state != "queued",
            within_s=_LIVE_WITHIN_S,
            what="the post went live",
        )
    live = scene.gateway.show_post(post.id)
    if live.state != "published":
        raise DemoError(f"The post was not published: {live.failure_reason}")
    screen.say(f"           {live.url}")
    return post.id


def _trigger(scene: Scene, post: UUID, screen: Screen) -> None:
    screen.heading("POST /api/pods/trigger-amplification: reposts, first as a preview (dry_run)")
    preview = scene.preview(post)
    for planned in preview.activities[:_SHOWN]:
        said = f'with "{planned.text}"' if planned.text else "without a word of its own"
        name = escape((planned.member_name or "?").ljust(13))
        screen.say(f"  {planned.scheduled_for:%H:%M:%S}  {name} {escape(said)}")
    if preview.scheduled > _SHOWN:
        screen.say(f"  …         and {preview.scheduled - _SHOWN} more")
    for skipped in preview.skipped:
        screen.say(f"  not       {skipped.sentence}")
    stored = scene.trigger(post, seed=preview.seed)
    same = _order(preview) == _order(stored)
    screen.say(
        f"  {preview.scheduled} reposts previewed, {stored.scheduled} stored with the same seed: "
        + ("the same plan." if same else "[red]not the same plan![/]")
    )
    screen.say(
        f"  A lane of browsers starts {_REPOSTS_PER_MINUTE} a minute here, as minutes are short; "
        "the default is 5."
    )


def _order(amplification: Amplification) -> list[tuple[UUID, str | None]]:
    return [(planned.id, planned.text) for planned in amplification.activities]


def _spoil(
    stack: Stack, scene: Scene, post: UUID, screen: Screen, *, expected: int
) -> list[Mishap]:
    stack.wait_until(
        lambda: len(scene.activities(post)) >= expected,
        within_s=_LIVE_WITHIN_S,
        what=f"{expected} activities were planned",
    )
    mishaps = arrange(scene, scene.activities(post))
    screen.heading("The network is told to misbehave")
    for mishap in mishaps:
        screen.say(f"  {mishap.sentence}")
    return mishaps


def _watch(
    stack: Stack, scene: Scene, post: UUID, screen: Screen, *, expected: int, helper: Helper
) -> list[Activity]:
    screen.heading(f"{expected} activities, live (minutes of a real policy are seconds here)")
    deadline = time.monotonic() + _SETTLED_WITHIN_S
    with screen.live() as view:
        while True:
            activities = scene.activities(post)
            view.show(activities)
            helped = helper.help(activities)
            settled = sum(activity.settled for activity in activities) - helped
            if settled >= expected:
                return activities
            if time.monotonic() > deadline:
                break
            stack.check()
            time.sleep(_POLL_S)
    screen.say(f"[red]After {_SETTLED_WITHIN_S:.0f} s {expected - settled} are not settled:[/]")
    for activity in activities:
        if not activity.settled:
            screen.say(
                f"  {activity.member_name} {activity.kind} {activity.state}: {activity.reason}"
            )
    if len(activities) < expected:
        screen.say(f"  {expected - len(activities)} were never planned")
    return activities


def _report(
    stack: Stack,
    scene: Scene,
    screen: Screen,
    *,
    activities: Sequence[Activity],
    mishaps: Sequence[Mishap],
    numbers: Path,
) -> bool:
    provider_ids = {account: person.provider_id for account, person in scene.accounts.items()}
    tallies = reckon(
        activities,
        scene.sandbox.truth(),
        provider_ids=provider_ids,
        lateness_ms=evidence.lateness_ms(stack.owner_dsn, scene.tenant),
    )
    summary.show_tallies(screen, tallies)
    summary.show_mishaps(screen, mishaps, activities)
    proofs = reposts.collect(scene.gateway, activities, numbers.parent / "demo" / "evidence")
    summary.show_reposts(screen, proofs)
    summary.show_decisions(screen, evidence.decisions(stack.owner_dsn, scene.tenant))
    voices = {person.name: person.voice for person in scene.people}
    summary.show_voices(screen, activities, voices)
    _tell_story(scene, screen, activities, mishaps)
    numbers.write_text(json.dumps(summary.as_json(tallies), indent=2) + "\n")
    return tallies[None].exact


def _tell_story(
    scene: Scene, screen: Screen, activities: Sequence[Activity], mishaps: Sequence[Mishap]
) -> None:
    """The longest one of those that went wrong on the way."""
    spoilt = {mishap.activity for mishap in mishaps}
    stories = [
        (activity, scene.gateway.timeline(activity.id))
        for activity in activities
        if activity.id in spoilt
    ]
    if stories:
        summary.show_story(screen, *max(stories, key=lambda story: len(story[1])))


def _say_where(stack: Stack, scene: Scene, options: Options, screen: Screen) -> None:
    own = options.folder / "demo"
    screen.heading("Where to look")
    screen.say(f"  numbers    {options.folder / 'demo.json'}")
    screen.say(f"  logs       {own / 'logs'}/*.log, one JSON object a line")
    screen.say(f"  truth      {own / 'truth.jsonl'}: every effect, as the network saw it")
    if not options.keep:
        screen.say("  more       make demo KEEP=1: it stays up, with the API's pages and its data")
        return
    gateway, sandbox = stack.urls["gateway"], stack.urls["sandbox"]
    screen.say(f"  API        {gateway}/docs")
    screen.say(f"  sign in    {EMAIL}  {scene.password}")
    screen.say(f"  sandbox    {sandbox}/control: accounts, faults, the truth")
    screen.say(f"  data       {stack.owner_dsn}")
    screen.heading("What to try next")
    for line in suggestions(gateway, sandbox, scene.password):
        screen.say(f"  {escape(line)}")


def _stay(stack: Stack, screen: Screen) -> None:
    screen.say("\n[bold]It stays up. Ctrl-C stops everything.[/]")
    while True:
        stack.check()
        time.sleep(0.5)
