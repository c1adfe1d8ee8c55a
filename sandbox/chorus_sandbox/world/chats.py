"""One-to-one conversations between an account and a person."""

from dataclasses import dataclass, field

from chorus_sandbox.world.ids import IdSource
from chorus_sandbox.world.people import Account, Person


@dataclass(slots=True, kw_only=True)
class ChatMessage:
    """`own` says that the account wrote it, not the other person."""

    id: str
    chat: "Chat"
    author: Person
    own: bool
    text: str
    created_ms: int
    written: float | None


@dataclass(slots=True, kw_only=True)
class Chat:
    id: str
    provider_id: str
    account: Account
    person: Person
    messages: list[ChatMessage] = field(default_factory=list, repr=False)
    unread: int = 0


class Chats:
    def __init__(self, ids: IdSource) -> None:
        self._ids = ids
        self.by_id: dict[str, Chat] = {}
        self._by_pair: dict[tuple[str, str], Chat] = {}

    def between(self, account: Account, person: Person) -> Chat:
        """The conversation of the two, made if there is none."""
        pair = (account.id, person.provider_id)
        chat = self._by_pair.get(pair)
        if chat is None:
            chat = Chat(
                id=self._ids.token(),
                provider_id=f"2-{self._ids.token(40)}",
                account=account,
                person=person,
            )
            self._by_pair[pair] = chat
            self.by_id[chat.id] = chat
        return chat

    def of_account(self, account_id: str) -> list[Chat]:
        return [chat for chat in self.by_id.values() if chat.account.id == account_id]

    def add_message(
        self, *, chat: Chat, own: bool, text: str, created_ms: int, written: float | None
    ) -> ChatMessage:
        message = ChatMessage(
            id=self._ids.token(),
            chat=chat,
            author=chat.account.person if own else chat.person,
            own=own,
            text=text,
            created_ms=created_ms,
            written=written,
        )
        chat.messages.append(message)
        chat.unread = 0 if own else chat.unread + 1
        return message
