// Drives the interop server with wampy.js.
//
// Usage: wampy_client.js URL json|msgpack|cbor

'use strict';

const WebSocket = require('ws');
const { Wampy } = require('wampy');
const { JsonSerializer } = require('wampy/JsonSerializer.js');
const { MsgpackSerializer } = require('wampy/MsgpackSerializer.js');
const { CborSerializer } = require('wampy/CborSerializer.js');
const { assert, refused, run, Queue } = require('./checks.js');

const [url, encoding] = process.argv.slice(2);
const Serializer = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer }[encoding];

function client(realm = 'interop') {
    return new Wampy(url, {
        autoReconnect: false,
        realm,
        serializer: new Serializer(),
        uriValidation: 'loose',
        ws: WebSocket,
    });
}

/** The positional results of a call. */
async function call(wampy, procedure, payload, options) {
    return (await wampy.call(procedure, payload, options)).argsList;
}

const checks = {
    async call_with_args(wampy) {
        assert.deepEqual(await call(wampy, 'interop.add', [2, 3]), [5]);
    },

    async call_with_kwargs(wampy) {
        assert.deepEqual(await call(wampy, 'interop.add', { argsDict: { a: 2, b: 3 } }), [5]);
        const mixed = { argsList: [2], argsDict: { b: 3 } };
        assert.deepEqual(await call(wampy, 'interop.add', mixed), [5]);
    },

    async default_argument(wampy) {
        assert.deepEqual(await call(wampy, 'interop.greet', ['Ada']), ['Hello, Ada!']);
        assert.deepEqual(await call(wampy, 'interop.greet', ['Ada', 'Bye']), ['Bye, Ada!']);
    },

    async several_results(wampy) {
        const result = await wampy.call('interop.both');
        assert.deepEqual([result.argsList, result.argsDict], [[1, 'two'], { three: 3 }]);
    },

    async wrong_argument(wampy) {
        const items = [{ sku: 'bell', quantity: 2 }, { sku: 'pump', quantity: 'many' }];
        const error = await refused(wampy.call('interop.order', [items]));
        assert.equal(error.errorUri, 'wamp.error.invalid_argument');
        assert.equal(error.argsDict.path, 'args[0][1].quantity');
    },

    async unknown_procedure(wampy) {
        const error = await refused(wampy.call('interop.nothing'));
        assert.equal(error.errorUri, 'wamp.error.no_such_procedure');
    },

    async application_error(wampy) {
        const error = await refused(wampy.call('interop.fail'));
        assert.equal(error.errorUri, 'interop.error.teapot');
        assert.deepEqual([error.argsList, error.argsDict], [['short', 'stout'], { temperature: 95 }]);
    },

    async progress(wampy) {
        const reports = [];
        const progress_callback = (report) => reports.push(report.argsList[0]);
        const result = await call(wampy, 'interop.count', [4], { progress_callback });
        assert.deepEqual(reports.slice(0, 4), [1, 2, 3, 4]);
        assert.deepEqual(result, [4]);
    },

    async no_progress_unless_asked(wampy) {
        assert.deepEqual(await call(wampy, 'interop.count', [4]), [4]);
    },

    async progressive_invocation(wampy) {
        const sums = new Queue();
        const progress_callback = (report) => sums.push(report.argsList[0]);
        const sum = wampy.progressiveCall('interop.sum', [1], { progress_callback });
        assert.equal(await sums.next(), 1);
        sum.sendData([2]);
        assert.equal(await sums.next(), 3);
        sum.sendData([3], { progress: false });
        assert.deepEqual((await sum.result).argsList, [6]);
    },

    async cancel_by_default(wampy) {
        const error = await canceled(wampy, 'interop.hang');
        assert.equal(error.errorUri, 'wamp.error.canceled');
    },

    async cancel_skip(wampy) {
        const error = await canceled(wampy, 'interop.hangUntilTold', 'skip');
        assert.equal(error.errorUri, 'wamp.error.canceled');
    },

    async cancel_kill(wampy) {
        const hang = wampy.call('interop.hangUntilTold');
        wampy.cancel(wampy.getOpStatus().reqId, { mode: 'kill' });
        assert.deepEqual((await hang).argsList, ['told']);
    },

    async cancel_killnowait(wampy) {
        const error = await canceled(wampy, 'interop.hangUntilTold', 'killnowait');
        assert.equal(error.errorUri, 'wamp.error.canceled');
    },

    async call_timeout(wampy) {
        const error = await refused(wampy.call('interop.hang', [], { timeout: 50 }));
        assert.equal(error.errorUri, 'wamp.error.timeout');
    },

    async events(wampy) {
        const events = new Queue();
        const news = await wampy.subscribe('interop.news', (event) => events.push(event));
        assert.deepEqual(await call(wampy, 'interop.announce', ['snow']), [1]);
        const event = await events.next();
        assert.deepEqual([event.argsList, event.argsDict], [['snow'], { length: 4 }]);
        await wampy.unsubscribe(news.subscriptionId);
        assert.deepEqual(await call(wampy, 'interop.announce', ['more snow']), [0]);
        assert.equal(events.length, 0);
    },

    async feed(wampy) {
        const events = new Queue();
        const push = (event) => events.push(event.argsList[0]);
        const feed = await wampy.subscribe('interop.countdown.3', push);
        assert.deepEqual([await events.next(), await events.next(), await events.next()], [3, 2, 1]);
        await wampy.unsubscribe(feed.subscriptionId);
    },

    async refused_subscription(wampy) {
        const error = await refused(wampy.subscribe('interop.secret', () => {}));
        assert.equal(error.errorUri, 'wamp.error.not_authorized');
    },

    async publish(wampy) {
        const payload = { argsList: ['fine'], argsDict: { stars: 5 } };
        const { publicationId } = await wampy.publish('interop.note', payload);
        assert.ok(publicationId > 0);
        assert.deepEqual(await call(wampy, 'interop.takeNotes'), [['fine (5)']]);
    },

    async unicode(wampy) {
        const text = 'Grüße, "世界" 🌍 \n \u0000 \u2028';
        assert.deepEqual(await call(wampy, 'interop.echo', [text]), [text]);
    },

    async large(wampy) {
        const text = 'x'.repeat(1024 * 1024);
        assert.deepEqual(await call(wampy, 'interop.echo', [text]), [text]);
    },

    async goodbye(wampy) {
        await wampy.disconnect();
        assert.ok(!wampy.getSessionId());
    },

    async unknown_realm() {
        const error = await refused(client('nowhere').connect());
        assert.equal(error.errorUri, 'wamp.error.no_such_realm');
    },
};

// wampy.js has no notation for binary values in JSON.
if (encoding !== 'json') {
    checks.binary = async () => {
        const wampy = client();
        await wampy.connect();
        const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
        const [echo] = await call(wampy, 'interop.echoBytes', [bytes]);
        assert.deepEqual(Uint8Array.from(echo), bytes);
        await wampy.disconnect();
    };
}

/** Calls, cancels at once, and returns the error. */
function canceled(wampy, procedure, mode) {
    const hang = wampy.call(procedure);
    wampy.cancel(wampy.getOpStatus().reqId, mode ? { mode } : undefined);
    return refused(hang);
}

const wampy = client();
wampy.connect().then(() => run(checks, wampy));
