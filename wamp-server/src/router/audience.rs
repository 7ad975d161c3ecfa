//! Who may receive an event. WAMP, "Subscriber Black- and Whitelisting" and "Publisher Exclusion".

use std::mem::size_of;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::Receivers;

use super::detach::Detach;
use super::peer::Peer;

/// Up to here looking at every entry is faster than searching.
const FEW: usize = 16;

/// Who may receive an event, among those who are subscribed and authorized.
///
/// A session may if it is in every list of eligible ones that is there, in no list of excluded ones, and does not publish the event
/// itself, unless the publisher wants that. An empty list is there: nobody is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Audience {
    /// The session that publishes, unless it wants its own events.
    publisher: Option<Id>,
    lists: Option<Box<Lists>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Lists {
    sessions: Rules<Id>,
    authids: Rules<ByteString>,
    authroles: Rules<ByteString>,
}

/// The two lists of one kind.
#[derive(Clone, Debug, PartialEq)]
struct Rules<T> {
    exclude: Option<List<T>>,
    eligible: Option<List<T>>,
}

/// In order, so that a long one can be searched: it is asked once for each subscriber.
#[derive(Clone, Debug, PartialEq)]
struct List<T>(Vec<T>);

impl Audience {
    /// The audience that the options of a PUBLISH describe. `exclude_me` is true unless the publisher says otherwise; whoever is no session
    /// has no `publisher`.
    pub(crate) fn new(
        receivers: Option<Box<Receivers>>,
        publisher: Option<Id>,
        exclude_me: bool,
    ) -> Self {
        let lists = receivers.filter(|it| **it != Receivers::default());
        Self {
            publisher: publisher.filter(|_| exclude_me),
            lists: lists.map(|it| Box::new(Lists::new(*it))),
        }
    }

    /// Whether there are no lists: everybody gets the event, but for the publisher maybe.
    pub(crate) fn is_everybody(&self) -> bool {
        self.lists.is_none()
    }

    /// Whether this session may receive the event.
    #[inline]
    pub(crate) fn admits(&self, session: Id, authid: &str, authrole: &str) -> bool {
        self.publisher != Some(session)
            && self.lists.as_ref().is_none_or(|lists| {
                lists.sessions.admit(|list| list.has(&session))
                    && lists.authids.admit(|list| list.has_text(authid))
                    && lists.authroles.admit(|list| list.has_text(authrole))
            })
    }

    /// The same, asking the session only for what matters.
    #[inline]
    pub(crate) fn admits_peer(&self, peer: &dyn Peer) -> bool {
        match self.lists {
            None => self.publisher.is_none_or(|it| it != peer.id()),
            Some(_) => self.admits(peer.id(), peer.authid(), peer.authrole()),
        }
    }

    /// The lists that still have a meaning when the sessions have gone; `None` if there are lists of sessions, because then nobody can
    /// tell any more who may see the event. WAMP, "Event History".
    pub(crate) fn without_sessions(&self) -> Option<Receivers> {
        let Some(lists) = &self.lists else {
            return Some(Receivers::default());
        };
        let Lists {
            sessions,
            authids,
            authroles,
        } = &**lists;
        let kept = |list: &Option<List<ByteString>>| list.as_ref().map(|it| it.0.clone());
        (sessions.exclude.is_none() && sessions.eligible.is_none()).then(|| Receivers {
            exclude: None,
            exclude_authid: kept(&authids.exclude),
            exclude_authrole: kept(&authroles.exclude),
            eligible: None,
            eligible_authid: kept(&authids.eligible),
            eligible_authrole: kept(&authroles.eligible),
        })
    }
}

impl Lists {
    fn new(receivers: Receivers) -> Self {
        Self {
            sessions: Rules::new(receivers.exclude, receivers.eligible),
            authids: Rules::new(receivers.exclude_authid, receivers.eligible_authid),
            authroles: Rules::new(receivers.exclude_authrole, receivers.eligible_authrole),
        }
    }
}

impl<T: Ord> Rules<T> {
    fn new(exclude: Option<Vec<T>>, eligible: Option<Vec<T>>) -> Self {
        Self {
            exclude: exclude.map(List::new),
            eligible: eligible.map(List::new),
        }
    }

    fn admit(&self, has: impl Fn(&List<T>) -> bool) -> bool {
        self.eligible.as_ref().is_none_or(&has) && !self.exclude.as_ref().is_some_and(&has)
    }
}

impl<T: Ord> List<T> {
    fn new(mut entries: Vec<T>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        Self(entries)
    }

    fn has(&self, entry: &T) -> bool {
        if self.0.len() <= FEW {
            self.0.contains(entry)
        } else {
            self.0.binary_search(entry).is_ok()
        }
    }
}

impl List<ByteString> {
    fn has_text(&self, entry: &str) -> bool {
        if self.0.len() <= FEW {
            self.0.iter().any(|it| *it == entry)
        } else {
            self.0.binary_search_by(|it| (**it).cmp(entry)).is_ok()
        }
    }
}

impl Detach for Audience {
    fn detached(&self) -> Self {
        Self {
            publisher: self.publisher,
            lists: self.lists.detached(),
        }
    }

    fn weight(&self) -> usize {
        self.lists.weight()
    }
}

impl Detach for Lists {
    fn detached(&self) -> Self {
        Self {
            sessions: self.sessions.detached(),
            authids: self.authids.detached(),
            authroles: self.authroles.detached(),
        }
    }

