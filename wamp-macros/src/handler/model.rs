//! An annotated function after everything was checked that a macro can check.

use proc_macro2::{Ident, TokenStream};
use syn::{FnArg, Path, Receiver, ReceiverKind};

use super::function::Function;
use super::kind::Kind;
use super::options::Options;
use super::param::Param;
use super::place::Place;
use crate::errors::Errors;
use crate::uri::Form;

/// A handler that can be expanded.
pub(crate) struct Handler {
    pub(crate) kind: Kind,
    pub(crate) options: Options,
    /// Without `#[arg]`s.
    pub(crate) function: Function,
    pub(crate) params: Vec<Described>,
    pub(crate) called: Called,
}

/// How the function is called.
pub(crate) enum Called {
    /// By its name.
    Function,
    /// On `self`.
    Method,
    /// On `self`, by way of this trait, which has a constant that says the rest.
    ApiMethod { api: Path, constant: Ident },
}

impl Called {
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Function => Place::Function,
            Self::Method => Place::Method,
            Self::ApiMethod { .. } => Place::ApiMethod,
        }
    }
}

/// One parameter, ready to be described to the runtime.
pub(crate) struct Described {
    /// On the wire, or that of the capture; empty for a parameter that has a position only.
    pub(crate) name: String,
    pub(crate) ty: TokenStream,
    pub(crate) binding: Binding,
}

/// What is known, without types, about where the value of a parameter comes from.
pub(crate) enum Binding {
    /// A `{name}` of the URI.
    Captured,
    /// The caller, or else this expression.
    Sent { default: TokenStream },
    /// The server.
    Supplied,
    /// The caller or the server: the type decides.
    ByType,
}

impl Handler {
    /// Puts the parts together and reports where they contradict each other.
    pub(crate) fn new(
        kind: Kind,
        options: Options,
        mut function: Function,
        called: Called,
        errors: &mut Errors,
    ) -> Self {
        function.check(kind, errors);
        if let (Some(word), true) = (&options.blocking, function.is_async()) {
            errors.at(
                word,
                "an `async fn` must not block: remove `async`, or `blocking`",
            );
        }
        let params = take_params(kind, called.place(), &mut function, errors);
        check_captures(&options, &params, errors);
        let mut handler = Self {
            kind,
            options,
            function,
            params: Vec::with_capacity(params.len()),
            called,
        };
        for param in params {
            handler.describe(param, errors);
        }
        handler
    }

    fn describe(&mut self, param: Param, errors: &mut Errors) {
        let Param {
            name,
            is_named,
            ty,
            default,
            pat,
            arg,
        } = param;
        let uri = self.options.uri.as_ref();
        let is_capture = name
            .as_ref()
            .is_some_and(|name| uri.is_some_and(|uri| uri.captures.contains(name)));
        let takes_arguments = self.kind.takes_arguments();

        if is_capture && default.is_some() {
            errors.at(
                &arg,
                "a part of the URI is always there: it needs no default",
            );
        }
        if !is_capture && !takes_arguments && arg.is_some() {
            let message = format!(
                "a {} has no arguments: clients send none when it runs",
                self.kind.attribute()
            );
            errors.at(&arg, message);
        }

        if is_named && self.called.place() == Place::ApiMethod {
            errors.at(
                &arg,
                "the trait says how callers name it: remove the name here",
            );
        }
        let name = name.unwrap_or_default();
        // The name of a capture is written in the URI, in its own spelling.
        let name = if is_capture || is_named {
            name
        } else {
            self.options.rename_all.apply(&name)
        };
        if !name.is_empty() && self.params.iter().any(|other| other.name == name) {
            errors.at(
                &pat,
                format!("there is another parameter with the name `{name}`"),
            );
        }
        let binding = match default {
            _ if is_capture => Binding::Captured,
            _ if !takes_arguments => Binding::Supplied,
            Some(default) => Binding::Sent { default },
            None => Binding::ByType,
        };
        self.params.push(Described { name, ty, binding });
    }
}

fn take_params(
    kind: Kind,
    place: Place,
    function: &mut Function,
    errors: &mut Errors,
) -> Vec<Param> {
    let attribute = kind.attribute();
    let lifetimes = function.lifetimes();
    if place != Place::Function && function.sig.receiver().is_none() {
        let message = format!("a {attribute} of a service takes `&self`");
        errors.at(&function.sig.ident, message);
    }
    let mut params = Vec::new();
    for input in &mut function.sig.inputs {
        match input {
            FnArg::Receiver(receiver) if place == Place::Function => {
                let message = format!(
                    "a {attribute} is a free function: it has no `self`. Methods need `#[service]` on their `impl`"
                );
                errors.at(receiver, message);
            }
            FnArg::Receiver(receiver) if !is_shared(receiver) => {
                let message = format!(
                    "a {attribute} of a service takes `&self`: calls share it, and run at the same time"
                );
                errors.at(receiver, message);
            }
            FnArg::Receiver(_) => {}
            FnArg::Typed(typed) => params.push(Param::take(typed, &lifetimes, errors)),
        }
    }
    params
}

/// Whether it is `&self`.
fn is_shared(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Reference(_, _, None))
}

/// Every `{name}` must be wanted by someone. What a regular expression captures is for the runtime to know.
fn check_captures(options: &Options, params: &[Param], errors: &mut Errors) {
    let Some(uri) = options
        .uri
        .as_ref()
        .filter(|uri| uri.form == Form::Template)
    else {
        return;
    };
    for capture in &uri.captures {
        if !params
            .iter()
            .any(|param| param.name.as_ref() == Some(capture))
        {
            let message = format!(
                "`{{{capture}}}` names no parameter: add `{capture}: &str` or another type to the function"
            );
            errors.at(&uri.literal, message);
        }
    }
}
