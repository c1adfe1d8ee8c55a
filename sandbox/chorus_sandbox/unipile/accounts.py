"""Connected accounts. They are answered from Unipile's own data, whatever their status."""

from chorus_sandbox.asgi import Answer, json_answer
from chorus_sandbox.unipile import lookups
from chorus_sandbox.unipile.context import Context
from chorus_sandbox.unipile.paging import ACCOUNTS_LIMIT, page_answer, page_of
from chorus_sandbox.unipile.rendering import account_json
from chorus_sandbox.world.calls import Call
from chorus_sandbox.world.view import View


def list_accounts(context: Context) -> Call:
    page = page_of(context.query("cursor", "limit"), "accounts", ACCOUNTS_LIMIT)

    def run(_view: View) -> Answer:
        accounts = list(context.sandbox.state.accounts.values())
        return page_answer(page, "AccountList", accounts, account_json)

    return context.read(None, run)


def get_account(context: Context) -> Call:
    context.query()
    account_id = context.params[0]

    def run(_view: View) -> Answer:
        account = lookups.known_account(context.sandbox.state, account_id)
        return json_answer(200, account_json(account))

    return context.read(account_id, run)


def delete_account(context: Context) -> Call:
    """The connection ends; its person, and what they did, stay on the network."""
    context.query()
    account_id = context.params[0]

    def run(_view: View) -> Answer:
        account = lookups.known_account(context.sandbox.state, account_id)
        account.person.future_account_id = account.id
        del context.sandbox.state.accounts[account_id]
        context.sandbox.tell_status(account_id, "DELETED")
        return json_answer(200, {"object": "AccountDeleted"})

    return context.read(account_id, run)
