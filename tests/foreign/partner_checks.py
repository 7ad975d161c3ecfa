"""Calls and publishes for partners of any kind (partner.py, partner.js) through a router, with autobahn for Python on asyncio.

Usage: partner_checks.py URL json|msgpack|cbor REALM everything|kill PARTNER…

A partner's name tells which client it is: python, wampy or autobahn. What autobahn for Python has no way to say, and is therefore checked
only with the other clients: `disclose_me`, and CANCEL in another mode than its own, whose answer it does not wait for either.
"""

import asyncio
import os
import signal
import sys

import partner as transports  # noqa: F401: connects over RawSocket, too
from autobahn.wamp.types import CallOptions, PublishOptions, SubscribeOptions
from autobahn_client import PATIENCE, connect, equal, refused, run

checks = []
ME = "python"


def check(function):
    checks.append(function)
    return function


class Partner:
    def __init__(self, session, name):
        self.session = session
        self.name = name

    def uri(self, name):
        return f"{self.name}.{name}"

    def call(self, name, *args, **kwargs):
        return self.session.call(self.uri(name), *args, **kwargs)

    def publish(self, topic, *args, **kwargs):
        options = PublishOptions(acknowledge=True, **kwargs.pop("options", {}))
        return self.session.publish(topic, *args, **kwargs, options=options)


VALUES = [1, -1, 2.5, "two", "Grüße, 世界 🌍", True, False, [1, [2, []]], {"a": {"b": [None]}}]


@check
async def args_and_kwargs(partner):
    equal(await partner.call("add", 2, 3), 5)
    equal(await partner.call("add", a=2, b=3), 5)
    result = await partner.call("echo", *VALUES, size=4, deep={"er": VALUES})
    equal((list(result.results), result.kwresults), (VALUES, {"size": 4, "deep": {"er": VALUES}}))
    result = await partner.call("echo", only="keywords")
    equal((list(result.results), result.kwresults), ([], {"only": "keywords"}))


@check
async def errors(partner):
    error = await refused(partner.call("fail"))
    equal(error.error, "partner.error.teapot")
    equal((list(error.args), error.kwargs), (["short", "stout"], {"temperature": 95}))
    error = await refused(partner.call("nothing"))
    equal(error.error, "wamp.error.no_such_procedure")


@check
async def progress(partner):
    reports = []
    options = CallOptions(on_progress=reports.append)
    equal(await partner.call("count", 3, options=options), 3)
    # A callee of wampy.js does not announce that it has progress to report.
    equal(reports, [] if partner.name == "wampy" else [1, 2, 3])
    equal(await partner.call("count", 3), 3)


@check
async def cancel(partner):
    call = partner.call("hang")
    call.cancel()
    # Of the partners, only this client can be interrupted.
    if partner.name == "python":
        equal(await partner.call("interrupted"), True)
    equal(await partner.call("add", 1, 1), 2)


@check
async def call_timeout(partner):
    error = await refused(partner.call("hang", options=CallOptions(timeout=50)))
    equal(error.error, "wamp.error.timeout")
    if partner.name == "python":
        equal(await partner.call("interrupted"), True)


@check
async def patterns_of_procedures(partner):
    equal(await partner.call("pattern.some.thing"), f"prefix {partner.uri('pattern.some.thing')}")
    equal(await partner.call("any.wild"), f"wildcard {partner.uri('any.wild')}")
    equal(await partner.call("pattern.wild"), f"prefix {partner.uri('pattern.wild')}")
    equal(await partner.call("pattern.exact"), f"exact {partner.uri('pattern.exact')}")


@check
async def register_and_unregister(partner):
    await partner.call("register", "temporary.procedure")
    equal(await partner.session.call("temporary.procedure"), "here")
    error = await refused(partner.session.register(lambda: "there", "temporary.procedure"))
    equal(error.error, "wamp.error.procedure_already_exists")
    await partner.call("unregister", "temporary.procedure")
    error = await refused(partner.session.call("temporary.procedure"))
    equal(error.error, "wamp.error.no_such_procedure")


@check
async def events_to_the_partner(partner):
    topic = partner.uri("weather.today.snow")
    subscriptions = {topic: "exact", partner.uri("weather"): "prefix", partner.uri("weather..snow"): "wildcard"}
    for uri, match in subscriptions.items():
        await partner.call("subscribe", uri, match, False)
    publication = await partner.publish(topic, *VALUES, depth=4)
    events = await partner.call("events")
    equal(sorted(event["match"] for event in events), ["exact", "prefix", "wildcard"])
    for event in events:
        equal((event["args"], event["kwargs"]), (VALUES, {"depth": 4}))
        equal((event["topic"], event["publisher"], event["retained"]), (topic, None, False))
        # A subscriber of wampy.js is not told.
        equal(event["publication"], None if partner.name == "wampy" else publication.id)
    for uri in subscriptions:
        await partner.call("unsubscribe", uri)
    await partner.publish(topic, "more")
    equal(await partner.call("events"), [])


@check
async def events_from_the_partner(partner):
    received = asyncio.Queue()
    topic = partner.uri("news")
    subscription = await partner.session.subscribe(
        lambda *args, details, **kwargs: received.put_nowait((args, kwargs, details)),
        topic,
        SubscribeOptions(details_arg="details"),
    )
    publication = await partner.call("publish", topic, VALUES, {"k": 1}, {})
    args, kwargs, details = await received.get()
    equal((list(args), kwargs, details.publication), (VALUES, {"k": 1}, publication))
    equal(details.publisher, None)
    # That client only can tell.
    if partner.name != "python":
        await partner.call("publish", topic, [], {}, {"disclose_me": True})
        equal((await received.get())[2].publisher, await partner.call("session"))
    await subscription.unsubscribe()
    await partner.call("publish", topic, ["more"], {}, {})
    assert received.empty()


