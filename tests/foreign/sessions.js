// Sessions of wampy.js and of autobahn for JavaScript with one face, for scripts that do the same with both.
//
//     connect(client, url, encoding, realm) → session
//     session.id
//     session.start(procedure, { args, kwargs, options, progress }) → { result: Promise<{ args, kwargs }>, cancel(mode) }
//     session.call(…) → Promise<{ args, kwargs }>
//     session.register(procedure, handler, options) → a function that unregisters
//     session.publish(topic, { args, kwargs, options }) → the number of the publication
//     session.subscribe(topic, handler, options) → a function that unsubscribes
//
// Handlers of calls get { args, kwargs, details, progress } and return { args, kwargs }. What fails is a Failure.

'use strict';

const autobahn = require('autobahn');
const WebSocket = require('ws');
const { Wampy } = require('wampy');
const { JsonSerializer } = require('wampy/JsonSerializer.js');
const { MsgpackSerializer } = require('wampy/MsgpackSerializer.js');
const { CborSerializer } = require('wampy/CborSerializer.js');

class Failure extends Error {
    constructor(error, args = [], kwargs = {}) {
        super(`${error} ${JSON.stringify(args)}`);
        Object.assign(this, { uri: error, args, kwargs });
    }
}

/** When it unsubscribes, wampy.js 8.0.2 forgets the options and does not find the subscription: here topics are enough to find one. */
class Topical extends Wampy {
    _getSubscriptionKey(topic) {
        return topic;
    }
}

class WampySession {
    static Serializers = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer };

    static async connect(url, encoding, realm) {
        const wampy = new Topical(url, {
            autoReconnect: false,
            realm,
            serializer: new WampySession.Serializers[encoding](),
            uriValidation: 'loose',
            ws: WebSocket,
        });
        await wampy.connect();
        return new WampySession(wampy);
    }

    constructor(wampy) {
        this.wampy = wampy;
        // In MessagePack it is a BigInt.
        this.id = Number(wampy.getSessionId());
    }

    start(procedure, { args = [], kwargs = {}, options = {}, progress } = {}) {
        if (progress) {
            const progress_callback = (report) => progress(WampySession.values(report));
            options = { ...options, progress_callback };
        }
        const call = this.wampy.call(procedure, { argsList: args, argsDict: kwargs }, options);
        const { reqId } = this.wampy.getOpStatus();
        return {
            result: call.then(WampySession.values, (error) => {
                throw error.errorUri
                    ? new Failure(error.errorUri, error.argsList, error.argsDict)
                    : error;
            }),
            cancel: (mode) => this.wampy.cancel(reqId, mode && { mode }),
        };
    }

    call(procedure, request) {
        return this.start(procedure, request).result;
    }

    async register(procedure, handler, options) {
        const answer = async (call) => {
            try {
                const { args, kwargs } = await handler({ ...WampySession.values(call), details: call.details });
                return { argsList: args ?? [], argsDict: kwargs ?? {} };
            } catch (error) {
                const { uri, args, kwargs } = error instanceof Failure ? error : new Failure('partner.error.bug', [String(error)]);
                throw { error: uri, argsList: args, argsDict: kwargs };
            }
        };
        await this.wampy.register(procedure, answer, options);
        return () => this.wampy.unregister(procedure);
    }

    async publish(topic, { args = [], kwargs = {}, options = {} } = {}) {
        const published = await this.wampy.publish(topic, { argsList: args, argsDict: kwargs }, options);
        return Number(published.publicationId);
    }

    // A subscriber is not told the number of a publication.
    async subscribe(topic, handler, options) {
        const push = (event) => {
            const { publisher, retained } = event.details;
            handler({ ...WampySession.values(event), topic: event.details.topic, publisher, retained });
        };
        const { subscriptionId } = await this.wampy.subscribe(topic, push, options);
        return () => this.wampy.unsubscribe(subscriptionId);
    }

    static values({ argsList, argsDict }) {
        return { args: argsList ?? [], kwargs: argsDict ?? {} };
    }
}

class AutobahnSession {
    static Serializers = {
        json: autobahn.serializer.JSONSerializer,
        msgpack: autobahn.serializer.MsgpackSerializer,
        cbor: autobahn.serializer.CBORSerializer,
    };

    static connect(url, encoding, realm) {
        const serializers = [new AutobahnSession.Serializers[encoding]()];
        // Or it writes every error that a handler answers with to stderr.
        const on_user_error = () => {};
        const connection = new autobahn.Connection({ max_retries: 0, on_user_error, realm, serializers, url });
        return new Promise((resolve, reject) => {
            connection.onopen = (session) => resolve(new AutobahnSession(session));
            connection.onclose = (_, details) => {
                reject(new Failure(details.reason));
                return true; // no other try
            };
            connection.open();
        });
    }

    constructor(session) {
        this.session = session;
        this.id = session.id;
    }

    start(procedure, { args = [], kwargs = {}, options = {}, progress } = {}) {
        const receive_progress = progress ? { receive_progress: true } : {};
        const call = this.session.call(procedure, args, kwargs, { ...options, ...receive_progress });
        const report = (value) => progress?.(AutobahnSession.values(value));
        const result = call.then(AutobahnSession.values, AutobahnSession.fail, report);
        return { result: Promise.resolve(result), cancel: (mode) => call.cancel({ mode }) };
    }

    call(procedure, request) {
        return this.start(procedure, request).result;
    }

    async register(procedure, handler, options) {
        const answer = async (args, kwargs, details) => {
            const progress = details.progress && ((value) => details.progress([value]));
            try {
                const result = await handler({ args: [...args], kwargs, details, progress });
                return new autobahn.Result(result.args ?? [], result.kwargs ?? {});
            } catch (error) {
                const { uri, args, kwargs } = error instanceof Failure ? error : new Failure('partner.error.bug', [String(error)]);
                throw new autobahn.Error(uri, args, kwargs);
            }
        };
        const registration = await this.session.register(procedure, answer, options).catch(AutobahnSession.fail);
        return () => registration.unregister();
    }

    async publish(topic, { args = [], kwargs = {}, options = {} } = {}) {
        const acknowledge = { acknowledge: true };
        const published = this.session.publish(topic, args, kwargs, { ...options, ...acknowledge });
        return (await published.catch(AutobahnSession.fail)).id;
    }

    async subscribe(topic, handler, options) {
        const push = (args, kwargs, { publication, topic: actual, publisher, retained }) =>
            handler({ args: [...args], kwargs, publication, topic: actual, publisher, retained });
        const subscription = await this.session.subscribe(topic, push, options).catch(AutobahnSession.fail);
        return () => subscription.unsubscribe();
    }

    // What is one positional value comes without a list around it.
    static values(value) {
        if (value instanceof autobahn.Result) return { args: [...value.args], kwargs: value.kwargs };
        return { args: value === undefined || value === null ? [] : [value], kwargs: {} };
    }

    static fail(error) {
        throw error.error ? new Failure(error.error, [...error.args], error.kwargs) : error;
    }
}

const clients = { wampy: WampySession, autobahn: AutobahnSession };

module.exports = {
    Failure,
    connect: (client, url, encoding, realm) => clients[client].connect(url, encoding, realm),
};
