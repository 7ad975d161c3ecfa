// Authenticates with wampy.js and its plugins.
//
// Usage: wampy_auth.js URL json|msgpack|cbor

'use strict';

const { pathToFileURL } = require('node:url');
const nacl = require('tweetnacl');
const WebSocket = require('ws');
const { Wampy } = require('wampy');
const cryptosign = require('wampy/cryptosign.js');
const { JsonSerializer } = require('wampy/JsonSerializer.js');
const { MsgpackSerializer } = require('wampy/MsgpackSerializer.js');
const { CborSerializer } = require('wampy/CborSerializer.js');
const { assert, refused, run } = require('./checks.js');
const { identity, known, ways } = require('./ways.js');

const [url, encoding] = process.argv.slice(2);
const Serializer = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer }[encoding];

function visitor(realm, options) {
    return new Wampy(url, {
        authid: known.authid,
        autoReconnect: false,
        realm,
        serializer: new Serializer(),
        ws: WebSocket,
        ...options,
    });
}

/** What wampy wants to know to authenticate by a method. */
function credentials(method, secret, plugins) {
    const options = { authmethods: [method], onChallenge: plugins[method](secret) };
    if (method === 'cryptosign') {
        const { publicKey } = nacl.sign.keyPair.fromSeed(cryptosign.hex2bytes(secret));
        options.authextra = { pubkey: cryptosign.bytes2hex(publicKey) };
    }
    return options;
}

async function isRefused(reason, realm, options) {
    const error = await refused(visitor(realm, options).connect());
    assert.equal(error.errorUri, reason);
}

function checksOf(realm, { method, right, wrong }) {
    const DENIED = 'wamp.error.authentication_denied';
    return {
        async right(plugins) {
            const joe = visitor(realm, credentials(method, right, plugins));
            const welcome = await joe.connect();
            for (const [key, value] of Object.entries(identity(method))) {
                assert.equal(welcome[key], value);
            }
            assert.equal(welcome.authextra.theme, 'dark');
            const who = await joe.call('gate.whoami');
            assert.deepEqual(who.argsDict, identity(method));
            await joe.disconnect();
        },

        wrong: (plugins) => isRefused(DENIED, realm, credentials(method, wrong, plugins)),

        unknown_user: (plugins) =>
            isRefused(DENIED, realm, { ...credentials(method, right, plugins), authid: 'eve' }),

        async method_not_accepted(plugins) {
            const other = realm === 'ticket' ? 'wampcra' : 'ticket';
            const options = credentials(other, ways[other].right, plugins);
            await isRefused('wamp.error.no_matching_auth_method', realm, options);
        },
    };
}

async function main() {
    // A module with a top-level `await` cannot be required, and `import` does not know NODE_PATH.
    const wampcra = await import(pathToFileURL(require.resolve('wampy/wampcra.js')));
    const plugins = {
        ticket: (ticket) => () => ticket,
        wampcra: wampcra.sign,
        cryptosign: cryptosign.sign,
    };
    const checks = {};
    for (const [realm, way] of Object.entries(ways)) {
        for (const [name, check] of Object.entries(checksOf(realm, way))) {
            checks[`${realm}_${name}`] = check;
        }
    }
    await run(checks, plugins);
}

main();
