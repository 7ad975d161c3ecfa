//! Binds what a caller sent to the parameters of a handler. Not generic: compiled once, called by every handler.

use smallvec::SmallVec;

use super::argument::{Argument, Slot, Source, Value};
use super::{Call, CallError, Param};

/// A call's values, bound to the declared parameters.
///
/// Positional arguments fill the parameters that the caller sends, in order; keywords fill those that are left, by name. What
/// is surplus or repeated is ignored, unless the handler is strict.
#[derive(Debug)]
pub struct Bound<'c> {
    call: &'c Call,
    slots: SmallVec<[Slot<'c>; 6]>,
}

impl<'c> Bound<'c> {
    /// Binds `call` to `params`.
    ///
    /// # Errors
    ///
    /// `wamp.error.invalid_argument` in strict handlers that are given too much.
    pub fn new(params: &'static [Param], strict: bool, call: &'c Call) -> Result<Self, CallError> {
        let format = call.payload.format();
        let mut slots = params
            .iter()
            .map(|param| Slot {
                name: param.name,
                value: match param.source {
                    Source::Capture => call
                        .capture(param.name)
                        .map_or(Value::Absent, Value::Capture),
                    Source::Wire | Source::Context => Value::Absent,
                },
            })
            .collect::<SmallVec<[Slot<'c>; 6]>>();

        let mut elements = call.payload.elements();
        let mut index = 0;
        for (slot, param) in slots.iter_mut().zip(params) {
            if param.source == Source::Wire {
                let Some(raw) = elements.next() else { break };
                slot.value = Value::Positional(index, format, raw);
                index += 1;
            }
        }
        if strict && !call.takes_args() && elements.next().is_some() {
            return Err(CallError::too_many_arguments(
                index as usize,
                index as usize + 1 + elements.count(),
            ));
        }
        if call.payload.kwargs_raw().is_some() {
            bind_keywords(&mut slots, params, strict, call)?;
        }
        Ok(Self { call, slots })
    }

    /// The value of parameter `i`.
    ///
    /// # Errors
    ///
    /// `wamp.error.invalid_argument` if it is missing or of another type; whatever a [`FromCall`](super::FromCall) type says.
    #[inline]
    pub fn get<T: Argument<'c, Via>, Via>(
        &self,
        i: usize,
    ) -> impl Future<Output = Result<T, CallError>> + Send + use<'c, T, Via> {
        let slot = self.slots.get(i).copied();
        T::extract(
            self.call,
            slot.expect("the macros ask for declared parameters only"),
        )
    }

    /// The value of parameter `i`, or `default()` where the caller gave none.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), but for a missing value.
    #[inline]
    pub async fn get_or<T: Argument<'c, Via>, Via>(
        &self,
        i: usize,
        default: impl FnOnce() -> T + Send,
    ) -> Result<T, CallError> {
        match self.slots.get(i) {
            Some(Slot {
                value: Value::Absent,
                ..
            }) => Ok(default()),
            _ => self.get(i).await,
        }
    }
}

fn bind_keywords<'c>(
    slots: &mut [Slot<'c>],
    params: &'static [Param],
    strict: bool,
    call: &'c Call,
) -> Result<(), CallError> {
    let format = call.payload.format();
    for (name, raw) in call.payload.entries() {
        let wanted = slots.iter_mut().zip(params).find(|(_, param)| {
            param.source == Source::Wire && !param.name.is_empty() && param.name == name
        });
        match wanted {
            Some((slot, _)) if matches!(slot.value, Value::Absent) => {
                slot.value = Value::Keyword(format, raw);
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
