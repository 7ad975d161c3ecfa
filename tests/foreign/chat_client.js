// Uses the example `chat` with wampy.js: two people in a room, and one who comes later.
//
// Usage: chat_client.js URL

'use strict';

const WebSocket = require('ws');
const { Wampy } = require('wampy');
const { assert, run, Queue } = require('./checks.js');

const [url] = process.argv.slice(2);

async function enter(room) {
    const wampy = new Wampy(url, { autoReconnect: false, realm: 'chat', ws: WebSocket });
    await wampy.connect();
    const messages = new Queue();
    await wampy.subscribe(room, (event) => messages.push(event.argsDict));
    return { wampy, messages };
}

const checks = {
    async messages_reach_the_others(ada, grace) {
        await grace.wampy.call('chat.introduce', ['Grace']);
        await grace.wampy.publish('chat.lobby', ['Hello, "Ada"!']);
        assert.deepEqual(await ada.messages.next(), { from: 'Grace', text: 'Hello, "Ada"!' });
        await ada.wampy.publish('chat.lobby', { argsDict: { text: 'Hello' } });
        // Her own message would have come first.
        assert.deepEqual(await grace.messages.next(), { from: 'anonymous', text: 'Hello' });
    },

    async a_room_has_a_memory() {
        const late = await enter('chat.lobby');
        assert.equal((await late.messages.next()).from, 'Grace');
        assert.equal((await late.messages.next()).from, 'anonymous');
    },
};

async function main() {
    await run(checks, await enter('chat.lobby'), await enter('chat.lobby'));
}

main();
