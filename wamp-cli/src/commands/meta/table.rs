//! Columns for people.

use std::fmt;

use serde_json::Value;

use crate::value::printable;

/// Cells, each as wide as the widest of its column.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A row for each object, a column for each of these keys that at least one of them has.
    pub(super) fn of(objects: &[Value], keys: &[&str]) -> Self {
        let has = |key: &&&str| objects.iter().any(|it| it.get(**key).is_some());
        let keys = keys.iter().filter(has).copied().collect::<Vec<_>>();
        let head = keys.iter().map(|it| it.to_uppercase()).collect::<Vec<_>>();
        let row = |object: &Value| keys.iter().map(|key| cell(object.get(key))).collect();
        let rows = std::iter::once(head).chain(objects.iter().map(row));
        Self {
            rows: rows.collect(),
        }
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => printable(text),
        // How many there are.
        Some(Value::Array(items)) => items.len().to_string(),
        Some(value) => printable(&value.to_string()),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|it| it.chars().count()).max().unwrap_or_default()
        };
        let widths = (0..columns).map(width).collect::<Vec<_>>();
        for row in self.rows.iter().filter(|it| !it.is_empty()) {
            let cells = row.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let objects = [
            json!({"id": 1, "uri": "com.example", "callees": [1, 2]}),
            json!({"id": 12345, "uri": "a\u{1b}[2J", "callees": []}),
        ];
        let table = Table::of(&objects, &["id", "nothing", "callees", "uri"]);
        assert_eq!(
            table.to_string(),
            "ID     CALLEES  URI\n1      2        com.example\n12345  0        a\\u{1b}[2J\n"
        );
        assert_eq!(Table::of(&[], &["id"]).to_string(), "");
    }
}
