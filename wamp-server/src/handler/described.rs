//! The two roads to a definition: by name and through the linker.

use super::Definition;

/// Implemented for the type that shares its name with a `#[procedure]` function; see [`procedures!`](crate::procedures).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a procedure",
    note = "annotate the function with `#[procedure(\"…\")]`"
)]
pub trait Procedure {
    /// What the function says about itself.
    const DEFINITION: &'static Definition;
}

/// Implemented for the type that shares its name with a `#[topic]` function; see [`topics!`](crate::topics).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic",
    note = "annotate the function with `#[topic(\"…\")]`"
)]
pub trait TopicHandler {
    /// What the function says about itself.
    const DEFINITION: &'static Definition;
}

/// Implemented for the type that shares its name with a `#[subscriber]` function; see [`subscribers!`](crate::subscribers).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a subscriber",
    note = "annotate the function with `#[subscriber(\"…\")]`"
)]
pub trait Subscriber {
    /// What the function says about itself.
    const DEFINITION: &'static Definition;
}

/// Implemented for the type that shares its name with a `#[session]` function; see [`sessions!`](crate::sessions).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session handler",
    note = "annotate the function with `#[session]`"
)]
pub trait SessionHandler {
    /// What the function says about itself.
    const DEFINITION: &'static Definition;
}

/// What the linker collects: a pointer, so that discovery and [`procedures!`](crate::procedures) give the same definition.
#[derive(Debug)]
pub struct Registration(pub &'static Definition);

#[cfg(feature = "inventory")]
inventory::collect!(Registration);

/// Every annotated function that is linked into the program, sorted: the linker's order is unspecified.
#[cfg(feature = "inventory")]
pub(crate) fn discovered() -> Vec<&'static Definition> {
    let mut found = inventory::iter::<Registration>
        .into_iter()
        .map(|it| it.0)
        .collect::<Vec<_>>();
    found.sort_by_key(|it| (it.module, it.location.file, it.location.line));
    found
}

/// The definitions of the named `#[procedure]` functions.
///
/// ```
/// use wamp_server::{App, procedure, procedures};
///
/// #[procedure("math.add")]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let app = App::empty().procedures(procedures![add]);
/// ```
#[macro_export]
macro_rules! procedures {
    ($($name:ty),* $(,)?) => { [$(<$name as $crate::__private::Procedure>::DEFINITION),*] };
}

/// The definitions of the named `#[topic]` functions.
#[macro_export]
macro_rules! topics {
    ($($name:ty),* $(,)?) => { [$(<$name as $crate::__private::TopicHandler>::DEFINITION),*] };
}

/// The definitions of the named `#[subscriber]` functions.
#[macro_export]
macro_rules! subscribers {
    ($($name:ty),* $(,)?) => { [$(<$name as $crate::__private::Subscriber>::DEFINITION),*] };
}

/// The definitions of the named `#[session]` functions.
#[macro_export]
macro_rules! sessions {
    ($($name:ty),* $(,)?) => { [$(<$name as $crate::__private::SessionHandler>::DEFINITION),*] };
}
