"""Drives the interop server with autobahn for Python over RawSocket: the checks of autobahn_client.py, on another transport.

Usage: rawsocket_client.py URL json|msgpack|cbor
"""

import asyncio
import sys
from urllib.parse import urlsplit

import autobahn_client
from autobahn.asyncio.rawsocket import WampRawSocketClientFactory


async def attach(session, url, encoding):
    serializer = autobahn_client.SERIALIZERS[encoding]()
    factory = WampRawSocketClientFactory(lambda: session, serializer=serializer)
    parts = urlsplit(url)
    await asyncio.get_running_loop().create_connection(factory, parts.hostname, parts.port)


if __name__ == "__main__":
    autobahn_client.attach = attach
    sys.exit(not asyncio.run(autobahn_client.main(*sys.argv[1:])))
