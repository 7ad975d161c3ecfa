// Uses the example `cookies` as people do: two of them, each with a browser of their own.
//
// Usage: cookies_browser.js URL, with the browser's path in the variable CHROMIUM

'use strict';

const { chromium } = require('playwright-core');
const { assert, run } = require('./checks.js');

const home = process.argv[2].replace(/^ws:/, 'http:');

/** A page of a browser that nobody has used before. */
async function visit(browser) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(home);
    return page;
}

async function logIn(page, name, password) {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
}

/** The page says so, now or in a moment. */
const says = (page, text) => page.getByText(text).waitFor();

const checks = {
    async a_wrong_password_leads_back_to_the_form({ browser }) {
        const page = await visit(browser);
        await logIn(page, 'ann', 'wrong');
        await page.getByLabel('Password').waitFor();
        assert.deepEqual(await page.context().cookies(), []);
    },

    async the_page_shows_who_is_logged_in({ ann, bob }) {
        await logIn(ann, 'ann', 'sesame');
        await says(ann, 'You are ann.');
        await logIn(bob, 'bob', 'mellon');
        await says(bob, 'You are bob.');
    },

    async scripts_do_not_see_the_cookie({ ann }) {
        const [cookie] = await ann.context().cookies();
        assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict']);
        assert.equal(await ann.evaluate(() => document.cookie), '');
    },

    async logging_out_is_seen_by_all({ ann, bob }) {
        const window = await ann.context().newPage();
        await window.goto(home);
        await says(window, 'You are ann.');
        await ann.getByRole('button', { name: 'Log out' }).click();
        await says(bob, 'ann has logged out');
        for (const page of [ann, window]) await page.getByLabel('Password').waitFor();
        await says(bob, 'You are bob.');
    },

    async logging_in_again_is_a_new_beginning({ ann }) {
        await logIn(ann, 'ann', 'sesame');
        await says(ann, 'You are ann.');
    },
};

async function main() {
    const browser = await chromium.launch({
        args: [
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-gpu',
            '--disable-sync',
            '--no-first-run',
            '--no-sandbox',
        ],
        executablePath: process.env.CHROMIUM,
    });
    const [ann, bob] = [await visit(browser), await visit(browser)];
    await run(checks, { browser, ann, bob });
}

main();
