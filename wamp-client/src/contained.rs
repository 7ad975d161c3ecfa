//! Functions of others, which may panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls a function of others. False, and a word in the log, if it panics: that concerns nobody else.
pub(crate) fn contained(what: &'static str, function: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(function)) {
        Ok(()) => true,
        Err(panic) => {
            tracing::error!(what, message = said(&*panic), "a function has panicked");
            false
        }
    }
}

/// What a panic says.
pub(crate) fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("something that is no text")
}
