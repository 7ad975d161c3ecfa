//! Binds what a caller sent to the parameters of a handler. Not generic: compiled once, called by every handler.

use smallvec::{SmallVec, smallvec};

use super::argument::{Argument, Slot, Source, Value};
use super::{Call, CallError, Param};

/// A call's values, bound to the declared parameters.
///
/// Positional arguments fill the parameters that the caller sends, in order; keywords fill those that are left, by name. What
/// is surplus or repeated is ignored, unless the handler is strict.
pub(crate) struct Bound<'c> {
    call: &'c Call,
    params: &'static [Param],
    /// As many as there are parameters. Small, because it is a part of every running call.
    values: SmallVec<[Value<'c>; 6]>,
}

impl<'c> Bound<'c> {
    /// No values yet for `params`.
    #[inline]
    pub(crate) fn new(params: &'static [Param], call: &'c Call) -> Self {
        Self {
            call,
            params,
            values: smallvec![Value::Absent; params.len()],
        }
    }

    /// Binds what the caller sent.
    ///
    /// Apart from [`new`](Self::new), and by reference, because moving so many bytes costs more than filling them in.
    ///
    /// # Errors
    ///
    /// `wamp.error.invalid_argument` in strict handlers that are given too much.
    pub(crate) fn bind(&mut self, strict: bool) -> Result<(), CallError> {
        let call = self.call;
        let mut elements = call.payload.elements();
        let mut given = 0;
        for (value, param) in self.values.iter_mut().zip(self.params) {
            match param.source {
                Source::Wire => {
                    if let Some(raw) = elements.next() {
                        *value = Value::Positional(given, raw);
                        given += 1;
                    }
                }
                Source::Capture => {
                    if let Some(component) = call.capture(param.name) {
                        *value = Value::Capture(component);
                    }
                }
                Source::Context => {}
            }
        }
        if strict && !call.takes_args() && elements.next().is_some() {
            let given = given as usize;
            let all = given + 1 + elements.count();
            return Err(CallError::too_many_arguments(given, all));
        }
        if call.payload.kwargs_raw().is_some() {
            bind_keywords(&mut self.values, self.params, strict, call)?;
        }
        Ok(())
    }

    /// The value of parameter `i`.
    ///
    /// # Errors
    ///
    /// `wamp.error.invalid_argument` if it is missing or of another type; whatever a [`FromCall`](super::FromCall) type says.
    #[inline]
    pub(crate) fn get<T: Argument<'c, Via>, Via>(
        &self,
        i: usize,
    ) -> impl Future<Output = Result<T, CallError>> + Send + use<'c, T, Via> {
        let slot = Slot {
            name: self.params.get(i).map_or("", |param| param.name),
            value: self.values.get(i).copied().unwrap_or(Value::Absent),
        };
        T::extract(self.call, slot)
    }
}

fn bind_keywords<'c>(
    values: &mut [Value<'c>],
    params: &'static [Param],
    strict: bool,
    call: &'c Call,
) -> Result<(), CallError> {
    for (name, raw) in call.payload.entries() {
        let wanted = values.iter_mut().zip(params).find(|(_, param)| {
            param.source == Source::Wire && !param.name.is_empty() && param.name == name
        });
        match wanted {
            Some((value, _)) if matches!(value, Value::Absent) => {
                *value = Value::Keyword(raw);
            }
            Some(_) if strict => return Err(CallError::repeated_argument(&name)),
            None if strict && !call.takes_kwargs() => {
                return Err(CallError::unexpected_argument(&name));
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}
