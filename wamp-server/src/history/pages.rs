//! Answers that are full although some events may not be had.

use wamp_proto::id::Id;

use super::{EventQuery, EventStore, HistoryError, StoredEvent};
use crate::handler::{CallError, IntoError as _};
use crate::session::LIMIT_EXCEEDED;

/// How often a store is asked for one answer.
const MAX_PAGES: usize = 32;

/// Finds events that whoever asks `may_have`: as many as there are within the limits of the query, which others do not use up.
///
/// # Errors
///
/// Those of the store; and `wamp.error.limit_exceeded` if there are that many others that nothing was found, which is not to be taken for
/// the end.
pub(crate) async fn find(
    store: &dyn EventStore,
    query: &EventQuery,
    may_have: impl Fn(&StoredEvent) -> bool,
) -> Result<Vec<StoredEvent>, CallError> {
    let mut room = query.room();
    let mut found = Vec::new();
    let mut page = query.clone();
    let mut is_first = true;
    for _ in 0..MAX_PAGES {
        let events = match store.query(page).await {
            Ok(events) => events,
            // The last one was the oldest, and has made room for a new one.
            Err(HistoryError::UnknownPublication { .. }) if !is_first => {
                if query.reverse || !found.is_empty() {
                    return Ok(found);
                }
                page = query.clone();
                is_first = true;
                continue;
            }
            Err(error) => return Err(error.into_error()),
        };
        let Some(last) = events.last().map(|it| it.publication) else {
            return Ok(found);
        };
        let mut is_complete = true;
        for event in events {
            if !may_have(&event) {
                is_complete = false;
            } else if room.take(event.size()) {
                found.push(event);
            } else {
                return Ok(found);
            }
        }
        if is_complete || room.is_full() {
            return Ok(found);
        }
        page = next(query, last);
        is_first = false;
    }
    if found.is_empty() {
        let why = "too many events in a row may not be had; ask for one topic, or for another time";
        return Err(CallError::new(LIMIT_EXCEEDED).arg(why));
    }
    Ok(found)
}

