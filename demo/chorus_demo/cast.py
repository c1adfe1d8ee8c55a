"""Who takes part, what they say and how they sound; minutes of a real policy are seconds here."""

from dataclasses import dataclass

from chorus.documents import (
    CommentPolicy,
    EmojiHabit,
    KindPolicy,
    PerPost,
    PodPolicy,
    RepostPolicy,
    VoiceCartridge,
)

POST_TEXT = (
    "We threw away our release checklist. Every merge ships by itself now, and the on-call phone "
    "has been quiet for six weeks. The one thing I would do earlier: write the rollback first."
)

COMMENT_TEXTS = (
    "Writing the rollback first changed how our team ships, too.",
    "Six quiet weeks are a result that many of us would like to have.",
    "What did you do about database changes?",
    "Our checklist has 41 lines. I am sending this to the team today.",
    "How long did it take until people trusted it?",
    "Small releases are easier to explain to customers as well.",
    "This matches what we saw after we removed our release day.",
    "I would read a longer version of this, with the numbers.",
    "The rollback is the feature. Everything else is a bonus.",
    "Did you keep a person's yes for the riskiest changes?",
    "Good to see this from a team that has real customers.",
    "We are halfway there, and this helps to go on.",
)

_PHRASES = {
    "Ada Byron": ("We wrote this down because nobody else had.", "Ask me anything about it."),
    "Bruno Costa": ("We should all ship like this.", "Fewer steps, fewer mistakes."),
    "Chidi Okafor": ("A quiet phone is the best metric.", "Now I want to count our alarms."),
    "Dilan Aydin": ("One for our next retrospective.", "The courage is in deleting the list."),
    "Elif Sahin": ("The last sentence is the one to remember.", "Rollback first, always."),
    "Femi Ade": ("Worth five minutes of every team's time.", "Short, and every word of it true."),
    "Greta Lind": ("We learned this the expensive way.", "I wish I had read this a year ago."),
    "Hana Sato": ("Shipping small is kindness.", "Our customers noticed before we did."),
    "Ivo Novak": ("Who still has a release day?", "The boring way wins again."),
    "Jana Kral": ("I am copying this without shame.", "Trust grows one merge at a time."),
    "Kofi Mensah": ("This belongs on a wall.", "Six weeks without a call at night!"),
    "Lea Blanc": ("Simple, and hard to do.", "The team behind this deserves a rest."),
}
"""By name, what each says in their own words, in comments and with reposts."""

VOICES: dict[str, VoiceCartridge] = {
    "warm": VoiceCartridge(
        personality="Encouraging, speaks as to a friend.",
        tone="warm",
        openings=("Love this!", "So good to read.", "Thank you for sharing this."),
        opening_frequency=1.0,
        closings=("Cheering for you.",),
        closing_frequency=0.4,
        emoji=EmojiHabit(frequency=0.6, favourites=("👏", "💛")),
        vocabulary={"good": "wonderful"},
    ),
    "direct": VoiceCartridge(
        personality="An engineer. Few words, no praise.",
        tone="direct",
        openings=("From experience:", "Plainly:"),
        opening_frequency=0.7,
        vocabulary={"many of us": "most teams", "I would": "I'd"},
        forbidden_words=("amazing", "game changer"),
    ),
    "curious": VoiceCartridge(
        personality="Asks before judging.",
        tone="curious",
        openings=("Interesting.", "Hm, good point."),
        opening_frequency=0.7,
        closings=("What would you do differently next time?",),
        closing_frequency=0.5,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account. `provider_id` is the provider's id of it; `voice` is in VOICES."""

    name: str
    provider_id: str
    voice: str
    phrases: tuple[str, ...]


def people(count: int) -> list[Person]:
    """The author first, then the pod; from two to as many as there are names."""
    voices = list(VOICES)
    return [
        Person(
            name=name,
            provider_id=f"demo_{name.split()[0].lower()}",
            voice=voices[number % len(voices)],
            phrases=phrases,
        )
        for number, (name, phrases) in enumerate(list(_PHRASES.items())[:count])
    ]


MOST_MEMBERS = len(_PHRASES)


def policy() -> PodPolicy:
    """The usual policy with seconds for minutes."""
    return PodPolicy(
        like=KindPolicy(
            from_seconds=3,
            to_seconds=15,
            jitter=0.10,
            per_post=PerPost(count=3, per_seconds=5),
        ),
        comment=CommentPolicy(from_seconds=8, to_seconds=35, jitter=0.15, approval="auto"),
        repost=RepostPolicy(from_seconds=5, to_seconds=25, spread="uniform", comment_share=0.5),
        on_publish=("like", "comment"),
        repost_via="browser",
        comment_texts=COMMENT_TEXTS,
    )
