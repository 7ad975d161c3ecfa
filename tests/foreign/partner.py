"""One session of autobahn for Python, on asyncio, that others call and publish for through a router, and that does so for them.

Usage: partner.py URL json|msgpack|cbor REALM NAME

The URL is ws://…, or rs://… and unix:… for RawSocket. `Partner` says what is served under NAME; it goes on until the process is ended.
"""

import asyncio
import os
import sys
from urllib.parse import urlsplit

import autobahn_client
from autobahn.asyncio.rawsocket import WampRawSocketClientFactory
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import CallResult, PublishOptions, RegisterOptions, SubscribeOptions


class Session(autobahn_client.Session):
    """Errors that a procedure answers with are no news."""

    def onUserError(self, fail, msg):
        pass


class Partner:
    """Every method whose name does not begin with `_` is a procedure."""

    def __init__(self, session, name):
        self._session = session
        self._name = name
        self._events = []
        self._subscriptions = {}
        self._registrations = {}
        self._interrupts = asyncio.Queue()

    async def _serve(self):
        names = [name for name in vars(Partner) if not name.startswith("_")]
        await asyncio.gather(*(self._offer(self._uri(name), getattr(self, name)) for name in names))
        for match, procedure in [
            ("prefix", self._uri("pattern")),
            ("wildcard", self._uri(".wild")),
            ("exact", self._uri("pattern.exact")),
        ]:
            await self._offer(procedure, lambda details, m=match: f"{m} {details.procedure}", match=match)
        await self._offer("shared.turn", lambda details: self._name, invoke="roundrobin")

    def _uri(self, name):
        return f"{self._name}.{name}"

    async def _offer(self, procedure, function, **options):
        options = RegisterOptions(details_arg="details", **options)
        self._registrations[procedure] = await self._session.register(function, procedure, options)

    def add(self, a, b, details):
        return a + b

    def echo(self, *args, details, **kwargs):
        return CallResult(*args, **kwargs)

    def fail(self, details):
        raise ApplicationError("partner.error.teapot", "short", "stout", temperature=95)

    def count(self, to, details):
        """Without `receive_progress` there is no function for progress."""
        for number in range(1, to + 1):
            if details.progress:
                details.progress(number)
        return to

    def hang(self, details):
        """Never answers. An interrupt cancels what a callee waits for."""
        answer = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._interrupts.put_nowait(True))
        return answer

    async def interrupted(self, details):
        """Answers once another call has been interrupted."""
        return await self._interrupts.get()

    def who(self, details):
        """Who calls, as far as the callee is told."""
        return [details.caller, details.caller_authid, details.caller_authrole]

    def session(self, details):
        return self._session._session_id

    def pid(self, details):
        return os.getpid()

    def size(self, data, details):
        """The length of binary data, or null if they are none."""
        return len(data) if isinstance(data, bytes) else None

    async def register(self, procedure, details):
        await self._offer(procedure, lambda details: "here")

    async def unregister(self, procedure, details):
        await self._registrations.pop(procedure).unregister()

    async def subscribe(self, topic, match, get_retained, details):
        def remember(*args, details, **kwargs):
            self._events.append(
                {
                    "match": match,
                    "topic": details.topic,
                    "publication": details.publication,
                    "publisher": details.publisher,
                    "retained": bool(details.retained),
                    "args": list(args),
                    "kwargs": kwargs,
                }
            )

        options = SubscribeOptions(match=match, get_retained=get_retained, details_arg="details")
        self._subscriptions[topic] = await self._session.subscribe(remember, topic, options)

    async def unsubscribe(self, topic, details):
        await self._subscriptions.pop(topic).unsubscribe()

    def events(self, details):
        """What was published since the last time."""
        events, self._events = self._events, []
        return events

    async def publish(self, topic, args, kwargs, publish_options, details):
        """Answers with the number of the publication."""
        options = PublishOptions(acknowledge=True, **publish_options)
        publication = await self._session.publish(topic, *args, **kwargs, options=options)
        return publication.id


attach_websocket = autobahn_client.attach


async def attach(session, url, encoding):
    """Connects a session over the transport that the URL says."""
    parts = urlsplit(url)
    if parts.scheme == "ws":
        return await attach_websocket(session, url, encoding)
    serializer = autobahn_client.SERIALIZERS[encoding]()
    factory = WampRawSocketClientFactory(lambda: session, serializer=serializer)
    loop = asyncio.get_running_loop()
    if parts.scheme == "unix":
        return await loop.create_unix_connection(factory, parts.path)
    return await loop.create_connection(factory, parts.hostname, parts.port)


async def main(url, encoding, realm, name):
    autobahn_client.Session = Session
    session = await autobahn_client.connect(url, encoding, realm)
    await Partner(session, name)._serve()
    print("ready", flush=True)
    await session.disconnected


autobahn_client.attach = attach

if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
