// Runs named checks, one after the other, and prints a line for each: `ok NAME` or `FAIL NAME: why`.

'use strict';

const assert = require('node:assert/strict');

const PATIENCE = 20_000; // milliseconds

/** Runs the checks, each an async function, with the given arguments; ends the process. */
async function run(checks, ...context) {
    let failures = 0;
    for (const [name, check] of Object.entries(checks)) {
        try {
            await inTime(check(...context));
            console.log(`ok ${name}`);
        } catch (error) {
            failures += 1;
            console.log(`FAIL ${name}: ${describe(error)}`);
        }
    }
    process.exit(failures === 0 ? 0 : 1);
}

function inTime(promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error('it takes too long')), PATIENCE);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The error that a request ends with. */
async function refused(promise) {
    let result;
    try {
        result = await promise;
    } catch (error) {
        return error;
    }
    return assert.fail(`an error was expected, not ${describe(result)}`);
}

function describe(value) {
    return value instanceof Error && !value.error ? value.message : JSON.stringify(value);
}

/** A list whose items can be waited for in turn. */
class Queue {
    #items = [];
    #waiting = [];

    push(item) {
        const waiting = this.#waiting.shift();
        if (waiting) waiting(item);
        else this.#items.push(item);
    }

    next() {
        if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
        return new Promise((resolve) => this.#waiting.push(resolve));
    }

    get length() {
        return this.#items.length;
    }
}

module.exports = { assert, refused, run, Queue };
