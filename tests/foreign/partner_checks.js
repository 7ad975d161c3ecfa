// Calls and publishes for partners of any kind (partner.py, partner.js) through a router, with wampy.js or autobahn for JavaScript.
//
// Usage: partner_checks.js URL json|msgpack|cbor REALM wampy|autobahn everything|kill PARTNER…
//
// A partner's name tells which client it is: python, wampy or autobahn. What wampy.js has no way to say, and is therefore checked only with
// the others: `exclude_me: false`, `retain`. A subscriber of it is not told the number of a publication.

'use strict';

const process = require('node:process');
const { assert, refused, run, Queue } = require('./checks.js');
const { connect } = require('./sessions.js');

const [url, encoding, realm, me, what, ...names] = process.argv.slice(2);

const VALUES = [1, -1, 2.5, 'two', 'Grüße, 世界 🌍', true, false, [1, [2, []]], { a: { b: [null] } }];

class Partner {
    constructor(session, name) {
        Object.assign(this, { session, name });
    }

    uri(name) {
        return `${this.name}.${name}`;
    }

    start(name, args, request) {
        return this.session.start(this.uri(name), { args, ...request });
    }

    /** The first result. */
    async call(name, ...args) {
        return plain((await this.start(name, args).result).args[0]);
    }
}

/** Without the prototypes that some decoders give to what they make, and the BigInts that wampy.js makes of 64 bits in MessagePack. */
function plain(value) {
    if (typeof value === 'bigint') return Number(value);
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Uint8Array) return Uint8Array.from(value);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

