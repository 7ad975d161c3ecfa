//! The functions that a command is about.

use super::exit::Failure;
use crate::App;
use crate::handler::service::Annotated;
use crate::handler::{Kind, Location};
use crate::realm::config::{Closure, Config};

/// An application that has been reduced to what was asked for.
pub(super) struct Selection(App);

impl Selection {
    /// Takes only what has one of these URIs or is in one of these modules; everything if there are none. Session handlers stay: they
    /// decide on who comes in.
    pub(super) fn of(mut app: App, names: &[String]) -> Result<Self, Failure> {
        let is_known = |name: &&String| configs(&app).any(|(_, config)| has(config, name));
        if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
            return Err(Failure::NoSuchFunction(unknown.clone()));
        }
        if !names.is_empty() {
            let is_wanted = |kind: Kind, matches: &dyn Fn(&str) -> bool| {
                kind == Kind::Session || names.iter().any(|name| matches(name))
            };
            let realms = app.realms.iter_mut().map(|realm| &mut realm.config);
            for config in realms.chain([&mut app.config]) {
                let definitions = &mut config.definitions;
                definitions
                    .retain(|it| is_wanted(it.definition.kind, &|name| is_defined(it, name)));
                let closures = &mut config.closures;
                closures.retain(|it| is_wanted(it.kind, &|name| is_closure(it, name)));
            }
        }
        Ok(Self(app))
    }

    pub(super) fn into_app(self) -> App {
        self.0
    }

    /// One line for each function: what it is for, its URI, where it is; and its realm, if that has a name.
    pub(super) fn list(&self) -> String {
        let mut lines = configs(&self.0)
            .flat_map(|(realm, config)| lines(realm, config))
            .collect::<Vec<_>>();
        lines.sort_by_key(|it| (it.location.file, it.location.line));
        let width = lines
            .iter()
            .map(|it| it.uri.len())
            .max()
            .unwrap_or_default();
        let show = |line: &Line| {
            let Line {
                kind,
                uri,
                location,
                realm,
            } = line;
            let kind = kind.to_string();
            let realm = realm.as_ref().map(|it| format!("  in {it}"));
            let realm = realm.unwrap_or_default();
            format!("{kind:15}  {uri:width$}  {location}{realm}\n")
        };
        lines.iter().map(show).collect()
    }
}

struct Line {
    kind: Kind,
    uri: String,
    location: Location,
    realm: Option<String>,
}

fn configs(app: &App) -> impl Iterator<Item = (Option<&str>, &Config)> {
    let named = app.realms.iter();
    let named = named.map(|realm| (Some(realm.name.as_str()), &realm.config));
    std::iter::once((None, &app.config)).chain(named)
}

fn lines(realm: Option<&str>, config: &Config) -> Vec<Line> {
    let definitions = config.definitions.iter().map(|it| Line {
        kind: it.definition.kind,
        uri: it.uri(),
        location: it.definition.location,
        realm: it.definition.realm.or(realm).map(ToOwned::to_owned),
    });
    let closures = config.closures.iter().map(|it| Line {
        kind: it.kind,
        uri: uri(it).to_owned(),
        location: it.location,
        realm: realm.map(ToOwned::to_owned),
    });
    definitions.chain(closures).collect()
}

fn uri(closure: &Closure) -> &str {
    closure.uri.as_deref().unwrap_or("everything else")
}

fn has(config: &Config, name: &str) -> bool {
    let mut definitions = config.definitions.iter();
    let mut closures = config.closures.iter();
    definitions.any(|it| is_defined(it, name)) || closures.any(|it| is_closure(it, name))
}

/// A module is named by its path, or by the end of it.
fn is_defined(annotated: &Annotated, name: &str) -> bool {
    let module = format!("::{}::", annotated.definition.module);
    annotated.uri() == name || module.contains(&format!("::{name}::"))
}

fn is_closure(closure: &Closure, name: &str) -> bool {
    closure.uri.as_deref() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Realm;

    fn app() -> App {
        App::empty()
            .procedure("math.add", async |a: i64, b: i64| a + b)
            .procedure("math.{which}.of", async || ())
            .topic("news", async || ())
            .realm(Realm::new("admins").procedure("uptime", async || 7_u32))
    }

    fn select(names: &[&str]) -> Result<Selection, Failure> {
        let names = names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        Selection::of(app(), &names)
    }

    #[test]
    fn a_line_says_what_a_function_is_for_and_where_it_is() {
        let list = select(&[]).expect("all of it").list();
        let lines = list.lines().collect::<Vec<_>>();
        assert_eq!(lines.len(), 4, "{list}");
        let words = |line: &str| {
            let words = line.split_whitespace().map(ToOwned::to_owned);
            words.collect::<Vec<_>>()
        };
        let first = words(lines.first().expect("a line"));
        assert_eq!(first[..2], ["procedure", "math.add"]);
        assert!(first[2].contains("selection.rs:"), "{list}");
        let last = words(lines.last().expect("a line"));
        assert_eq!(last[1..2], ["uptime"]);
        assert_eq!(last[3..], ["in", "admins"]);
    }

    #[test]
    fn what_is_not_asked_for_is_left_out() {
        let list = select(&["math.{which}.of", "uptime"]).expect("two").list();
        let names = list.lines().filter_map(|it| it.split_whitespace().nth(1));
        let mut names = names.collect::<Vec<_>>();
        names.sort_unstable();
        assert_eq!(names, ["math.{which}.of", "uptime"]);
    }

    #[test]
    fn a_name_that_nothing_has_is_a_mistake() {
        let Err(failure) = select(&["math.add", "math.sub"]) else {
            panic!("there is no such function");
        };
        assert!(failure.to_string().contains("`math.sub`"), "{failure}");
    }
}
