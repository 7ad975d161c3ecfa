// Drives the interop server with autobahn for JavaScript.
//
// Usage: autobahn_client.js URL json|msgpack|cbor

'use strict';

const autobahn = require('autobahn');
const { assert, refused, run, Queue } = require('./checks.js');

const [url, encoding] = process.argv.slice(2);
const Serializer = {
    json: autobahn.serializer.JSONSerializer,
    msgpack: autobahn.serializer.MsgpackSerializer,
    cbor: autobahn.serializer.CBORSerializer,
}[encoding];

function connect(realm = 'interop') {
    const connection = new autobahn.Connection({
        max_retries: 0,
        realm,
        serializers: [new Serializer()],
        url,
    });
    const opened = new Promise((resolve, reject) => {
        connection.onopen = () => resolve(connection);
        connection.onclose = (_, details) => {
            reject(details);
            return true; // no other try
        };
    });
    connection.open();
    return opened;
}

const checks = {
    async call_with_args({ session }) {
        assert.equal(await session.call('interop.add', [2, 3]), 5);
    },

    async call_with_kwargs({ session }) {
        assert.equal(await session.call('interop.add', [], { a: 2, b: 3 }), 5);
        assert.equal(await session.call('interop.add', [2], { b: 3 }), 5);
    },

    async default_argument({ session }) {
        assert.equal(await session.call('interop.greet', ['Ada']), 'Hello, Ada!');
        const goodbye = session.call('interop.greet', ['Ada'], { greeting: 'Bye' });
        assert.equal(await goodbye, 'Bye, Ada!');
    },

    async several_results({ session }) {
        const { args, kwargs } = await session.call('interop.both');
        assert.deepEqual([[...args], kwargs], [[1, 'two'], { three: 3 }]);
    },

    async wrong_argument({ session }) {
        const items = [{ sku: 'bell', quantity: 2 }, { sku: 'pump', quantity: 'many' }];
        const error = await refused(session.call('interop.order', [items]));
        assert.equal(error.error, 'wamp.error.invalid_argument');
        assert.equal(error.kwargs.path, 'args[0][1].quantity');
    },

    async unknown_procedure({ session }) {
        const error = await refused(session.call('interop.nothing'));
        assert.equal(error.error, 'wamp.error.no_such_procedure');
    },

    async application_error({ session }) {
        const error = await refused(session.call('interop.fail'));
        assert.equal(error.error, 'interop.error.teapot');
        assert.deepEqual([error.args, error.kwargs], [['short', 'stout'], { temperature: 95 }]);
    },

    async progress({ session }) {
        const reports = [];
        const call = session.call('interop.count', [4], {}, { receive_progress: true });
        assert.equal(await call.then(null, null, (report) => reports.push(report)), 4);
        assert.deepEqual(reports, [1, 2, 3, 4]);
    },

    async no_progress_unless_asked({ session }) {
        assert.equal(await session.call('interop.count', [4]), 4);
    },

    // In the other modes autobahn gives up the call at once, and takes the server's answer to it for a violation of the protocol.
    async cancel_kill({ session }) {
        const hang = session.call('interop.hang');
        hang.cancel({ mode: 'kill' });
        const error = await refused(hang);
        assert.equal(error.error, 'wamp.error.canceled');
    },

    async call_timeout({ session }) {
        const error = await refused(session.call('interop.hang', [], {}, { timeout: 50 }));
        assert.equal(error.error, 'wamp.error.timeout');
    },

    async events({ session }) {
        const events = new Queue();
        const push = (args, kwargs) => events.push([[...args], kwargs]);
        const news = await session.subscribe('interop.news', push);
        assert.equal(await session.call('interop.announce', ['snow']), 1);
        assert.deepEqual(await events.next(), [['snow'], { length: 4 }]);
        await session.unsubscribe(news);
        assert.equal(await session.call('interop.announce', ['more snow']), 0);
        assert.equal(events.length, 0);
    },

    async feed({ session }) {
        const events = new Queue();
        const feed = await session.subscribe('interop.countdown.3', ([n]) => events.push(n));
        assert.deepEqual([await events.next(), await events.next(), await events.next()], [3, 2, 1]);
        await session.unsubscribe(feed);
    },

    async refused_subscription({ session }) {
        const error = await refused(session.subscribe('interop.secret', () => {}));
        assert.equal(error.error, 'wamp.error.not_authorized');
    },

    async publish({ session }) {
        const options = { acknowledge: true };
        const { id } = await session.publish('interop.note', ['fine'], { stars: 5 }, options);
        assert.ok(id > 0);
        session.publish('interop.note', ['unacknowledged']);
        const notes = await session.call('interop.takeNotes');
        assert.deepEqual(notes, ['fine (5)', 'unacknowledged (0)']);
    },

    async unicode({ session }) {
        const text = 'Grüße, "世界" 🌍 \n \u0000 \u2028';
        assert.equal(await session.call('interop.echo', [text]), text);
    },

    async large({ session }) {
        const text = 'x'.repeat(1024 * 1024);
        assert.equal(await session.call('interop.echo', [text]), text);
    },

    async goodbye(connection) {
        const closed = new Promise((resolve) => {
            connection.onclose = (_, details) => resolve(details.reason);
        });
        connection.close();
        assert.equal(await closed, 'wamp.close.goodbye_and_out');
    },

    async unknown_realm() {
        const details = await refused(connect('nowhere'));
        assert.equal(details.reason, 'wamp.error.no_such_realm');
    },
};

if (encoding !== 'json') {
    checks.binary = async () => {
        const { session } = await connect();
        const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i));
        const echo = await session.call('interop.echoBytes', [bytes]);
        assert.deepEqual(Uint8Array.from(echo), Uint8Array.from(bytes));
    };
}

connect().then((connection) => run(checks, connection));
