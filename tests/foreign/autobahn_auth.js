// Authenticates with autobahn for JavaScript.
//
// Usage: autobahn_auth.js URL json|msgpack|cbor

'use strict';

const autobahn = require('autobahn');
const nacl = require('tweetnacl');
const { assert, refused, run } = require('./checks.js');
const { identity, known, ways } = require('./ways.js');

const [url, encoding] = process.argv.slice(2);
const Serializer = {
    json: autobahn.serializer.JSONSerializer,
    msgpack: autobahn.serializer.MsgpackSerializer,
    cbor: autobahn.serializer.CBORSerializer,
}[encoding];

/** A connection that answers challenges; it is not open yet. */
function visitor(realm, method, secret, authid) {
    const options = { authid, max_retries: 0, realm, serializers: [new Serializer()], url };
    if (method === 'cryptosign') {
        const pkey = nacl.sign.keyPair.fromSeed(Buffer.from(secret, 'hex'));
        return autobahn.auth_cryptosign.create_connection({ ...options, pkey });
    }
    const onchallenge = (session, asked, extra) => {
        assert.equal(asked, method);
        if (method === 'ticket') return secret;
        const { salt, iterations, keylen } = extra;
        const key = salt ? autobahn.auth_cra.derive_key(secret, salt, iterations, keylen) : secret;
        return autobahn.auth_cra.sign(key, extra.challenge);
    };
    return new autobahn.Connection({ ...options, authmethods: [method], onchallenge });
}

function enter(realm, method, secret, authid = known.authid) {
    const connection = visitor(realm, method, secret, authid);
    const opened = new Promise((resolve, reject) => {
        connection.onopen = (session, details) => resolve({ connection, session, details });
        connection.onclose = (_, details) => {
            reject(details);
            return true; // no other try
        };
    });
    connection.open();
    return opened;
}

async function isRefused(reason, ...way) {
    const details = await refused(enter(...way));
    assert.equal(details.reason, reason);
}

function checksOf(realm, { method, right, wrong }) {
    const DENIED = 'wamp.error.authentication_denied';
    return {
        async right() {
            const { connection, session, details } = await enter(realm, method, right);
            for (const [key, value] of Object.entries(identity(method))) {
                assert.equal(details[key], value);
            }
            assert.equal(details.authextra.theme, 'dark');
            const { kwargs } = await session.call('gate.whoami');
            assert.deepEqual({ ...kwargs }, identity(method));
            connection.close();
        },

        wrong: () => isRefused(DENIED, realm, method, wrong),

        unknown_user: () => isRefused(DENIED, realm, method, right, 'eve'),

        async method_not_accepted() {
            const other = realm === 'ticket' ? 'wampcra' : 'ticket';
            await isRefused('wamp.error.no_matching_auth_method', realm, other, ways[other].right);
        },
    };
}

const checks = {};
for (const [realm, way] of Object.entries(ways)) {
    for (const [name, check] of Object.entries(checksOf(realm, way))) {
        checks[`${realm}_${name}`] = check;
    }
}
run(checks);