/// What follows an event, as much as there may be at once: most of it may be for others.
fn next(query: &EventQuery, last: Id) -> EventQuery {
    let mut next = EventQuery {
        limit: EventQuery::MAX_LIMIT,
        ..query.clone()
    };
    if query.reverse {
        next.before_publication = Some(last);
    } else {
        next.after_publication = Some(last);
    }
    next
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use futures_util::FutureExt as _;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use wamp_proto::codec::Format;
    use wamp_proto::payload::Payload;

    use super::*;
    use crate::history::suite::{event, everything, id, publications, run};
    use crate::history::{Found, MemoryStore};

    type Page = Result<Vec<StoredEvent>, HistoryError>;

    /// Gives these pages, and keeps what it was asked; after the last one, the same topic for ever.
    #[derive(Default)]
    struct Script {
        pages: Mutex<VecDeque<Page>>,
        asked: Mutex<Vec<EventQuery>>,
    }

    impl Script {
        fn new(pages: impl IntoIterator<Item = Page>) -> Self {
            Self {
                pages: Mutex::new(pages.into_iter().collect()),
                ..Self::default()
            }
        }

        /// The bounds by publication, after and before, of all that it was asked.
        fn bounds(&self) -> Vec<(Option<u64>, Option<u64>)> {
            let asked = self.asked.lock().unwrap();
            let number = |id: Option<Id>| id.map(Id::get);
            let bounds = asked
                .iter()
                .map(|it| (number(it.after_publication), number(it.before_publication)));
            bounds.collect()
        }
    }

    impl EventStore for Script {
        fn append(&self, _: StoredEvent) {}

        fn query(&self, query: EventQuery) -> Found {
            self.asked.lock().unwrap().push(query);
            let page = self.pages.lock().unwrap().pop_front();
            let page = page.unwrap_or_else(|| Ok(vec![event(1, "secret")]));
            Box::pin(std::future::ready(page))
        }
    }

    fn is_open(event: &StoredEvent) -> bool {
        event.topic == "open"
    }

    fn answer(store: &Script, query: &EventQuery) -> Result<Vec<u64>, String> {
        let found = find(store, query, is_open).now_or_never().unwrap();
        let found = found.map_err(|error| error.uri().to_owned())?;
        Ok(publications(&found))
    }

    fn is_gone() -> Page {
        let argument = "after_publication";
        Err(HistoryError::UnknownPublication { argument })
    }

    #[test]
    fn an_answer_that_nothing_was_left_out_of_takes_one_question() {
        let store = Script::new([Ok(vec![event(1, "open"), event(2, "open")])]);
        assert_eq!(answer(&store, &everything()), Ok(vec![1, 2]));
        assert_eq!(store.bounds(), [(None, None)]);
    }

    #[test]
    fn nobody_asks_for_ever() {
        let store = Script::default();
        assert_eq!(answer(&store, &everything()), Err(LIMIT_EXCEEDED.into()));
        assert_eq!(store.bounds().len(), MAX_PAGES);

        let store = Script::new([Ok(vec![event(7, "open"), event(8, "secret")])]);
        assert_eq!(answer(&store, &everything()), Ok(vec![7]));
        assert_eq!(store.bounds().len(), MAX_PAGES);
    }

    #[test]
    fn when_the_oldest_events_make_room_what_follows_is_still_found() {
        let forward = everything();
        let forbidden = || Ok(vec![event(1, "secret")]);
        let store = Script::new([forbidden(), is_gone(), Ok(vec![event(2, "open")])]);
        assert_eq!(answer(&store, &forward), Ok(vec![2]));
        assert_eq!(
            store.bounds(),
            [(None, None), (Some(1), None), (None, None)]
        );

        let store = Script::new([Ok(vec![event(1, "open"), event(2, "secret")]), is_gone()]);
        assert_eq!(answer(&store, &forward), Ok(vec![1]));

        let reverse = EventQuery {
            reverse: true,
            ..everything()
        };
        let store = Script::new([forbidden(), is_gone()]);
        assert_eq!(answer(&store, &reverse), Ok(vec![]));
        assert_eq!(store.bounds(), [(None, None), (None, Some(1))]);

        // Who asks for what is not there is told so.
        let store = Script::new([is_gone()]);
        assert_eq!(
            answer(&store, &forward),
            Err("wamp.error.invalid_argument".into())
        );
        let store = Script::new([forbidden(), is_gone(), is_gone()]);
        assert_eq!(
            answer(&store, &forward),
            Err("wamp.error.invalid_argument".into())
        );
    }

    #[test]
    fn what_may_not_be_had_takes_no_bytes() {
        let store = MemoryStore::default();
        let long = |number, topic| {
            let mut event = event(number, topic);
            let long = "x".repeat(10_000);
            event.payload = Payload::from_value(Format::Json, &long).unwrap();
            event
        };
        for number in 1..=40 {
            let topic = if number % 4 == 0 { "open" } else { "secret" };
            store.append(long(number, topic));
        }
        let query = EventQuery {
            max_bytes: 25_000,
            ..everything()
        };
        let found = run(find(&store, &query, is_open)).unwrap();
        assert_eq!(publications(&found), [4, 8]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// As many as there are, up to the limit, whatever is between them.
        #[test]
        fn limits_are_for_what_may_be_had(
            open in vec(any::<bool>(), 0..60),
            limit in 1..8_usize,
            reverse in any::<bool>(),
            after in proptest::option::of(0..60_usize),
            before in proptest::option::of(0..60_usize),
        ) {
            let store = MemoryStore::default();
            let (after, before) = (
                after.filter(|it| *it < open.len()),
                before.filter(|it| *it < open.len()),
            );
            let publication = |place: usize| id(place as u64 + 1);
            let mut expected = Vec::new();
            for (place, is_open) in open.iter().enumerate() {
                let number = publication(place).get();
                store.append(event(number, if *is_open { "open" } else { "secret" }));
                if *is_open && after.is_none_or(|it| place > it) && before.is_none_or(|it| place < it) {
                    expected.push(number);
                }
            }
            if reverse {
                expected.reverse();
            }
            expected.truncate(limit);
            let query = EventQuery {
                limit,
                reverse,
                after_publication: after.map(publication),
                before_publication: before.map(publication),
                ..everything()
            };
            let found = run(find(&store, &query, is_open)).unwrap();
            prop_assert_eq!(publications(&found), expected);
        }
    }
}
