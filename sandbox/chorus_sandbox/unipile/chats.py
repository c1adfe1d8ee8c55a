"""Direct messages: a chat is made or reused per account and person; messages are never unsent."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.fields import at_most
from chorus_sandbox.unipile.forms import Form
from chorus_sandbox.unipile.paging import ACCOUNTS_LIMIT, page_answer, page_of
from chorus_sandbox.world.calls import Call, Refusal
from chorus_sandbox.world.chats import Chat, ChatMessage
from chorus_sandbox.world.ids import is_provider_id
from chorus_sandbox.world.instants import iso_ms
from chorus_sandbox.world.people import Person
from chorus_sandbox.world.state import State
from chorus_sandbox.world.view import View

TEXT_LIMIT = 8000

_START = frozenset({"account_id", "attendees_ids", "text", "subject", "linkedin"})
_SEND = frozenset({"account_id", "text", "quote_id"})
_FILES = frozenset({"attachments"})


def start_chat(context: Context) -> Call:
    form = context.form(_START, _FILES)
    account_id = form.required("account_id")
    text = _text(form)
    attendees = form.many("attendees_ids")
    if not attendees:
        raise Refusal("missing_parameters", "Missing field: attendees_ids.")
    if len(attendees) > 1:
        raise Refusal("feature_not_implemented", "This sandbox has one-to-one chats alone.")

    def run() -> Answer:
        account = lookups.usable_account(context.sandbox.state, account_id)
        person = _recipient(context.sandbox.state, attendees[0])
        chat = context.sandbox.state.chats.between(account, person)
        message = _send(context, chat, text)
        return json_answer(
            201, {"object": "ChatStarted", "chat_id": chat.id, "message_id": message.id}
        )

    return context.write("dm", account_id, run)


def send_message(context: Context) -> Call:
    form = context.form(_SEND, _FILES)
    text = _text(form)
    guard = form.one("account_id")
    chat_id = context.params[0]
    known = context.sandbox.state.chats.by_id.get(chat_id)
    account_id = known.account.id if known else guard or ""

    def run() -> Answer:
        chat = _chat(context.sandbox.state, chat_id)
        lookups.usable_account(context.sandbox.state, chat.account.id)
        if guard is not None and guard != chat.account.id:
            raise Refusal("account_mismatch", "The chat belongs to another account.")
        message = _send(context, chat, text)
        return json_answer(201, {"object": "MessageSent", "message_id": message.id})

    return context.write("dm", account_id, run)


def list_chats(context: Context) -> Call:
    found = context.query(
        "account_id", "account_type", "unread", "before", "after", "cursor", "limit"
    )
    wanted = found.get("account_id")
    page = page_of(found, f"chats:{wanted or ''}", ACCOUNTS_LIMIT)

    def run(_view: View) -> Answer:
        chats = list(context.sandbox.state.chats.by_id.values())
        if wanted is not None:
            chats = [chat for chat in chats if chat.account.id in wanted.split(",")]
        return page_answer(page, "ChatList", chats, _chat_json)

    return context.read(wanted, run)


def get_chat(context: Context) -> Call:
    context.query("account_id")
    chat_id = context.params[0]

    def run(_view: View) -> Answer:
        return json_answer(200, _chat_json(_chat(context.sandbox.state, chat_id)))

    return context.read(None, run)


def list_messages(context: Context) -> Call:
    found = context.query("cursor", "before", "after", "limit", "sender_id")
    chat_id = context.params[0]
    sender = found.get("sender_id")
    page = page_of(found, f"messages:{chat_id}:{sender or ''}", ACCOUNTS_LIMIT)

    def run(view: View) -> Answer:
        messages = view.visible(_chat(context.sandbox.state, chat_id).messages)
        if sender is not None:
            messages = [item for item in messages if item.author.provider_id == sender]
        return page_answer(page, "MessageList", messages, _message_json)

    return context.read(None, run)


def _text(form: Form) -> str:
    return at_most(form.required("text"), "text", TEXT_LIMIT)


def _chat(state: State, chat_id: str) -> Chat:
    chat = state.chats.by_id.get(chat_id)
    if chat is None:
        raise Refusal("resource_not_found", "Chat not found.")
    return chat


def _recipient(state: State, provider_id: str) -> Person:
    person = state.people.get(provider_id)
    if person is None or not is_provider_id(provider_id):
        raise Refusal("invalid_recipient", "attendees_ids takes provider ids (ACo…) of people.")
    if person.degree != "FIRST_DEGREE":
        raise Refusal("no_connection_with_recipient", "The recipient is not a connection.")
    return person


def _send(context: Context, chat: Chat, text: str) -> ChatMessage:
    sandbox = context.sandbox
    message = sandbox.state.chats.add_message(
        chat=chat,
        own=True,
        text=text,
        created_ms=sandbox.now_ms(),
        written=sandbox.clock.monotonic(),
    )
    sandbox.truth.record(
        kind="dm",
        account_id=chat.account.id,
        target=chat.person.provider_id,
        text=text,
        request_id=context.request.request_id,
        request_headers=context.request.headers,
    )
    return message


def _chat_json(chat: Chat) -> dict[str, object]:
    last = chat.messages[-1] if chat.messages else None
    return {
        "object": "Chat",
        "id": chat.id,
        "account_id": chat.account.id,
        "account_type": "LINKEDIN",
        "provider_id": chat.provider_id,
        "attendee_provider_id": chat.person.provider_id,
        "name": None,
        "type": 0,
        "timestamp": None if last is None else iso_ms(last.created_ms),
        "unread_count": chat.unread,
        "read_only": 0,
        "folder": ["INBOX", "INBOX_LINKEDIN_CLASSIC"],
    }


def _message_json(message: ChatMessage) -> dict[str, object]:
    return {
        "object": "Message",
        "id": message.id,
        "chat_id": message.chat.id,
        "provider_id": f"2-{message.id}",
        "sender_id": message.author.provider_id,
        "sender_attendee_id": message.author.provider_id,
        "text": message.text,
        "timestamp": iso_ms(message.created_ms),
        "is_sender": int(message.own),
        "seen": 0,
        "delivered": 1,
        "hidden": 0,
        "deleted": 0,
        "edited": 0,
        "attachments": [],
        "reactions": [],
    }
