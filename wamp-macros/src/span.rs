//! Tokens that rustc reports at the user's code, but lints and resolves as ours.

use proc_macro2::{Ident, Span};

/// A span that is shown where `place` is.
///
/// Tokens with the user's own span would be linted as if the user had written them, hence the context stays that of the macro.
/// It is the mixed-site one, so that locals of the expansion and of the user never meet.
pub(crate) fn shown_at(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// A local of the expansion, which no item, parameter or default of the user can meet.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
