//! What a router that runs cannot take over from a changed file.

use super::Config;
use super::realm::RealmConfig;

impl Config {
    /// What differs between two configurations beside principals, permissions and what is in the files of certificates.
    pub(crate) fn fixed_changes(&self, new: &Self) -> Vec<String> {
        let parts = [
            ("[[listener]]", self.listeners != new.listeners),
            ("[server]", self.service != new.service),
            ("[handshake]", self.handshake != new.handshake),
            ("[limits]", self.limits != new.limits),
        ];
        let parts = parts.into_iter().filter(|(_, changed)| *changed);
        let mut changes = parts.map(|(part, _)| part.to_owned()).collect::<Vec<_>>();
        let find = |config: &Self, name: &str| {
            let mut realms = config.realms.iter();
            realms.position(|it| it.name.value == name)
        };
        for realm in &self.realms {
            let name = &realm.name.value;
            match find(new, name).and_then(|it| new.realms.get(it)) {
                None => changes.push(format!("the end of the realm `{name}`")),
                Some(other) if !realm.behaves_like(other) => {
                    changes.push(format!("the options of the realm `{name}`"));
                }
                Some(_) => {}
            }
        }
        let added = new.realms.iter().map(|it| &it.name.value);
        let added = added.filter(|name| find(self, name).is_none());
        changes.extend(added.map(|name| format!("the new realm `{name}`")));
        changes
    }
}

impl RealmConfig {
    fn behaves_like(&self, other: &Self) -> bool {
        self.options == other.options
    }
}