const checks = {
    async args_and_kwargs(partner) {
        assert.equal(await partner.call('add', 2, 3), 5);
        const sum = await partner.start('add', [], { kwargs: { a: 2, b: 3 } }).result;
        assert.deepEqual(sum.args, [5]);
        for (const [args, kwargs] of [[VALUES, { size: 4, deep: { er: VALUES } }], [[], { only: 'keywords' }]]) {
            const result = await partner.start('echo', args, { kwargs }).result;
            assert.deepEqual([plain(result.args), plain(result.kwargs)], [args, kwargs]);
        }
    },

    async errors(partner) {
        const error = await refused(partner.call('fail'));
        assert.equal(error.uri, 'partner.error.teapot');
        assert.deepEqual([error.args, plain(error.kwargs)], [['short', 'stout'], { temperature: 95 }]);
        assert.equal((await refused(partner.call('nothing'))).uri, 'wamp.error.no_such_procedure');
    },

    async progress(partner) {
        const reports = [];
        const progress = ({ args }) => reports.push(args[0]);
        assert.deepEqual((await partner.start('count', [3], { progress }).result).args, [3]);
        // A callee of wampy.js does not announce that it has progress to report.
        assert.deepEqual(reports, partner.name === 'wampy' ? [] : [1, 2, 3]);
        assert.equal(await partner.call('count', 3), 3);
    },

    async cancel(partner) {
        // In the other modes autobahn gives up the call at once, and takes the router's answer to it for a violation of the protocol.
        const modes = me === 'autobahn' ? ['kill'] : ['skip', 'kill', 'killnowait', undefined];
        for (const mode of modes) {
            const call = partner.start('hang', []);
            call.cancel(mode);
            const error = await refused(call.result);
            // Of the partners, only autobahn for Python can be interrupted; in mode `kill` its answer is the caller's.
            const own = partner.name === 'python' && mode === 'kill';
            if (!own) assert.equal(error.uri, 'wamp.error.canceled');
            if (partner.name === 'python' && mode !== 'skip') assert.equal(await partner.call('interrupted'), true);
        }
        assert.equal(await partner.call('add', 1, 1), 2);
    },

    async call_timeout(partner) {
        const error = await refused(partner.start('hang', [], { options: { timeout: 50 } }).result);
        assert.equal(error.uri, 'wamp.error.timeout');
        if (partner.name === 'python') assert.equal(await partner.call('interrupted'), true);
    },

    async patterns_of_procedures(partner) {
        for (const [name, match] of [
            ['pattern.some.thing', 'prefix'],
            ['any.wild', 'wildcard'],
            ['pattern.wild', 'prefix'],
            ['pattern.exact', 'exact'],
        ]) {
            assert.equal(await partner.call(name), `${match} ${partner.uri(name)}`);
        }
    },

    async register_and_unregister(partner) {
        await partner.call('register', 'temporary.procedure');
        const call = () => partner.session.call('temporary.procedure');
        assert.deepEqual((await call()).args, ['here']);
        await partner.call('unregister', 'temporary.procedure');
        assert.equal((await refused(call())).uri, 'wamp.error.no_such_procedure');
    },

    async disclosed_callers(partner) {
        assert.deepEqual(await partner.call('who'), [null, null, null]);
        const options = { disclose_me: true };
        const { args } = await partner.start('who', [], { options }).result;
        const [session, authid, role] = plain(args[0]);
        assert.deepEqual([session, typeof authid, role], [partner.session.id, 'string', 'anonymous']);
    },

    async events_to_the_partner(partner) {
        const topic = partner.uri('weather.today.snow');
        const subscriptions = [[topic, 'exact'], [partner.uri('weather'), 'prefix'], [partner.uri('weather..snow'), 'wildcard']];
        for (const [uri, match] of subscriptions) await partner.call('subscribe', uri, match, false);
        const kwargs = { depth: 4 };
        for (const options of [{}, { disclose_me: true }]) {
            const publication = await partner.session.publish(topic, { args: VALUES, kwargs, options });
            const events = await partner.call('events');
            assert.deepEqual(events.map(({ match }) => match).sort(), ['exact', 'prefix', 'wildcard']);
            for (const event of events) {
                assert.deepEqual([event.args, event.kwargs], [VALUES, kwargs]);
                const publisher = options.disclose_me ? partner.session.id : null;
                assert.deepEqual([event.topic, event.publisher, event.retained], [topic, publisher, false]);
                if (partner.name !== 'wampy') assert.equal(event.publication, publication);
            }
        }
        for (const [uri] of subscriptions) await partner.call('unsubscribe', uri);
        await partner.session.publish(topic, { args: ['more'] });
        assert.deepEqual(await partner.call('events'), []);
    },

    async events_from_the_partner(partner) {
        const events = new Queue();
        const topic = partner.uri('news');
        const unsubscribe = await partner.session.subscribe(topic, (event) => events.push(event));
        const publication = await partner.call('publish', topic, VALUES, { k: 1 }, {});
        const event = await events.next();
        assert.deepEqual([plain(event.args), plain(event.kwargs)], [VALUES, { k: 1 }]);
        if (me !== 'wampy') assert.equal(event.publication, publication);
        await unsubscribe();
        await partner.call('publish', topic, ['more'], {}, {});
        assert.equal(events.length, 0);
    },

    async who_gets_an_event(partner) {
        const topic = partner.uri('secrets');
        const mine = new Queue();
        const unsubscribe = await partner.session.subscribe(topic, ({ args }) => mine.push(args[0]));
        await partner.call('subscribe', topic, 'exact', false);
        const [self, other] = [partner.session.id, await partner.call('session')];
        for (const [text, options] of [
            ['not me', {}],
            ['not the other', { exclude: [other] }],
            ['only me', { eligible: [self] }],
            ['only the other', { eligible: [self, other], exclude: [self] }],
            ['strangers', { eligible_authrole: ['stranger'] }],
            ['no strangers', { exclude_authrole: ['stranger'] }],
        ]) {
            await partner.session.publish(topic, { args: [text], options });
        }
        const heard = (await partner.call('events')).map(({ args }) => args[0]);
        assert.deepEqual(heard, ['not me', 'only the other', 'no strangers']);
        assert.equal(mine.length, 0);
        if (me !== 'wampy') {
            await partner.session.publish(topic, { args: ['me, too'], options: { exclude_me: false } });
            assert.equal(await mine.next(), 'me, too');
            await partner.call('events');
        }
        await partner.call('unsubscribe', topic);
        await unsubscribe();
    },

    async retained_events(partner) {
        if (me !== 'wampy') {
            const topic = partner.uri(`retained.by.${me}`);
            for (const text of ['old', 'new']) {
                await partner.session.publish(topic, { args: [text], kwargs: { k: 1 }, options: { retain: true } });
            }
            await partner.call('subscribe', topic, 'exact', true);
            const events = await partner.call('events');
            assert.equal(events.length, 1);
            const [{ args, kwargs, retained }] = events;
            assert.deepEqual([args, kwargs, retained], [['new'], { k: 1 }, true]);
            await partner.call('unsubscribe', topic);
        }
        if (partner.name !== 'wampy') {
            const topic = partner.uri(`retained.for.${me}`);
            await partner.call('publish', topic, ['kept'], {}, { retain: true });
            const events = new Queue();
            const unsubscribe = await partner.session.subscribe(topic, (event) => events.push(event), { get_retained: true });
            const { args, retained } = await events.next();
            assert.deepEqual([args, retained], [['kept'], true]);
            await unsubscribe();
        }
    },

    // Neither client has a notation for binary values in JSON; they see, and may write, what the protocol makes of them: U+0000 and base64.
    async binary(partner) {
        const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i));
        const data = encoding === 'json' ? `\u0000${bytes.toString('base64')}` : bytes;
        assert.deepEqual(await partner.call('echo', data), plain(data));
        const size = (await partner.start('size', [data]).result).args[0];
        assert.ok(partner.name === 'python' ? size === 256 : size === 256 || !size, `${size}`);
    },

    async large_integers(partner) {
        for (const number of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
            assert.equal(await partner.call('echo', number), number);
        }
    },

    async large(partner) {
        const text = 'x'.repeat(500_000);
        assert.equal(await partner.call('echo', text), text);
    },

    async meta_api({ session, ...partner }) {
        const own = (name) => `${partner.name}.${name}`;
        const ask = async (procedure, ...args) => plain((await session.call(procedure, { args })).args[0]);
        const registration = await ask('wamp.registration.lookup', own('add'));
        assert.equal(await ask('wamp.registration.match', own('add')), registration);
        const { uri, match, invoke } = await ask('wamp.registration.get', registration);
        assert.deepEqual([uri, match, invoke], [own('add'), 'exact', 'single']);
        const other = await ask(own('session'));
        assert.deepEqual(await ask('wamp.registration.list_callees', registration), [other]);
        const details = await ask('wamp.session.get', other);
        assert.deepEqual([details.session, details.authrole], [other, 'anonymous']);
        assert.ok((await ask('wamp.session.list')).includes(other));
        const told = new Queue();
        const watch = await session.subscribe('wamp.registration.on_create', ({ args }) => told.push(plain(args)));
        await ask(own('register'), 'told.of');
        const [who, created] = await told.next();
        assert.deepEqual([who, created.uri], [other, 'told.of']);
        await ask(own('unregister'), 'told.of');
        await watch();
    },

    async many_at_once(partner) {
        const numbers = Array.from({ length: 200 }, (_, i) => i);
        const sums = await Promise.all(numbers.map((i) => partner.call('add', i, i)));
        assert.deepEqual(sums, numbers.map((i) => 2 * i));
    },
};

async function in_turn(session) {
    const turns = [];
    for (let i = 0; i < 2 * names.length; i += 1) turns.push((await session.call('shared.turn')).args[0]);
    assert.deepEqual([...turns].sort(), [...names, ...names].sort());
    assert.deepEqual(turns.slice(0, names.length), turns.slice(names.length));
}

async function kill(partner) {
    const pid = await partner.call('pid');
    const hang = partner.start('hang', []).result;
    const error = refused(hang);
    // It has the call, because it has the one after it.
    await partner.call('add', 1, 1);
    process.kill(pid, 'SIGKILL');
    assert.equal((await error).uri, 'wamp.error.canceled');
    assert.equal((await refused(partner.call('add', 1, 1))).uri, 'wamp.error.no_such_procedure');
}

async function main() {
    const session = await connect(me, url, encoding, realm);
    const every = {};
    for (const name of names) {
        const partner = new Partner(session, name);
        const chosen = what === 'kill' ? { is_killed: kill } : checks;
        for (const [check, steps] of Object.entries(chosen)) every[`${name}_${check}`] = () => steps(partner);
    }
    if (what !== 'kill') every.in_turn = () => in_turn(session);
    await run(every);
}

main();
