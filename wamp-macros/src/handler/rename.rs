//! `rename_all = "camelCase"`: serde's rule for fields, applied to the names of arguments.

use syn::{Error, LitStr, Result};

/// How names written in Rust's `snake_case` look on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rename {
    #[default]
    Snake,
    Camel,
    Kebab,
    Pascal,
    ScreamingSnake,
}

impl Rename {
    pub(crate) fn from_literal(literal: &LitStr) -> Result<Self> {
        let value = literal.value();
        RULES
            .iter()
            .find(|(name, _)| *name == value)
            .map(|(_, rule)| *rule)
            .ok_or_else(|| {
                let known = RULES.map(|(name, _)| format!("\"{name}\"")).join(", ");
                Error::new_spanned(literal, format!("expected one of {known}"))
            })
    }

    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Snake => name.to_owned(),
            Self::Camel => {
                let pascal = pascal(name);
                let mut chars = pascal.chars();
                let first = chars.next().map(|char| char.to_ascii_lowercase());
                first.into_iter().chain(chars).collect()
            }
            Self::Kebab => name.replace('_', "-"),
            Self::Pascal => pascal(name),
            Self::ScreamingSnake => name.to_ascii_uppercase(),
        }
    }
}

const RULES: [(&str, Rename); 5] = [
    ("camelCase", Rename::Camel),
    ("snake_case", Rename::Snake),
    ("PascalCase", Rename::Pascal),
    ("kebab-case", Rename::Kebab),
    ("SCREAMING_SNAKE_CASE", Rename::ScreamingSnake),
];

fn pascal(name: &str) -> String {
    let mut pascal = String::with_capacity(name.len());
    let mut capitalize = true;
    for char in name.chars() {
        if char == '_' {
            capitalize = true;
        } else if std::mem::take(&mut capitalize) {
            pascal.push(char.to_ascii_uppercase());
        } else {
            pascal.push(char);
        }
    }
    pascal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_look_as_serde_would_make_them() {
        let spelled = |rule: Rename| ["document_id", "x", "_hidden"].map(|name| rule.apply(name));
        assert_eq!(spelled(Rename::Snake), ["document_id", "x", "_hidden"]);
        assert_eq!(spelled(Rename::Camel), ["documentId", "x", "hidden"]);
        assert_eq!(spelled(Rename::Kebab), ["document-id", "x", "-hidden"]);
        assert_eq!(spelled(Rename::Pascal), ["DocumentId", "X", "Hidden"]);
        assert_eq!(
            spelled(Rename::ScreamingSnake),
            ["DOCUMENT_ID", "X", "_HIDDEN"]
        );
    }
}
