//! The way through the database that looks at the fewest events.
//!
//! An index of times or topics leads to the events of a bound, but in another order than that of the answer: they must be sorted. That is
//! right for a bound that few events are within. If many are, those for the answer are soon found one after the other.

use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use wamp_uri::Match;

use crate::history::EventQuery;
use crate::router::patterns::fixed_head;

/// How many events are few.
const FEW: i64 = 4096;

/// SQL and its parameters.
pub(super) type Statement = (String, Vec<Value>);

/// The bounds of a query, by the column that they are for.
#[derive(Debug, Default)]
pub(super) struct Plan {
    places: Vec<(&'static str, Value)>,
    times: Vec<(&'static str, Value)>,
    topics: Vec<(&'static str, Value)>,
    /// All events are of one topic: its index has them in the order of the answer.
    is_one_topic: bool,
    reverse: bool,
}

/// Which bounds are looked up; the others are only checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    Places,
    Times,
    Topics,
}

impl Plan {
    pub(super) fn new(query: &EventQuery, places: &Range<u64>) -> Self {
        let mut plan = Self {
            reverse: query.reverse,
            ..Self::default()
        };
        let place = |place: u64| Value::Integer(i64::try_from(place).unwrap_or(i64::MAX));
        if places.start > 0 {
            plan.places.push(("number >= ?", place(places.start)));
        }
        if places.end < u64::MAX {
            plan.places.push(("number < ?", place(places.end)));
        }
        if query.has_times() {
            let times = query.micros();
            plan.times = vec![
                ("time >= ?", Value::Integer(*times.start())),
                ("time <= ?", Value::Integer(*times.end())),
            ];
        }
        let one_topic = (query.matching == Match::Exact).then_some(&query.pattern);
        let head = fixed_head(&query.pattern, query.matching);
        if let Some(topic) = query.topic.as_ref().or(one_topic) {
            plan.topics = vec![("topic = ?", Value::Text(topic.to_string()))];
            plan.is_one_topic = true;
        } else if !head.is_empty() {
            let end = after_all_that_begin_with(head).map(|end| ("topic < ?", Value::Text(end)));
            plan.topics = vec![("topic >= ?", Value::Text(head.to_owned()))];
            plan.topics.extend(end);
        }
        plan
    }

    /// Which bounds few events are within.
    pub(super) fn lead(&self, connection: &Connection) -> rusqlite::Result<Lead> {
        if self.is_one_topic {
            return Ok(Lead::Topics);
        }
        for lead in [Lead::Places, Lead::Times, Lead::Topics] {
            let bounds = self.bounds(lead);
            if bounds.is_empty() {
                continue;
            }
            let conditions = bounds.iter().map(|(condition, _)| *condition);
            let conditions = conditions.collect::<Vec<_>>().join(" AND ");
            let count = format!(
                "SELECT count(*) FROM (SELECT 1 FROM event WHERE {conditions} LIMIT {FEW})"
            );
            let values = bounds.iter().map(|(_, value)| value);
            let mut count = connection.prepare_cached(&count)?;
            if count.query_row(params_from_iter(values), |row| row.get::<_, i64>(0))? < FEW {
                return Ok(lead);
            }
        }
        Ok(Lead::Places)
    }

    /// Selects the numbers of events, and what it takes to decide on them.
    pub(super) fn statement(&self, lead: Lead) -> Statement {
        let mut sql = "SELECT number, topic, time, receivers FROM event WHERE true".to_owned();
        let mut values = Vec::new();
        for column in [Lead::Places, Lead::Times, Lead::Topics] {
            let leads = column == lead || (column == Lead::Places && self.is_one_topic);
            for (condition, value) in self.bounds(column) {
                // SQLite looks up no column with a sign.
                sql.push_str(if leads { " AND " } else { " AND +" });
                sql.push_str(condition);
                values.push(value.clone());
            }
        }
        sql.push_str(if self.reverse {
            " ORDER BY number DESC"
        } else {
            " ORDER BY number"
        });
        (sql, values)
    }

    fn bounds(&self, column: Lead) -> &[(&'static str, Value)] {
        match column {
            Lead::Places => &self.places,
            Lead::Times => &self.times,
            Lead::Topics => &self.topics,
        }
    }
}

/// The first text that is greater than all that begin with `head`.
fn after_all_that_begin_with(head: &str) -> Option<String> {
    let mut end = head.to_owned();
    loop {
        let last = end.pop()?;
        // What follows it in the order of characters, which is that of their bytes; there is none after the last one.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::sqlite::{record, schema};
    use crate::history::suite::{at, event, everything};

    fn database(events: u64) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = schema::open(&folder.path().join("history.db")).unwrap();
        let transaction = connection.transaction().unwrap();
        for number in 1..=events {
            let mut insert = transaction.prepare_cached(record::INSERT).unwrap();
            let topic = format!("a.{}", number % 7);
            record::insert(&mut insert, &event(number, &topic), u64::MAX).unwrap();
        }
        transaction.commit().unwrap();
        (folder, connection)
    }

    fn steps(connection: &Connection, (sql, values): Statement) -> String {
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let steps = plan.query_map(params_from_iter(values), |row| {
            row.get::<_, String>("detail")
        });
        steps
            .unwrap()
            .map(Result::unwrap)
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn bounds_that_lead_are_looked_up() {
        let (_folder, connection) = database(0);
        let steps = |query: &EventQuery, places, lead| {
            steps(&connection, Plan::new(query, &places).statement(lead))
        };
        let all = 0..u64::MAX;
        let exact = EventQuery::new("a.b", Match::Exact);
        let topic = "SEARCH event USING INDEX event_topic (topic=?)";
        assert_eq!(steps(&exact, all.clone(), Lead::Topics), topic);
        let reverse = EventQuery {
            reverse: true,
            ..exact.clone()
        };
        assert_eq!(steps(&reverse, all.clone(), Lead::Topics), topic);
        let within = "SEARCH event USING INDEX event_topic (topic=? AND rowid>? AND rowid<?)";
        assert_eq!(steps(&exact, 5..9, Lead::Topics), within);

        let sort = "USE TEMP B-TREE FOR ORDER BY";
        for matching in [Match::Prefix, Match::Wildcard] {
            let query = EventQuery {
                after_time: Some(at(1)),
                ..EventQuery::new("a.", matching)
            };
            let places = "SEARCH event USING INTEGER PRIMARY KEY (rowid>?)";
            assert_eq!(steps(&query, 5..u64::MAX, Lead::Places), places);
            assert_eq!(steps(&query, all.clone(), Lead::Places), "SCAN event");
            let times = "SEARCH event USING INDEX event_time (time>? AND time<?)";
            assert_eq!(steps(&query, 5..9, Lead::Times), format!("{times}; {sort}"));
            let topics = "SEARCH event USING INDEX event_topic (topic>? AND topic<?)";
            assert_eq!(
                steps(&query, 5..9, Lead::Topics),
                format!("{topics}; {sort}")
            );
        }
    }

    #[test]
    fn every_way_leads_to_the_same_events() {
        let (_folder, connection) = database(100);
        let bounded = EventQuery {
            from_time: Some(at(20_000)),
            before_time: Some(at(80_000)),
            ..EventQuery::new("a.3", Match::Prefix)
        };
        let expected = (30..80).filter(|it| it % 7 == 3).collect::<Vec<i64>>();
        for lead in [Lead::Places, Lead::Times, Lead::Topics] {
            let (sql, values) = Plan::new(&bounded, &(30..90)).statement(lead);
            let mut found = connection.prepare(&sql).unwrap();
            let found = found.query_map(params_from_iter(values), |row| row.get("number"));
            let found = found.unwrap().collect::<Result<Vec<i64>, _>>().unwrap();
            assert_eq!(found, expected, "{lead:?}");
        }
    }

    #[test]
    fn the_bounds_with_few_events_lead() {
        let events = FEW.unsigned_abs() * 2;
        let (_folder, connection) = database(events);
        let lead =
            |query: &EventQuery, places| Plan::new(query, &places).lead(&connection).unwrap();
        let all = 0..u64::MAX;
        let since = |number: u64| EventQuery {
            from_time: Some(at(1000 * number)),
            ..everything()
        };
        assert_eq!(lead(&everything(), all.clone()), Lead::Places);
        assert_eq!(lead(&since(1), all.clone()), Lead::Places);
        assert_eq!(lead(&since(events - 5), all.clone()), Lead::Times);
        assert_eq!(lead(&since(events - 5), events - 3..u64::MAX), Lead::Places);
        assert_eq!(
            lead(&EventQuery::new("a.", Match::Prefix), all.clone()),
            Lead::Places
        );
        assert_eq!(
            lead(&EventQuery::new("a.3", Match::Prefix), all.clone()),
            Lead::Topics
        );
        assert_eq!(
            lead(&EventQuery::new("a.3", Match::Exact), all),
            Lead::Topics
        );
    }
}
