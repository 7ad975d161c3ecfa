//! Rules against a naive model: random rules, every URI they can tell apart.

use proptest::prelude::*;
use wamp_server::auth::Principal;
use wamp_server::permission::{Permissions, Rule};
use wamp_server::{App, Session};

use crate::support::{Client, blocking, build, json};

const COMPONENTS: [&str; 3] = ["a", "b", "ab"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Exact,
    Prefix,
    Wildcard,
}

#[derive(Clone, Debug)]
struct Model {
    kind: Kind,
    pattern: String,
    allowed: bool,
}

impl Model {
    fn matches(&self, uri: &str) -> bool {
        let (pattern, uri_) = (self.pattern.split('.'), uri.split('.'));
        match self.kind {
            Kind::Exact => self.pattern == uri,
            Kind::Prefix => uri.starts_with(&self.pattern),
            Kind::Wildcard => {
                pattern.clone().count() == uri_.clone().count()
                    && pattern.zip(uri_).all(|(p, u)| p.is_empty() || p == u)
            }
        }
    }

    /// The larger, the better a rule that matches fits: fixed components from the left count first, as for procedures.
    fn rank(&self) -> (u8, usize, Vec<bool>) {
        let fixed = self
            .pattern
            .split('.')
            .map(|it| !it.is_empty())
            .collect::<Vec<_>>();
        match self.kind {
            Kind::Exact => (2, 0, Vec::new()),
            Kind::Prefix => (1, self.pattern.len(), Vec::new()),
            Kind::Wildcard => (0, 0, fixed),
        }
    }

    fn rule(&self) -> Rule {
        let pattern = self.pattern.as_str();
        let rule = match self.kind {
            Kind::Exact => Rule::exact(pattern),
            Kind::Prefix => Rule::prefix(pattern),
            Kind::Wildcard => Rule::wildcard(pattern),
        };
        if self.allowed {
            rule.call()
        } else {
            rule.publish()
        }
    }
}

fn uris() -> Vec<String> {
    let pairs = COMPONENTS
        .iter()
        .flat_map(|a| COMPONENTS.map(|b| format!("{a}.{b}")));
    COMPONENTS
        .iter()
        .map(ToString::to_string)
        .chain(pairs)
        .collect()
}

fn models() -> impl Strategy<Value = Vec<Model>> {
    let component = proptest::sample::select(&["", "a", "b", "ab"]);
    let pattern = proptest::collection::vec(component, 1..=2).prop_map(|it| it.join("."));
    let kind = proptest::sample::select(&[Kind::Exact, Kind::Prefix, Kind::Wildcard]);
    let model = (kind, pattern, any::<bool>()).prop_map(|(kind, pattern, allowed)| Model {
        kind,
        pattern,
        allowed,
    });
    let usable = model.prop_filter("a pattern", |it| match it.kind {
        Kind::Exact => it.pattern.split('.').all(|part| !part.is_empty()),
        // A prefix may end with a dot, and be empty.
        Kind::Prefix => !it.pattern.starts_with('.'),
        Kind::Wildcard => true,
    });
    proptest::collection::vec(usable, 0..8).prop_map(|mut models| {
        let mut seen = Vec::new();
        models.retain(|it| {
            let key = (it.kind, it.pattern.clone());
            let new = !seen.contains(&key);
            seen.push(key);
            new
        });
        models
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_rule_that_fits_best_decides(models in models()) {
        blocking(async move {
            let rules = models.iter().map(Model::rule);
            let mut app = App::empty()
                .permissions(Permissions::new().role("user", rules))
                .transport_authenticator(async |_: Session| Some(Principal::new("joe", "user")));
            for uri in uris() {
                app = app.procedure(uri, async || 1);
            }
            let server = build(app);
            let mut client = Client::join(&server).await;
            for (i, uri) in uris().iter().enumerate() {
                let best = models.iter().filter(|it| it.matches(uri)).max_by_key(|it| it.rank());
                client.say(json!([48, i + 1, {}, uri]).to_string()).await;
                let answer = client.next().await;
                let allowed = answer[0] == 50;
                assert_eq!(allowed, best.is_some_and(|it| it.allowed), "{uri} by {models:?}");
            }
        });
    }
}
