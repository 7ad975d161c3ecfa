"""Uses the example `docs` with autobahn for Python: search, fetch, watch, change, delete.

Usage: docs_client.py URL [REALM]; with a realm, it is offered at a router, which decides by itself who may subscribe.
"""

import asyncio
import sys

from autobahn_client import connect, equal, refused, run


async def search_and_fetch(session):
    found = await session.call("docs.search", query="whales in bergen")
    (summary,) = found.kwresults["documents"]
    document = await session.call("docs.getDocument", documentId=summary["id"])
    equal(document.kwresults["title"], "Whales in Bergen")
    equal(document.kwresults["revision"], 1)


async def changes(session):
    received = asyncio.Queue()

    def on_change(**change):
        received.put_nowait(change)

    await session.subscribe(on_change, "docs.7.changes")
    text = 'Two lines,\nand "quotes".'
    equal(await session.call("docs.updateDocument", documentId=7, revision=1, body=text), 2)
    equal(await received.get(), {"documentId": 7, "revision": 2})
    document = await session.call("docs.getDocument", 7)
    equal(document.kwresults["body"], text)


async def conflict(session):
    change = session.call("docs.updateDocument", documentId=7, revision=1, body="Too late")
    error = await refused(change)
    equal((error.error, error.kwargs), ("docs.error.conflict", {"revision": 2}))


async def delete(session):
    await session.call("docs.deleteDocument", documentId=7)
    error = await refused(session.call("docs.getDocument", documentId=7))
    equal((error.error, error.kwargs), ("docs.error.not_found", {"documentId": 7}))


async def watch_nothing(session):
    error = await refused(session.subscribe(print, "docs.1000.changes"))
    equal(error.error, "docs.error.not_found")


async def main(url, realm=None):
    session = await connect(url, "msgpack", realm=realm or "library")
    checks = [search_and_fetch, changes, conflict, delete]
    if realm is None:
        checks.append(watch_nothing)
    return all([await run(check.__name__, check(session)) for check in checks])


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*sys.argv[1:])))