@check
async def who_gets_an_event(partner):
    topic = partner.uri("secrets")
    mine = asyncio.Queue()
    subscription = await partner.session.subscribe(mine.put_nowait, topic)
    await partner.call("subscribe", topic, "exact", False)
    # In a binary format wampy.js writes an id as a float.
    me, other = partner.session._session_id, int(await partner.call("session"))
    for text, options in {
        "both": {"exclude_me": False},
        "not me": {},
        "not the other": {"exclude_me": False, "exclude": [other]},
        "only me": {"exclude_me": False, "eligible": [me]},
        "only the other": {"eligible": [me, other], "exclude": [me]},
        "strangers": {"exclude_me": False, "eligible_authrole": ["stranger"]},
        "no strangers": {"exclude_me": False, "exclude_authrole": ["stranger"]},
    }.items():
        await partner.publish(topic, text, options=options)
    heard = [event["args"][0] for event in await partner.call("events")]
    equal(heard, ["both", "not me", "only the other", "no strangers"])
    equal([mine.get_nowait() for _ in range(mine.qsize())], ["both", "not the other", "only me", "no strangers"])
    await partner.call("unsubscribe", topic)
    await subscription.unsubscribe()


@check
async def retained_events(partner):
    topic = partner.uri(f"retained.by.{ME}")
    await partner.publish(topic, "old", options={"retain": True})
    await partner.publish(topic, "new", k=1, options={"retain": True})
    await partner.call("subscribe", topic, "exact", True)
    (event,) = await partner.call("events")
    equal((event["args"], event["kwargs"], event["retained"]), (["new"], {"k": 1}, True))
    await partner.call("unsubscribe", topic)
    # A publisher of wampy.js takes `retain`, and does not send it.
    if partner.name != "wampy":
        topic = partner.uri(f"retained.for.{ME}")
        await partner.call("publish", topic, ["kept"], {}, {"retain": True})
        received = asyncio.Queue()
        options = SubscribeOptions(get_retained=True, details_arg="details")
        subscription = await partner.session.subscribe(
            lambda text, details: received.put_nowait((text, details.retained)), topic, options
        )
        equal(await received.get(), ("kept", True))
        await subscription.unsubscribe()


@check
async def binary(partner):
    data = bytes(range(256))
    equal(await partner.call("echo", data), data)
    result = await partner.call("echo", data, deep=[{"er": data}])
    equal((list(result.results), result.kwresults), ([data], {"deep": [{"er": data}]}))
    # What a JavaScript client is told in JSON is a string that begins with U+0000.
    assert await partner.call("size", data) in ([256] if partner.name == "python" else [256, None])


@check
async def large_integers(partner):
    numbers = [2**53 - 1, -(2**53) + 1]
    if partner.name == "python":
        numbers += [2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1]
    for number in numbers:
        equal(await partner.call("echo", number), number)


@check
async def large(partner):
    text = "x" * 500_000
    equal(await partner.call("echo", text), text)


@check
async def many_at_once(partner):
    sums = await asyncio.gather(*(partner.call("add", i, i) for i in range(200)))
    equal(sums, [2 * i for i in range(200)])


@check
async def meta_api(partner):
    session = partner.session
    registration = await session.call("wamp.registration.lookup", partner.uri("add"))
    equal(await session.call("wamp.registration.match", partner.uri("add")), registration)
    details = await session.call("wamp.registration.get", registration)
    equal((details["uri"], details["match"], details["invoke"]), (partner.uri("add"), "exact", "single"))
    other = int(await partner.call("session"))
    equal(await session.call("wamp.registration.list_callees", registration), [other])
    details = await session.call("wamp.session.get", other)
    equal((details["session"], details["authrole"]), (other, "anonymous"))
    assert other in await session.call("wamp.session.list")
    topic = partner.uri("told.of")
    told = asyncio.Queue()
    watch = await session.subscribe(
        lambda who, details: told.put_nowait((who, details["uri"])), "wamp.subscription.on_create"
    )
    await partner.call("subscribe", topic, "exact", False)
    # It is told of this very subscription first.
    while (event := await told.get()) != (other, topic):
        equal(event, (session._session_id, "wamp.subscription.on_create"))
    await partner.call("unsubscribe", topic)
    await watch.unsubscribe()


async def in_turn(session, partners):
    turns = [await session.call("shared.turn") for _ in range(2 * len(partners))]
    equal(sorted(turns), sorted(2 * partners))
    equal(turns[: len(partners)], turns[len(partners) :])


async def kill(partner):
    process = await partner.call("pid")
    call = asyncio.ensure_future(partner.call("hang"))
    # It has the call, because it has the one after it.
    await partner.call("add", 1, 1)
    os.kill(process, signal.SIGKILL)
    error = await refused(call)
    equal(error.error, "wamp.error.canceled")
    error = await refused(partner.call("add", 1, 1))
    equal(error.error, "wamp.error.no_such_procedure")


async def main(url, encoding, realm, what, *names):
    session = await asyncio.wait_for(connect(url, encoding, realm), PATIENCE)
    partners = [Partner(session, name) for name in names]
    if what == "kill":
        return all([await run(f"{it.name}_is_killed", kill(it)) for it in partners])
    passed = [
        await run(f"{it.name}_{check.__name__}", check(it)) for it in partners for check in checks
    ]
    passed.append(await run("in_turn", in_turn(session, list(names))))
    return all(passed)


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*sys.argv[1:])))
