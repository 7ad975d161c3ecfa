// The ways into the server `gatekeeper`: realm, method, what opens it, what does not.

'use strict';

const known = require('./credentials.json');

const OTHER_SEED = '11'.repeat(32);

module.exports = {
    known,
    ways: {
        ticket: { method: 'ticket', right: known.ticket, wrong: 'wrong' },
        wampcra: { method: 'wampcra', right: known.cra_secret, wrong: 'wrong' },
        salted: { method: 'wampcra', right: known.cra_password, wrong: 'wrong' },
        cryptosign: { method: 'cryptosign', right: known.cryptosign_seed, wrong: OTHER_SEED },
    },

    /** What the server must believe. */
    identity: (method) => ({
        authid: known.authid,
        authrole: 'customer',
        authmethod: method,
        authprovider: 'gate',
    }),
};
