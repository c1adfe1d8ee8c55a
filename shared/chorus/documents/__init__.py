"""JSON documents that one service stores and another reads.

Closed: an unknown field is refused, never dropped.
"""

from chorus.documents.active_hours import CONSIDERATE, ActiveHoursDocument, AnyTime, HoursWindow
from chorus.documents.pod_policy import (
    CommentPolicy,
    KindPolicy,
    PerPost,
    PodPolicy,
    RepostPolicy,
)
from chorus.documents.voice_cartridge import EmojiHabit, VoiceCartridge

__all__ = [
    "CONSIDERATE",
    "ActiveHoursDocument",
    "AnyTime",
    "CommentPolicy",
    "EmojiHabit",
    "HoursWindow",
    "KindPolicy",
    "PerPost",
    "PodPolicy",
    "RepostPolicy",
    "VoiceCartridge",
]
