//! Where a handler stands.

/// A free function or a method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A function with an attribute of its own.
    Function,
    /// A method in `#[service] impl Docs`.
    Method,
    /// A method in `#[service] impl Api for Docs`: the trait says its URI, and how its parameters are called.
    ApiMethod,
}

impl Place {
    /// Whether an attribute has this option here.
    pub(crate) fn has(self, option: &str) -> bool {
        match self {
            Self::Function => true,
            Self::Method => option != "crate",
            Self::ApiMethod => !matches!(option, "crate" | "prefix" | "regex" | "rename_all"),
        }
    }
}
