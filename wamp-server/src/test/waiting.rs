//! Waiting for sessions, registrations and subscriptions, without asking again and again: the router tells of each change.

use std::panic::Location;
use std::pin::pin;

use futures_util::future::select_all;
use tokio::sync::watch;
use tokio::time::timeout;

use super::realm::TestRealm;
use crate::router::registration::Registration;
use crate::router::subscription::Subscription;

impl TestRealm {
    /// Waits until exactly so many sessions are open, in all realms.
    ///
    /// # Panics
    ///
    /// When that does not happen in time.
    #[track_caller]
    pub fn wait_for_sessions(&self, count: usize) -> impl Future<Output = ()> + Send + '_ {
        let sessions = || {
            let mut sessions = self.server().shared().sessions.all();
            sessions.retain(crate::Session::is_joined);
            let names = sessions
                .iter()
                .map(|it| format!("{} ({})", it.id(), it.auth().id));
            names.collect::<Vec<_>>()
        };
        self.until(format!("{count} sessions"), sessions, move |it| {
            it.len() == count
        })
    }

    /// Waits until clients have made exactly so many registrations, in all realms. Two that share a procedure have made two.
    ///
    /// # Panics
    ///
    /// When that does not happen in time.
    #[track_caller]
    pub fn wait_for_registrations(&self, count: usize) -> impl Future<Output = ()> + Send + '_ {
        let what = format!("{count} registrations");
        self.until(what, || self.registrations(), move |it| it.len() == count)
    }

    /// Waits until a client offers a procedure, or a pattern that is written so.
    ///
    /// # Panics
    ///
    /// When that does not happen in time.
    #[track_caller]
    pub fn wait_for_registration<'a>(
        &'a self,
        procedure: &'a str,
    ) -> impl Future<Output = ()> + Send + 'a {
        let what = format!("a registration of `{procedure}`");
        let is_there = move |it: &[String]| it.iter().any(|it| it == procedure);
        self.until(what, || self.registrations(), is_there)
    }

    /// Waits until clients have made exactly so many subscriptions, in all realms. Two that are subscribed to the same topic have made
    /// two.
    ///
    /// # Panics
    ///
    /// When that does not happen in time.
    #[track_caller]
    pub fn wait_for_subscriptions(&self, count: usize) -> impl Future<Output = ()> + Send + '_ {
        let what = format!("{count} subscriptions");
        self.until(what, || self.subscriptions(), move |it| it.len() == count)
    }

    /// Waits until a client is subscribed to a topic, or to a pattern that is written so.
    ///
    /// # Panics
    ///
    /// When that does not happen in time.
    #[track_caller]
    pub fn wait_for_subscription<'a>(
        &'a self,
        topic: &'a str,
    ) -> impl Future<Output = ()> + Send + 'a {
        let what = format!("a subscription to `{topic}`");
        let is_there = move |it: &[String]| it.iter().any(|it| it == topic);
        self.until(what, || self.subscriptions(), is_there)
    }

    /// What clients offer, one for each of them.
    fn registrations(&self) -> Vec<String> {
        let offered = |it: &Registration| vec![it.uri.to_string(); it.callees().len()];
        let realms = self.server().realms();
        let all = realms.flat_map(|realm| realm.inner().dealer.registrations());
        all.flat_map(|it| offered(&it)).collect()
    }

    /// What clients are subscribed to, one for each of them.
    fn subscriptions(&self) -> Vec<String> {
        let wanted = |it: &Subscription| vec![it.topic.to_string(); it.sessions().len()];
        let realms = self.server().realms();
        let all = realms.flat_map(|realm| realm.inner().broker.subscriptions());
        all.flat_map(|it| wanted(&it)).collect()
    }

    #[track_caller]
    fn until(
        &self,
        what: String,
        there: impl Fn() -> Vec<String> + Send + Sync,
        is_so: impl Fn(&[String]) -> bool + Send + Sync,
    ) -> impl Future<Output = ()> + Send {
        let caller = Location::caller();
        let mut changes = self.changes();
        let patience = self.limit();
        async move {
            let wait = async {
                while !is_so(&there()) {
                    let changed = changes.iter_mut().map(|it| Box::pin(it.changed()));
                    select_all(changed).await.0.ok();
                }
            };
            if timeout(patience, pin!(wait)).await.is_err() {
                let mut there = there();
                there.sort_unstable();
                let there = match there.is_empty() {
                    true => "there are none".to_owned(),
                    false => format!("there are {}: {}", there.len(), there.join(", ")),
                };
                panic!("{caller}: not {what} within {patience:?}; {there}");
            }
        }
    }

    /// What tells of changes from now on.
    fn changes(&self) -> Vec<watch::Receiver<()>> {
        let routers = self.server().realms().flat_map(|realm| {
            let inner = realm.inner();
            [
                inner.broker.signal().listen(),
                inner.dealer.signal().listen(),
            ]
        });
        let sessions = self.server().shared().sessions.signal.listen();
        routers.chain([sessions]).collect()
    }
}
