//! The rules of each role, ready to be looked up, and replaced while sessions go on.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use bytestring::ByteString;
use wamp_uri::Match;

use super::rule::{Action, Grant};
use crate::router::patterns::Patterns;

/// The rules of one role.
pub(crate) type Table = Arc<Patterns<Grant>>;

/// The rules of all roles of a realm. Clones are the same.
#[derive(Clone)]
pub(crate) struct Roles {
    shared: Arc<Shared>,
}

struct Shared {
    tables: RwLock<HashMap<String, Table>>,
    /// Counts replacements.
    version: AtomicU64,
}

impl Roles {
    pub(crate) fn new(tables: HashMap<String, Table>) -> Self {
        Self {
            shared: Arc::new(Shared {
                tables: RwLock::new(tables),
                version: AtomicU64::new(0),
            }),
        }
    }

    /// Whether there are rules for a role, if only that it may do nothing.
    pub(crate) fn contains(&self, role: &str) -> bool {
        self.tables().contains_key(role)
    }

    /// Whether a role may do something that was permitted for a pattern with one URI that matches. A URI that no rule speaks of was left
    /// to whoever has permitted the pattern.
    pub(crate) fn allows(&self, role: &str, uri: &str, action: Action) -> bool {
        let tables = self.tables();
        let rules = tables.get(role);
        let rule = rules.and_then(|it| it.covering(uri, Match::Exact));
        rule.is_none_or(|it| it.allows(action))
    }

    /// Takes the rules of another realm in place of these.
    pub(crate) fn replace(&self, with: &Self) {
        let tables = with.tables().clone();
        let own = self.shared.tables.write();
        *own.unwrap_or_else(PoisonError::into_inner) = tables;
        self.shared.version.fetch_add(1, Ordering::Release);
    }

    /// The rules of one role, as they are at any time.
    pub(crate) fn follow(&self, role: ByteString) -> RoleRules {
        RoleRules {
            seen: Mutex::new(self.read(&role)),
            roles: self.clone(),
            role,
        }
    }

    fn read(&self, role: &str) -> Seen {
        // Before the table: one that is newer than the version is only read once more.
        let version = self.version();
        let table = self.tables().get(role).cloned();
        Seen { version, table }
    }

    fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    fn tables(&self) -> RwLockReadGuard<'_, HashMap<String, Table>> {
        let tables = self.shared.tables.read();
        tables.unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rules of one role for one session, which asks often and shares no lock with others until they are replaced.
pub(crate) struct RoleRules {
    roles: Roles,
    role: ByteString,
    seen: Mutex<Seen>,
}

struct Seen {
    version: u64,
    table: Option<Table>,
}

impl RoleRules {
    /// Looks at the rules, if there are any for the role.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Patterns<Grant>) -> Option<T>) -> Option<T> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.version != self.roles.version() {
            *seen = self.roles.read(&self.role);
        }
        look(seen.table.as_deref()?)
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.tables().keys()).finish()
    }
}
