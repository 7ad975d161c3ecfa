"""Authenticates frame by frame, and does what no client would do.

Usage: raw_auth.py URL [impatient]

What answers a challenge comes from wampproto, a second opinion beside autobahn, and for SCRAM from autobahn. With `impatient`, the server
is one that does not wait for long.
"""

import asyncio
import json
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.wamp.auth import AuthScram
from autobahn.wamp.types import Challenge
from nacl.signing import SigningKey
from wampproto.auth import sign_cryptosign_challenge, sign_wampcra_challenge
from wampproto.auth.wampcra import derive_cra_key

from autobahn_auth import JOE, KNOWN
from autobahn_client import equal, run

DENIED = "wamp.error.authentication_denied"
FAILED = "wamp.error.authentication_failed"
VIOLATION = "wamp.error.protocol_violation"
ROLES = {"caller": {}, "subscriber": {}}
KEY = SigningKey(bytes.fromhex(KNOWN["cryptosign_seed"]))
HELLO, WELCOME, ABORT, CHALLENGE, AUTHENTICATE = 1, 2, 3, 4, 5
NORMAL, PROTOCOL_ERROR, POLICY, TOO_BIG = 1000, 1002, 1008, 1009


class Line(WebSocketClientProtocol):
    """A connection, message by message."""

    def __init__(self):
        super().__init__()
        loop = asyncio.get_running_loop()
        self.opened, self.closed = loop.create_future(), loop.create_future()
        self.messages = asyncio.Queue()

    def onOpen(self):
        self.opened.set_result(None)

    def onMessage(self, payload, isBinary):
        self.messages.put_nowait(json.loads(payload))

    def onClose(self, wasClean, code, reason):
        self.closed.set_result((wasClean, code))

    def say(self, *message):
        self.sendMessage(json.dumps(message).encode())

    async def hear(self):
        return await self.messages.get()

    async def hello(self, realm, method, authextra=None, **details):
        """Says HELLO; what the CHALLENGE says."""
        details = {"authid": JOE, "authmethods": [method], "roles": ROLES} | details
        if authextra is not None:
            details["authextra"] = authextra
        self.say(HELLO, realm, details)
        kind, asked, extra = await self.hear()
        equal((kind, asked), (CHALLENGE, method))
        return extra

    async def is_welcome(self):
        message = await self.hear()
        equal(message[0], WELCOME)
        return message[2]

    async def is_ended(self, reason, code=NORMAL):
        """ABORT, then a clean close."""
        message = await self.hear()
        equal((message[0], message[2]), (ABORT, reason))
        equal(await self.closed, (True, code))


class Gate:
    def __init__(self, url):
        self.url = url

    async def line(self):
        factory = WebSocketClientFactory(self.url, protocols=["wamp.2.json"])
        factory.protocol = Line
        parts = urlsplit(self.url)
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(factory, parts.hostname, parts.port)
        await line.opened
        return line


def sign_cra(extra):
    key = KNOWN["cra_secret"].encode()
    if "salt" in extra:
        cost = extra["iterations"], extra["keylen"]
        key = derive_cra_key(extra["salt"], KNOWN["cra_password"], *cost)
    return sign_wampcra_challenge(extra["challenge"], key)


async def cra_as_wampproto_signs(gate):
    for realm in ["wampcra", "salted"]:
        line = await gate.line()
        extra = await line.hello(realm, "wampcra")
        claims = json.loads(extra["challenge"])
        line.say(AUTHENTICATE, sign_cra(extra), {})
        welcome = await line.is_welcome()
        # What was signed is what comes true.
        for key in ["authid", "authrole", "authmethod", "authprovider"]:
            equal(claims[key], welcome[key])


async def cryptosign_as_wampproto_signs(gate):
    line = await gate.line()
    extra = await line.hello("cryptosign", "cryptosign", pubkey())
    line.say(AUTHENTICATE, sign_cryptosign_challenge(extra["challenge"], KEY), {})
    equal((await line.is_welcome())["authmethod"], "cryptosign")


def pubkey():
    return {"pubkey": bytes(KEY.verify_key).hex()}


async def replay(gate, realm, method, sign, authextra=None):
    """What opened one connection opens no other, and is no second chance in the same one."""
    line = await gate.line()
    answer = sign(await line.hello(realm, method, authextra))
    line.say(AUTHENTICATE, answer, {})
    await line.is_welcome()
    for _ in range(2):
        line = await gate.line()
        extra = await line.hello(realm, method, authextra)
        line.say(AUTHENTICATE, answer, {})
        line.say(AUTHENTICATE, sign(extra), {})
        await line.is_ended(DENIED)