    fn weight(&self) -> usize {
        self.sessions.weight() + self.authids.weight() + self.authroles.weight()
    }
}

impl<T: Detach> Detach for Rules<T> {
    fn detached(&self) -> Self {
        let copy = |list: &Option<List<T>>| list.as_ref().map(|it| List(it.0.detached()));
        Self {
            exclude: copy(&self.exclude),
            eligible: copy(&self.eligible),
        }
    }

    fn weight(&self) -> usize {
        let lists = [&self.exclude, &self.eligible];
        let entries = lists.into_iter().flatten().flat_map(|list| &list.0);
        entries.map(|it| size_of::<T>() + it.weight()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;

    use super::*;

    fn id(id: u64) -> Id {
        Id::new(id).unwrap()
    }

    /// Lists of a few entries, some of them longer than [`FEW`].
    fn ids() -> impl Strategy<Value = Option<Vec<Id>>> {
        of(vec((1..=40_u64).prop_map(id), 0..=40))
    }

    fn texts() -> impl Strategy<Value = Option<Vec<ByteString>>> {
        of(vec(
            (1..=40_u64).prop_map(|it| it.to_string().into()),
            0..=40,
        ))
    }

    fn receivers() -> impl Strategy<Value = Receivers> {
        let lists = (ids(), texts(), texts(), ids(), texts(), texts());
        lists.prop_map(|it| Receivers {
            exclude: it.0,
            exclude_authid: it.1,
            exclude_authrole: it.2,
            eligible: it.3,
            eligible_authid: it.4,
            eligible_authrole: it.5,
        })
    }

    /// The rule, word by word.
    fn may_receive(receivers: &Receivers, session: Id, authid: &str, authrole: &str) -> bool {
        fn within<T: PartialEq>(list: &Option<Vec<T>>, entry: &T) -> Option<bool> {
            list.as_ref().map(|it| it.contains(entry))
        }
        let (authid, authrole) = (authid.into(), authrole.into());
        within(&receivers.eligible, &session) != Some(false)
            && within(&receivers.eligible_authid, &authid) != Some(false)
            && within(&receivers.eligible_authrole, &authrole) != Some(false)
            && within(&receivers.exclude, &session) != Some(true)
            && within(&receivers.exclude_authid, &authid) != Some(true)
            && within(&receivers.exclude_authrole, &authrole) != Some(true)
    }

    proptest! {
        #[test]
        fn whoever_is_eligible_and_not_excluded_receives_it(
            receivers in receivers(),
            publisher in of((1..=5_u64).prop_map(id)),
            exclude_me: bool,
            asked in vec((1..=41_u64, 1..=41_u64, 1..=41_u64), 32),
        ) {
            let audience = Audience::new(Some(Box::new(receivers.clone())), publisher, exclude_me);
            prop_assert_eq!(audience.is_everybody(), receivers == Receivers::default());
            prop_assert_eq!(&audience.detached(), &audience);
            for (session, authid, authrole) in asked {
                let (session, authid, authrole) = (id(session), authid.to_string(), authrole.to_string());
                let publishes = exclude_me && publisher == Some(session);
                let expected = !publishes && may_receive(&receivers, session, &authid, &authrole);
                prop_assert_eq!(audience.admits(session, &authid, &authrole), expected);
            }
        }

        /// What is left for the history says the same about everybody, if anything is.
        #[test]
        fn lists_of_sessions_are_not_for_the_history(receivers in receivers(), authid in 1..=41_u64, authrole in 1..=41_u64) {
            let audience = Audience::new(Some(Box::new(receivers.clone())), None, true);
            let kept = audience.without_sessions();
            prop_assert_eq!(kept.is_none(), receivers.exclude.is_some() || receivers.eligible.is_some());
            if let Some(kept) = kept {
                let (authid, authrole) = (authid.to_string(), authrole.to_string());
                prop_assert_eq!(
                    may_receive(&kept, id(1), &authid, &authrole),
                    audience.admits(id(1), &authid, &authrole),
                );
            }
        }
    }

    #[test]
    fn an_empty_list_of_eligible_ones_is_nobody() {
        let eligible = Some(Vec::new());
        let receivers = Box::new(Receivers {
            eligible,
            ..Receivers::default()
        });
        let audience = Audience::new(Some(receivers), None, true);
        assert!(!audience.is_everybody());
        assert!(!audience.admits(id(1), "ann", "user"));
    }

    #[test]
    fn a_publisher_is_left_out_even_if_it_is_eligible() {
        let eligible = Some(vec![id(1), id(2)]);
        let receivers = || {
            Box::new(Receivers {
                eligible: eligible.clone(),
                ..Receivers::default()
            })
        };
        let audience = Audience::new(Some(receivers()), Some(id(1)), true);
        assert!(!audience.admits(id(1), "ann", "user"));
        assert!(audience.admits(id(2), "ann", "user"));
        let audience = Audience::new(Some(receivers()), Some(id(1)), false);
        assert!(audience.admits(id(1), "ann", "user"));
    }

    #[test]
    fn without_lists_there_is_nothing_to_look_at() {
        let audience = Audience::new(None, Some(id(1)), true);
        assert!(audience.is_everybody());
        assert!(!audience.admits(id(1), "ann", "user"));
        assert!(audience.admits(id(2), "ann", "user"));
        assert_eq!(audience.without_sessions(), Some(Receivers::default()));
    }
}
