//! Secrets: in the file itself, in a variable of the environment, or in a file of their own.

use std::env;
use std::fs;
use std::path::Path;

use wamp_proto::message::Secret;

use super::reading::Value;

/// A secret that is given as text, as `{ env = "NAME" }` or as `{ file = "path" }`, relative to the folder of the configuration.
pub(crate) fn secret(value: Value<'_>, folder: &Path) -> Option<Secret> {
    let text = if value.is_table() {
        let given = value.section(|section| {
            let variable = section.text("env");
            let file = section.text("file");
            (variable, file)
        })?;
        match given {
            (Some(name), None) => match env::var(&name.value) {
                Ok(text) => text,
                Err(error) => {
                    let mistake = match error {
                        env::VarError::NotPresent => "is not set",
                        env::VarError::NotUnicode(_) => "is not in UTF-8",
                    };
                    let mistake = format!("the variable `{}` {mistake}", name.value);
                    value.notes.add(name.at, mistake);
                    return None;
                }
            },
            (None, Some(path)) => match fs::read_to_string(folder.join(&path.value)) {
                Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
                Err(error) => {
                    let mistake = format!("`{}` cannot be read: {error}", path.value);
                    value.notes.add(path.at, mistake);
                    return None;
                }
            },
            _ => return value.refuse("expected one of `env` and `file`"),
        }
    } else {
        value.text()?
    };
    if text.is_empty() {
        return value.refuse("the secret is empty");
    }
    Some(Secret::new(text))
}
