//! Subscriptions of several sessions against a set: random programs over real sessions.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::collection::vec;
use proptest::prelude::*;
use wamp_proto::id::Id;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::{App, Server};

use crate::support::{ANY, Client, blocking, build, json, nothing_is_left, settle};

const SESSIONS: usize = 4;
const TOPICS: [&str; 3] = ["a", "b", "c.d"];

#[derive(Clone, Debug)]
enum Step {
    Subscribe(usize, usize),
    Unsubscribe(usize, usize),
    UnsubscribeUnknown(usize),
    Publish(usize),
    PublishExcept(usize, usize),
    PublishOnlyTo(usize, usize),
    /// The session ends by GOODBYE, and another begins on the same connection.
    Rejoin(usize),
    /// The connection is gone, and another comes.
    Reconnect(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (session, topic) = (0..SESSIONS, 0..TOPICS.len());
    prop_oneof![
        6 => (session.clone(), topic.clone()).prop_map(|(s, t)| Step::Subscribe(s, t)),
        3 => (session.clone(), topic.clone()).prop_map(|(s, t)| Step::Unsubscribe(s, t)),
        1 => session.clone().prop_map(Step::UnsubscribeUnknown),
        6 => topic.clone().prop_map(Step::Publish),
        2 => (topic.clone(), session.clone()).prop_map(|(t, s)| Step::PublishExcept(t, s)),
        2 => (topic, session.clone()).prop_map(|(t, s)| Step::PublishOnlyTo(t, s)),
        1 => session.clone().prop_map(Step::Rejoin),
        1 => session.prop_map(Step::Reconnect),
    ]
}

struct World {
    server: Server,
    clients: Vec<Client>,
    ids: Vec<Id>,
    /// The model: who is subscribed to what, and under which id.
    members: BTreeSet<(usize, usize)>,
    subscriptions: BTreeMap<usize, u64>,
    request: u64,
    events: u64,
}

impl World {
    async fn new() -> Self {
        let app = TOPICS
            .into_iter()
            .fold(App::empty(), |app, topic| app.topic(topic, async || ()));
        let mut world = Self {
            server: build(app),
            clients: Vec::new(),
            ids: Vec::new(),
            members: BTreeSet::new(),
            subscriptions: BTreeMap::new(),
            request: 0,
            events: 0,
        };
        for session in 0..SESSIONS {
            let (client, id) = world.connect(session).await;
            world.clients.push(client);
            world.ids.push(id);
        }
        world
    }

    async fn connect(&self, session: usize) -> (Client, Id) {
        let mut client = Client::connect_as(
            &self.server,
            Subprotocol::ALL[session % Subprotocol::ALL.len()],
        );
        let id = Id::new(client.hello().await).expect("an id");
        (client, id)
    }

    async fn run(&mut self, step: &Step) {
        self.request += 1;
        let request = self.request;
        match *step {
            Step::Subscribe(session, topic) => {
                let id = self.clients[session]
                    .subscribe(request, TOPICS[topic])
                    .await;
                self.members.insert((session, topic));
                let known = *self.subscriptions.entry(topic).or_insert(id);
                assert_eq!(
                    id, known,
                    "one id for all who are subscribed at the same time"
                );
            }
            Step::Unsubscribe(session, topic) => {
                let Some(id) = self.subscriptions.get(&topic).copied() else {
                    return;
                };
                let client = &mut self.clients[session];
                client.say(json!([34, request, id]).to_string()).await;
                if self.members.remove(&(session, topic)) {
                    client.hears(json!([35, request])).await;
                } else {
                    client
                        .hears(json!([
                            8,
                            34,
                            request,
                            {},
                            "wamp.error.no_such_subscription"
                        ]))
                        .await;
                }
            }
            Step::UnsubscribeUnknown(session) => {
                self.clients[session]
                    .say(json!([34, request, 1_u64 << 40]).to_string())
                    .await;
                self.clients[session]
                    .hears(json!([
                        8,
                        34,
                        request,
                        {},
                        "wamp.error.no_such_subscription"
                    ]))
                    .await;
            }
            Step::Publish(topic) => self.publish(topic, |_| true, [], None).await,
            Step::PublishExcept(topic, session) => {
                let excluded = self.ids[session];
                self.publish(topic, |it| it != session, [excluded], None)
                    .await;
            }
            Step::PublishOnlyTo(topic, session) => {
                let eligible = self.ids[session];
                self.publish(topic, |it| it == session, [], Some(eligible))
                    .await;
            }
            Step::Rejoin(session) => {
                self.forget(session);
                self.clients[session].goodbye().await;
                self.ids[session] = Id::new(self.clients[session].hello().await).expect("an id");
            }
            Step::Reconnect(session) => {
                self.forget(session);
                let (client, id) = self.connect(session).await;
                self.ids[session] = id;
                std::mem::replace(&mut self.clients[session], client)
                    .vanish()
                    .await;
            }
        }
        self.subscriptions
            .retain(|topic, _| self.members.iter().any(|(_, it)| it == topic));
        let realm = self.server.realm("realm1").expect("the default realm");
        assert_eq!(realm.topics(), self.subscriptions.len());
        let distinct = self.subscriptions.values().collect::<HashSet<_>>();
        assert_eq!(
            distinct.len(),
            self.subscriptions.len(),
            "one topic for each id"
        );
    }

    fn forget(&mut self, session: usize) {
        self.members.retain(|(it, _)| *it != session);
    }

    async fn publish<const N: usize>(
        &mut self,
        topic: usize,
        reaches: impl Fn(usize) -> bool,
        exclude: [Id; N],
        eligible: Option<Id>,
    ) {
        self.events += 1;
        let realm = self.server.realm("realm1").expect("the default realm");
        let mut publication = realm.publication(TOPICS[topic]).exclude(exclude);
        if let Some(eligible) = eligible {
            publication = publication.eligible([eligible]);
        }
        let published = publication.send(self.events).expect("a number");
        let receivers = self
            .members
            .iter()
            .filter(|(session, it)| *it == topic && reaches(*session))
            .map(|it| it.0);
        let receivers = receivers.collect::<BTreeSet<_>>();
        assert_eq!(published.receivers, receivers.len());
        for (session, client) in self.clients.iter_mut().enumerate() {
            if receivers.contains(&session) {
                let id = self.subscriptions[&topic];
                client
                    .hears(json!([36, id, published.id.get(), {}, [self.events]]))
                    .await;
            }
        }
        for client in &mut self.clients {
            client.hears_nothing().await;
        }
    }

    /// Everybody leaves, one after the other.
    async fn end(mut self) {
        for (session, mut client) in std::mem::take(&mut self.clients).into_iter().enumerate() {
            self.forget(session);
            if session % 2 == 0 {
                client.say(r#"[6,{},"wamp.close.close_realm"]"#).await;
                client.hears(json!([6, {}, ANY])).await;
            }
            client.vanish().await;
            let topics = self.members.iter().map(|it| it.1).collect::<BTreeSet<_>>();
            assert_eq!(
                self.server.realm("realm1").map(wamp_server::Realm::topics),
                Some(topics.len())
            );
        }
        settle().await;
        nothing_is_left(&self.server);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_reach_exactly_those_who_are_subscribed(program in vec(step(), 1..60)) {
        blocking(async {
            let mut world = World::new().await;
            for step in &program {
                world.run(step).await;
            }
            world.end().await;
        });
    }
}
