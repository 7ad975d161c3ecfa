"""Authenticates with autobahn for Python, on asyncio, by every method that it knows.

Usage: autobahn_auth.py URL json|msgpack|cbor

SCRAM with PBKDF2 is left out: autobahn hands a text to a function that takes bytes, and fails by itself.
"""

import asyncio
import json
import pathlib
import sys

from autobahn.asyncio.wamp import Session
from autobahn.wamp.auth import create_authenticator
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import ComponentConfig

from autobahn_client import attach, equal, refused, run

KNOWN = json.loads(pathlib.Path(__file__).with_name("credentials.json").read_text())
JOE = KNOWN["authid"]
OTHER_SEED = "11" * 32

# Realm: method, what opens it, what does not.
WAYS = {
    "ticket": ("ticket", {"ticket": KNOWN["ticket"]}, {"ticket": "wrong"}),
    "wampcra": ("wampcra", {"secret": KNOWN["cra_secret"]}, {"secret": "wrong"}),
    "salted": ("wampcra", {"secret": KNOWN["cra_password"]}, {"secret": "wrong"}),
    "scram": ("scram", {"password": KNOWN["scram_password"]}, {"password": "wrong"}),
    "cryptosign": ("cryptosign", {"privkey": KNOWN["cryptosign_seed"]}, {"privkey": OTHER_SEED}),
}


class Visitor(Session):
    """A session that offers these authenticators, and whose beginning can be waited for."""

    def __init__(self, realm, authenticators):
        super().__init__(ComponentConfig(realm=realm))
        self.joined = asyncio.get_running_loop().create_future()
        for authenticator in authenticators:
            self.add_authenticator(authenticator)

    def on_join(self, details):
        self.joined.set_result(details)

    def on_leave(self, details):
        if not self.joined.done():
            self.joined.set_exception(ApplicationError(details.reason, details.message))
        self.disconnect()


class Gate:
    """The server, as one serializer sees it."""

    def __init__(self, url, encoding):
        self.url = url
        self.encoding = encoding

    async def enter(self, realm, *authenticators):
        """Joins: the session, and what WELCOME says."""
        visitor = Visitor(realm, authenticators)
        await attach(visitor, self.url, self.encoding)
        return visitor, await visitor.joined

    async def is_refused(self, reason, realm, *authenticators):
        error = await refused(self.enter(realm, *authenticators))
        equal(error.error, reason)


async def is_joe(visitor, details, method, provider="gate"):
    identity = {
        "authid": JOE,
        "authrole": "customer",
        "authmethod": method,
        "authprovider": provider,
    }
    equal({key: getattr(details, key) for key in identity}, identity)
    equal(details.authextra["theme"], "dark")
    who = await visitor.call("gate.whoami")
    equal(who.kwresults, identity)
    visitor.leave()


def authenticator(method, secret, authid=JOE):
    return create_authenticator(method, authid=authid, **secret)


async def right(gate, realm):
    method, secret, _ = WAYS[realm]
    visitor, details = await gate.enter(realm, authenticator(method, secret))
    await is_joe(visitor, details, method)


async def wrong(gate, realm):
    method, _, secret = WAYS[realm]
    reason = "wamp.error.authentication_denied"
    await gate.is_refused(reason, realm, authenticator(method, secret))


async def unknown_user(gate, realm):
    method, secret, _ = WAYS[realm]
    reason = "wamp.error.authentication_denied"
    await gate.is_refused(reason, realm, authenticator(method, secret, authid="eve"))


async def method_not_accepted(gate, realm):
    method = "cryptosign" if realm == "ticket" else "ticket"
    reason = "wamp.error.no_matching_auth_method"
    await gate.is_refused(reason, realm, authenticator(method, WAYS[method][1]))


async def nothing_offered(gate, realm):
    await gate.is_refused("wamp.error.authentication_required", realm)


async def anonymous(gate):
    for offered in [[], [create_authenticator("anonymous")]]:
        visitor, details = await gate.enter("anonymous", *offered)
        equal(
            (details.authrole, details.authmethod, details.authprovider),
            ("guest", "anonymous", "static"),
        )
        equal(details.authid, f"anonymous-{details.session}")
        who = await visitor.call("gate.whoami")
        equal(who.kwresults["authid"], details.authid)
        visitor.leave()


async def the_server_chooses_the_strongest(gate):
    ticket = authenticator("ticket", WAYS["ticket"][1])
    cryptosign = authenticator("cryptosign", WAYS["cryptosign"][1])
    visitor, details = await gate.enter("several", ticket, cryptosign)
    await is_joe(visitor, details, "cryptosign", "gate")


async def a_wrong_key_is_not_made_up_for_by_a_right_ticket(gate):
    ticket = authenticator("ticket", WAYS["ticket"][1])
    cryptosign = authenticator("cryptosign", WAYS["cryptosign"][2])
    await gate.is_refused("wamp.error.authentication_denied", "several", ticket, cryptosign)


async def every_way_into_one_realm(gate):
    for realm in ["ticket", "salted", "scram", "cryptosign"]:
        method, secret, _ = WAYS[realm]
        visitor, details = await gate.enter("several", authenticator(method, secret))
        await is_joe(visitor, details, method, "gate")


async def main(url, encoding):
    gate = Gate(url, encoding)
    passed = []
    for realm in WAYS:
        for check in [right, wrong, unknown_user, method_not_accepted, nothing_offered]:
            passed.append(await run(f"{realm}_{check.__name__}", check(gate, realm)))
    for check in [
        anonymous,
        the_server_chooses_the_strongest,
        a_wrong_key_is_not_made_up_for_by_a_right_ticket,
        every_way_into_one_realm,
    ]:
        passed.append(await run(check.__name__, check(gate)))
    return all(passed)


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*sys.argv[1:])))