async def a_cra_answer_is_good_once(gate):
    await replay(gate, "wampcra", "wampcra", sign_cra)
    await replay(gate, "salted", "wampcra", sign_cra)


async def a_cryptosign_answer_is_good_once(gate):
    def sign(extra):
        return sign_cryptosign_challenge(extra["challenge"], KEY)

    await replay(gate, "cryptosign", "cryptosign", sign, pubkey())


async def a_scram_proof_is_good_once(gate):
    # The nonce of the client is the same each time, as it is for whoever replays.
    client = AuthScram(authid=JOE, password=KNOWN["scram_password"])

    def sign(extra):
        return client.on_challenge(None, Challenge("scram", extra)).decode()

    await replay(gate, "scram", "scram", sign, client.authextra)


async def scram_proves_the_server_too(gate):
    client = AuthScram(authid=JOE, password=KNOWN["scram_password"])
    line = await gate.line()
    extra = await line.hello("scram", "scram", client.authextra)
    line.say(AUTHENTICATE, client.on_challenge(None, Challenge("scram", extra)).decode(), {})
    welcome = await line.is_welcome()
    quiet = SimpleNamespace(log=SimpleNamespace(info=lambda _: None, error=lambda _: None))
    equal(client.on_welcome(quiet, welcome["authextra"]), None)


async def a_second_authenticate_is_illegal(gate):
    line = await gate.line()
    await line.hello("ticket", "ticket")
    line.say(AUTHENTICATE, KNOWN["ticket"], {})
    await line.is_welcome()
    line.say(AUTHENTICATE, KNOWN["ticket"], {})
    await line.is_ended(VIOLATION, PROTOCOL_ERROR)


async def authenticate_before_hello_is_illegal(gate):
    line = await gate.line()
    line.say(AUTHENTICATE, KNOWN["ticket"], {})
    await line.is_ended(VIOLATION, PROTOCOL_ERROR)


async def hello_instead_of_an_answer_is_illegal(gate):
    line = await gate.line()
    await line.hello("ticket", "ticket")
    line.say(HELLO, "anonymous", {"roles": ROLES})
    await line.is_ended(VIOLATION, PROTOCOL_ERROR)


async def an_answer_of_20_kib_is_too_much(gate):
    line = await gate.line()
    await line.hello("ticket", "ticket")
    line.say(AUTHENTICATE, "x" * 20 * 1024, {})
    equal(await line.closed, (True, TOO_BIG))


async def claims_in_hello_change_nothing(gate):
    line = await gate.line()
    claims = {"authid": "root", "authrole": "admin", "authprovider": "root", "roles": ROLES}
    line.say(HELLO, "anonymous", claims | {"authextra": {"authrole": "admin"}})
    welcome = await line.is_welcome()
    equal((welcome["authrole"], welcome["authprovider"]), ("guest", "static"))
    assert welcome["authid"].startswith("anonymous-"), welcome
    line = await gate.line()
    await line.hello("ticket", "ticket", authrole="admin")
    line.say(AUTHENTICATE, KNOWN["ticket"], {"authrole": "admin"})
    equal((await line.is_welcome())["authrole"], "customer")


async def two_steps(gate):
    for code, is_right in [(KNOWN["code"], True), ("wrong", False)]:
        line = await gate.line()
        await line.hello("two-steps", "two-steps")
        line.say(AUTHENTICATE, KNOWN["ticket"], {})
        equal(await line.hear(), [CHALLENGE, "code", {}])
        line.say(AUTHENTICATE, code, {})
        await (line.is_welcome() if is_right else line.is_ended(DENIED))


async def no_answer_in_time(gate):
    for realm, method in [("ticket", "ticket"), ("wampcra", "wampcra")]:
        line = await gate.line()
        await line.hello(realm, method)
        await line.is_ended(FAILED, POLICY)


PATIENT = [
    cra_as_wampproto_signs,
    cryptosign_as_wampproto_signs,
    a_cra_answer_is_good_once,
    a_cryptosign_answer_is_good_once,
    a_scram_proof_is_good_once,
    scram_proves_the_server_too,
    a_second_authenticate_is_illegal,
    authenticate_before_hello_is_illegal,
    hello_instead_of_an_answer_is_illegal,
    an_answer_of_20_kib_is_too_much,
    claims_in_hello_change_nothing,
    two_steps,
]


async def main(url, patience="patient"):
    gate = Gate(url)
    checks = PATIENT if patience == "patient" else [no_answer_in_time]
    return all([await run(check.__name__, check(gate)) for check in checks])


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*sys.argv[1:])))
