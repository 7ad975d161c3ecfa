//! `[limits]`: what one client, and all clients together, may take. Each may also come from a variable of the environment.

use std::collections::HashMap;
use std::env;
use std::time::Duration;

use wamp_server::Limits;

use super::mistakes::{Notes, Place};
use super::reading::{Section, Value};
use super::units;

/// What the variables begin with: `WAMP_ROUTER_LIMITS_MAX_MESSAGE`.
const VARIABLES: &str = "WAMP_ROUTER_LIMITS_";

/// The limits, and where each was given.
pub(crate) struct GivenLimits {
    pub(crate) limits: Limits,
    pub(crate) places: HashMap<&'static str, Place>,
}

/// How a limit is written.
trait Quantity: Sized {
    fn of_value(value: Value<'_>) -> Option<Self>;
    fn of_text(text: &str) -> Result<Self, String>;
}

impl Quantity for usize {
    fn of_value(value: Value<'_>) -> Option<Self> {
        value.size()
    }

    fn of_text(text: &str) -> Result<Self, String> {
        units::size(text)
    }
}

impl Quantity for u32 {
    fn of_value(value: Value<'_>) -> Option<Self> {
        value.number()
    }

    fn of_text(text: &str) -> Result<Self, String> {
        text.trim()
            .parse()
            .map_err(|_| "expected a number".to_owned())
    }
}

impl Quantity for Duration {
    fn of_value(value: Value<'_>) -> Option<Self> {
        value.duration()
    }

    fn of_text(text: &str) -> Result<Self, String> {
        units::duration(text)
    }
}

/// Finds limits, first in the environment.
struct Finder<'s, 'a> {
    section: Option<&'s mut Section<'a>>,
    notes: &'s Notes,
    places: HashMap<&'static str, Place>,
    variables: HashMap<String, String>,
}

impl Finder<'_, '_> {
    fn find<Q: Quantity>(&mut self, name: &'static str, default: Q) -> Q {
        let section = self.section.as_deref_mut();
        let in_file = section.and_then(|it| it.get(name, Q::of_value));
        let variable = format!("{VARIABLES}{}", name.to_uppercase());
        let in_variable = self.variables.remove(&variable);
        if let Some(text) = in_variable {
            let place = Place::Named(variable);
            match Q::of_text(&text) {
                Ok(value) => {
                    self.places.insert(name, place);
                    return value;
                }
                Err(mistake) => self.notes.add(place, mistake),
            }
        }
        let Some(found) = in_file else {
            return default;
        };
        self.places.insert(name, found.at.into());
        found.value
    }
}

/// Reads the limits of a section, if there is one, and of the environment.
pub(crate) fn read(section: Option<&mut Section<'_>>, notes: &Notes) -> GivenLimits {
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        // One that is empty is as good as absent.
        (name.starts_with(VARIABLES) && !value.is_empty())
            .then(|| (name, value.to_string_lossy().into_owned()))
    });
    let mut finder = Finder {
        section,
        notes,
        places: HashMap::new(),
        variables: variables.collect(),
    };
    // Without `..`: a new limit is asked for, or this does not compile.
    macro_rules! find {
        ($($name:ident)*) => {{
            let default = Limits::default();
            Limits { $($name: finder.find(stringify!($name), default.$name),)* }
        }};
    }
    let mut limits = find! {
        max_connections max_unauthenticated max_unauthenticated_per_peer handshake_timeout max_request_head max_headers hello_timeout
        welcome_timeout authenticate_timeout authorizer_timeout max_auth_failures auth_failure_pause max_hello max_message
        max_without_message message_timeout control_frames_per_second control_frames_burst read_buffer batch max_pending_calls
        max_running_handlers max_blocking_handlers max_waiting_handlers max_waiting_input max_subscriptions max_registrations
        max_patterns max_invocations outbound_soft outbound_hard write_timeout ping_interval pong_timeout close_timeout
        goodbye_timeout handler_timeout max_call_timeout shutdown_timeout
    };
    let Finder {
        places, variables, ..
    } = finder;
    for name in variables.into_keys() {
        notes.add(Place::Named(name), "there is no such limit");
    }
    if places.contains_key("max_message") && !places.contains_key("max_without_message") {
        // As for the default of `max_message`.
        limits.max_without_message = limits
            .max_message
            .saturating_mul(2)
            .saturating_add(64 * 1024);
    }
    GivenLimits { limits, places }
}
