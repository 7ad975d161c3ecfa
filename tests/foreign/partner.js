// One session of wampy.js or of autobahn for JavaScript that others call and publish for through a router, and that does so for them.
//
// Usage: partner.js URL json|msgpack|cbor REALM wampy|autobahn
//
// It serves under the client's name what partner.py serves, and goes on until the process is ended.

'use strict';

const { Failure, connect } = require('./sessions.js');

const [url, encoding, realm, name] = process.argv.slice(2);

const procedures = (session, { events, subscriptions, registrations }) => ({
    add: ({ args: [a, b], kwargs }) => ({ args: [(a ?? kwargs.a) + (b ?? kwargs.b)] }),

    // wampy.js takes a typed array for more than bytes, and CBOR has a tag for that.
    echo: ({ args, kwargs }) => ({ args: untyped(args), kwargs: untyped(kwargs) }),

    fail() {
        throw new Failure('partner.error.teapot', ['short', 'stout'], { temperature: 95 });
    },

    // wampy.js has no way to announce that it reports progress as a callee, so it is never asked to.
    count({ args: [to], progress }) {
        for (let number = 1; progress && number <= to; number += 1) progress(number);
        return { args: [to] };
    },

    // Neither client knows INTERRUPT.
    hang: () => new Promise(() => {}),

    who: ({ details: { caller, caller_authid, caller_authrole } }) => ({
        args: [[caller ?? null, caller_authid ?? null, caller_authrole ?? null]],
    }),

    session: () => ({ args: [session.id] }),

    pid: () => ({ args: [process.pid] }),

    size: ({ args: [data] }) => ({ args: [data instanceof Uint8Array ? data.length : null] }),

    async register({ args: [procedure] }) {
        registrations.set(procedure, await session.register(procedure, () => ({ args: ['here'] })));
        return {};
    },

    async unregister({ args: [procedure] }) {
        await registrations.get(procedure)();
        return {};
    },

    async subscribe({ args: [topic, match, get_retained] }) {
        const push = ({ args, kwargs, topic: actual, publication, publisher, retained }) => {
            events.push({
                match,
                topic: actual ?? topic,
                publication: publication ?? null,
                publisher: publisher ?? null,
                retained: retained ?? false,
                args,
                kwargs,
            });
        };
        subscriptions.set(topic, await session.subscribe(topic, push, { match, get_retained }));
        return {};
    },

    async unsubscribe({ args: [topic] }) {
        await subscriptions.get(topic)();
        return {};
    },

    events: () => ({ args: [events.splice(0)] }),

    publish: async ({ args: [topic, args, kwargs, options] }) => ({
        args: [await session.publish(topic, { args, kwargs, options })],
    }),
});

function untyped(value) {
    if (value instanceof Uint8Array) return Buffer.from(value);
    if (Array.isArray(value)) return value.map(untyped);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untyped(item)]));
}

async function main() {
    const session = await connect(name, url, encoding, realm);
    const memory = { events: [], subscriptions: new Map(), registrations: new Map() };
    for (const [procedure, handler] of Object.entries(procedures(session, memory))) {
        await session.register(`${name}.${procedure}`, handler);
    }
    // wampy.js refuses patterns that end with a dot.
    for (const [match, procedure] of [['prefix', 'pattern'], ['wildcard', '.wild'], ['exact', 'pattern.exact']]) {
        const own = `${name}.${procedure}`;
        const handler = ({ details }) => ({ args: [`${match} ${details.procedure ?? own}`] });
        await session.register(own, handler, { match });
    }
    await session.register('shared.turn', () => ({ args: [name] }), { invoke: 'roundrobin' });
    console.log('ready');
}

main();
