"""Drives the interop server with autobahn for Python, on asyncio.

Usage: autobahn_client.py URL json|msgpack|cbor

Prints a line for each check, `ok NAME` or `FAIL NAME: why`, and fails if one of them did.
"""

import asyncio
import sys
from urllib.parse import urlsplit

from autobahn.asyncio.wamp import ApplicationSession
from autobahn.asyncio.websocket import WampWebSocketClientFactory
from autobahn.wamp import serializer
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import CallOptions, ComponentConfig, PublishOptions

SERIALIZERS = {
    "json": serializer.JsonSerializer,
    "msgpack": serializer.MsgPackSerializer,
    "cbor": serializer.CBORSerializer,
}
PATIENCE = 20  # seconds

checks = []


def check(function):
    checks.append(function)
    return function


class Session(ApplicationSession):
    """A session whose beginning and end can be waited for."""

    def __init__(self, realm):
        super().__init__(ComponentConfig(realm=realm))
        loop = asyncio.get_running_loop()
        self.joined = loop.create_future()
        self.left = loop.create_future()
        self.disconnected = loop.create_future()

    def onJoin(self, details):
        self.joined.set_result(details)

    def onLeave(self, details):
        if not self.joined.done():
            self.joined.set_exception(ApplicationError(details.reason, details.message))
        self.left.set_result(details)
        self.disconnect()

    def onDisconnect(self):
        self.disconnected.set_result(None)


async def attach(session, url, encoding):
    """Connects a session of any class to the server."""
    factory = WampWebSocketClientFactory(
        lambda: session, url=url, serializers=[SERIALIZERS[encoding]()]
    )
    parts = urlsplit(url)
    await asyncio.get_running_loop().create_connection(factory, parts.hostname, parts.port)


async def connect(url, encoding, realm="interop"):
    session = Session(realm)
    await attach(session, url, encoding)
    await session.joined
    return session


async def refused(awaitable):
    """The error that a request ends with."""
    try:
        result = await awaitable
    except ApplicationError as error:
        return error
    raise AssertionError(f"an error was expected, not {result!r}")


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


@check
async def call_with_args(session):
    equal(await session.call("interop.add", 2, 3), 5)


@check
async def call_with_kwargs(session):
    equal(await session.call("interop.add", a=2, b=3), 5)
    equal(await session.call("interop.add", 2, b=3), 5)


@check
async def default_argument(session):
    equal(await session.call("interop.greet", "Ada"), "Hello, Ada!")
    equal(await session.call("interop.greet", "Ada", greeting="Bye"), "Bye, Ada!")


@check
async def several_results(session):
    result = await session.call("interop.both")
    equal((list(result.results), result.kwresults), ([1, "two"], {"three": 3}))


@check
async def structures(session):
    items = [{"sku": "bell", "quantity": 2}, {"sku": "pump", "quantity": 1}]
    result = await session.call("interop.order", items)
    equal(list(result.results), ["2 × bell", "1 × pump"])


@check
async def wrong_argument(session):
    items = [{"sku": "bell", "quantity": 2}, {"sku": "pump", "quantity": "many"}]
    error = await refused(session.call("interop.order", items))
    equal(error.error, "wamp.error.invalid_argument")
    equal(error.kwargs["path"], "args[0][1].quantity")
    error = await refused(session.call("interop.order", items=5))
    equal(error.kwargs["path"], "kwargs.items")


@check
async def missing_argument(session):
    error = await refused(session.call("interop.add", 2))
    equal((error.error, error.kwargs["argument"]), ("wamp.error.invalid_argument", "b"))


@check
async def unknown_procedure(session):
    error = await refused(session.call("interop.nothing"))
    equal(error.error, "wamp.error.no_such_procedure")


@check
async def application_error(session):
    error = await refused(session.call("interop.fail"))
    equal(error.error, "interop.error.teapot")
    equal((list(error.args), error.kwargs), (["short", "stout"], {"temperature": 95}))


@check
async def internal_error(session):
    error = await refused(session.call("interop.failInside"))
    equal(error.error, "wamp.error.runtime_error")
    assert "swordfish" not in str(error), error


@check
async def progress(session):
    reports = []
    options = CallOptions(on_progress=reports.append)
    equal(await session.call("interop.count", 5, options=options), 5)
    equal(reports, [1, 2, 3, 4, 5])


@check
async def no_progress_unless_asked(session):
    equal(await session.call("interop.count", 5), 5)
    equal(await session.call("interop.stream", 5), None)


@check
async def stream(session):
    items = []
    options = CallOptions(on_progress=items.append)
    equal(await session.call("interop.stream", 3, options=options), None)
    equal(items, [1, 2, 3])


@check
async def cancel(session):
    call = session.call("interop.hang")
    call.cancel()
    # The session goes on.
    equal(await session.call("interop.add", 1, 1), 2)


@check
async def call_timeout(session):
    error = await refused(session.call("interop.hang", options=CallOptions(timeout=50)))
    equal(error.error, "wamp.error.timeout")


@check
async def events(session):
    received = asyncio.Queue()
    subscription = await session.subscribe(
        lambda *args, **kwargs: received.put_nowait((args, kwargs)), "interop.news"
    )
    equal(await session.call("interop.announce", "snow"), 1)
    equal(await received.get(), (("snow",), {"length": 4}))
    await subscription.unsubscribe()
    equal(await session.call("interop.announce", "more snow"), 0)
    assert received.empty()


@check
async def feed(session):
    received = asyncio.Queue()
    subscription = await session.subscribe(received.put_nowait, "interop.countdown.3")
    equal([await received.get() for _ in range(3)], [3, 2, 1])
    await subscription.unsubscribe()


@check
async def refused_subscription(session):
    error = await refused(session.subscribe(print, "interop.secret"))
    equal(error.error, "wamp.error.not_authorized")


@check
async def publish(session):
    options = PublishOptions(acknowledge=True)
    publication = await session.publish("interop.note", "fine", stars=5, options=options)
    assert publication.id > 0, publication
    session.publish("interop.note", "unacknowledged")
    equal(await session.call("interop.takeNotes"), ["fine (5)", "unacknowledged (0)"])


@check
async def unicode(session):
    text = "Grüße, 世界 🌍 \u0000 \u2028"
    equal(await session.call("interop.echo", text), text)


@check
async def binary(session):
    data = bytes(range(256))
    equal(await session.call("interop.echoBytes", data), data)


@check
async def large(session):
    text = "x" * 1024 * 1024
    equal(await session.call("interop.echo", text), text)


@check
async def many_at_once(session):
    sums = await asyncio.gather(*(session.call("interop.add", i, i) for i in range(500)))
    equal(sums, [2 * i for i in range(500)])


async def run(name, steps):
    try:
        await asyncio.wait_for(steps, PATIENCE)
    except Exception as error:  # whatever it is, it is this check's failure
        print(f"FAIL {name}: {type(error).__name__}: {error}")
        return False
    print(f"ok {name}")
    return True


async def goodbye(session):
    session.leave()
    details = await session.left
    equal(details.reason, "wamp.close.goodbye_and_out")
    await session.disconnected


async def unknown_realm(url, encoding):
    error = await refused(connect(url, encoding, "nowhere"))
    equal(error.error, "wamp.error.no_such_realm")


async def main(url, encoding):
    session = await asyncio.wait_for(connect(url, encoding), PATIENCE)
    passed = [await run(check.__name__, check(session)) for check in checks]
    passed.append(await run("goodbye", goodbye(session)))
    passed.append(await run("unknown_realm", unknown_realm(url, encoding)))
    return all(passed)


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*sys.argv[1:])))
