"""Two sessions of autobahn for Python, on asyncio, that call each other and hear from each other through a router.

Usage: autobahn_router.py URL json|msgpack|cbor REALM

Prints a line for each check, `ok NAME` or `FAIL NAME: why`, and fails if one of them did.
"""

import asyncio
import sys

from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import PublishOptions
from autobahn_client import PATIENCE, connect, equal, refused, run

checks = []


def check(function):
    checks.append(function)
    return function


@check
async def register_and_call(one, other):
    registration = await one.register(lambda a, b: a + b, "routed.add")
    equal(await other.call("routed.add", 2, 3), 5)
    equal(await other.call("routed.add", a=2, b=3), 5)
    await registration.unregister()
    error = await refused(other.call("routed.add", 2, 3))
    equal(error.error, "wamp.error.no_such_procedure")


@check
async def register_twice(one, other):
    registration = await one.register(lambda: 1, "routed.once")
    error = await refused(other.register(lambda: 2, "routed.once"))
    equal(error.error, "wamp.error.procedure_already_exists")
    equal(await other.call("routed.once"), 1)
    await registration.unregister()


@check
async def error_of_a_callee(one, other):
    def fail():
        raise ApplicationError("routed.error.teapot", "short", temperature=95)

    registration = await one.register(fail, "routed.fail")
    error = await refused(other.call("routed.fail"))
    equal(error.error, "routed.error.teapot")
    equal((list(error.args), error.kwargs), (["short"], {"temperature": 95}))
    await registration.unregister()


@check
async def subscribe_and_publish(one, other):
    received = asyncio.Queue()
    subscription = await one.subscribe(
        lambda *args, **kwargs: received.put_nowait((args, kwargs)), "routed.news"
    )
    options = PublishOptions(acknowledge=True)
    await other.publish("routed.news", "snow", length=4, options=options)
    equal(await received.get(), (("snow",), {"length": 4}))
    await subscription.unsubscribe()
    await other.publish("routed.news", "more snow", options=options)
    assert received.empty()


async def main(url, encoding, realm):
    sessions = [
        await asyncio.wait_for(connect(url, encoding, realm), PATIENCE) for _ in range(2)
    ]
    return all([await run(check.__name__, check(*sessions)) for check in checks])


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*sys.argv[1:])))
