//! What was measured, for people and for machines.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use crate::client::{ClientFailure, Output};

/// Times from a nanosecond to five minutes, to three digits.
#[derive(Debug)]
pub(super) struct Times(Histogram<u64>);

/// The longest time that is told apart from longer ones.
const LONGEST: u64 = 300_000_000_000;

impl Times {
    pub(super) fn new() -> Result<Self, ClientFailure> {
        let times = Histogram::new_with_bounds(1, LONGEST, 3);
        times
            .map(Self)
            .map_err(|error| ClientFailure::Other(format!("times cannot be counted: {error}")))
    }

    pub(super) fn add(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.saturating_record(nanos.clamp(1, LONGEST));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        // The bounds are the same.
        let _ = self.0.add(&other.0);
    }

    fn at(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_quantile(quantile))
    }

    fn text(&self) -> String {
        let times = QUANTILES
            .iter()
            .map(|(name, quantile)| format!("{name} {}", short(self.at(*quantile))));
        times.collect::<Vec<_>>().join("  ")
    }

    fn json(&self) -> Value {
        let micros = |time: Duration| json!(time.as_secs_f64() * 1e6);
        let times = QUANTILES
            .iter()
            .map(|(name, quantile)| ((*name).to_owned(), micros(self.at(*quantile))));
        let mut all = times.collect::<Map<_, _>>();
        all.insert("mean".to_owned(), json!(self.0.mean() / 1e3));
        Value::Object(all)
    }
}

const QUANTILES: [(&str, f64); 6] = [
    ("min", 0.0),
    ("p50", 0.5),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("max", 1.0),
];

/// Three digits are enough, and all that there are.
fn short(time: Duration) -> String {
    let (number, unit) = match time.as_secs_f64() {
        it if it >= 1.0 => (it, "s"),
        it if it >= 1e-3 => (it * 1e3, "ms"),
        it => (it * 1e6, "µs"),
    };
    match number {
        it if it >= 100.0 => format!("{it:.0} {unit}"),
        it if it >= 10.0 => format!("{it:.1} {unit}"),
        it => format!("{it:.2} {unit}"),
    }
}

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Report {
    lines: Vec<(&'static str, String)>,
    json: Map<String, Value>,
}

impl Report {
    pub(super) fn new(what: &'static str) -> Self {
        let mut report = Self::default();
        report.json.insert("bench".to_owned(), json!(what));
        report
    }

    /// Something that machines get, too.
    pub(super) fn add(&mut self, name: &'static str, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let text = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.lines.push((name, text));
        self.json.insert(key.to_owned(), value);
    }

    /// How many there were in this time.
    #[expect(clippy::cast_precision_loss, reason = "it is a measurement")]
    pub(super) fn rate(&mut self, name: &'static str, key: &str, count: u64, time: Duration) {
        let rate = count as f64 / time.as_secs_f64().max(1e-9);
        self.lines
            .push((name, format!("{count} in {}: {rate:.0}/s", short(time))));
        self.json.insert(key.to_owned(), json!(count));
        self.json.insert(format!("{key}_per_second"), json!(rate));
        let seconds = match self.json.contains_key("seconds") {
            false => "seconds".to_owned(),
            true => format!("{key}_seconds"),
        };
        self.json.insert(seconds, json!(time.as_secs_f64()));
    }

    pub(super) fn times(&mut self, name: &'static str, times: &Times) {
        self.lines.push((name, times.text()));
        self.json.insert("microseconds".to_owned(), times.json());
    }

    /// Writes it, for people with a word on what it means.
    pub(super) fn write(mut self, output: Output, meaning: &str) -> Result<(), ClientFailure> {
        if output.json {
            self.json.insert("loop".to_owned(), json!("closed"));
            return output.line(&Value::Object(self.json).to_string());
        }
        let width = self.lines.iter().map(|(name, _)| name.len()).max();
        let width = width.unwrap_or_default();
        for (name, text) in &self.lines {
            output.line(&format!("{name:width$}  {text}"))?;
        }
        output.line(&format!("\n{meaning}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (nanos, expected) in [
            (0, "0.00 µs"),
            (1_234, "1.23 µs"),
            (123_456, "123 µs"),
            (12_345_678, "12.3 ms"),
            (1_234_567_890, "1.23 s"),
        ] {
            assert_eq!(short(Duration::from_nanos(nanos)), expected);
        }
    }

    #[test]
    fn quantiles_are_those_of_all() {
        let mut one = Times::new().expect("the bounds make sense");
        let mut other = Times::new().expect("the bounds make sense");
        for millis in 1..=500 {
            one.add(Duration::from_millis(millis));
            other.add(Duration::from_millis(millis + 500));
        }
        one.merge(&other);
        let median = one.at(0.5).as_secs_f64();
        assert!((median - 0.5).abs() < 0.002, "{median}");
        let longest = one.at(1.0).as_secs_f64();
        assert!((longest - 1.0).abs() < 0.002, "{longest}");
    }
}
