//! Model in, tokens out. Nothing here can fail.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::docs::docs;
use super::invoke;
use super::kind::Kind;
use super::model::{Binding, Called, Described, Handler};
use super::timeout::Timeout;
use crate::span::shown_at;
use crate::uri::Form;

/// The function, its descriptor, and the registration of the latter.
pub(crate) fn handler(handler: &Handler) -> TokenStream {
    let function = handler.function.tokens();
    // The attribute asks for `async`, so nobody but us is to blame when there is nothing to await.
    let allow_unused_async = handler.function.is_async().then(|| {
        quote! { #[allow(clippy::unused_async, reason = "handlers may be `async` without need")] }
    });
    let marker = marker(handler);
    let definition = definition(handler);
    let implementation = implementation(handler, &quote! { &__DEFINITION });
    let descriptor = scope(
        handler,
        &quote! {
            #definition
            #implementation
            __rt::submit! { __rt::Registration(&__DEFINITION) }
        },
    );
    quote! {
        #allow_unused_async
        #function
        #marker
        #descriptor
    }
}

/// Puts `items` where they see the runtime as `__rt` and nobody sees them.
///
/// Items are not hygienic: the user's types and expressions among them see the names of ours, hence the underscores.
pub(crate) fn scope(handler: &Handler, items: &TokenStream) -> TokenStream {
    let cfgs = handler.function.cfgs();
    let krate = &handler.options.krate;
    quote! {
        #cfgs
        #[allow(deprecated)]
        const _: () = {
            use #krate::__private as __rt;
            #items
        };
    }
}

/// A type with the function's name. Functions live in another namespace than types, so one `use` imports both.
pub(crate) fn marker(handler: &Handler) -> TokenStream {
    let (vis, name) = (&handler.function.vis, &handler.function.sig.ident);
    let cfgs = handler.function.cfgs();
    quote! {
        #cfgs
        #[doc(hidden)]
        #[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
        #vis struct #name {}
    }
}

/// What makes the marker usable in `procedures![…]` and its siblings.
pub(crate) fn implementation(handler: &Handler, definition: &TokenStream) -> TokenStream {
    let name = &handler.function.sig.ident;
    let described = match handler.kind {
        Kind::Procedure => quote! { Procedure },
        Kind::Session => quote! { SessionHandler },
        Kind::Subscriber => quote! { Subscriber },
        Kind::Topic => quote! { TopicHandler },
    };
    quote! {
        impl __rt::#described for #name {
            const DEFINITION: &'static __rt::Definition = #definition;
        }
    }
}

/// The static that both roads to the function lead to.
fn definition(handler: &Handler) -> TokenStream {
    let described = described(handler);
    quote! {
        static __DEFINITION: __rt::Definition = #described;
    }
}

/// What the function says about itself.
pub(crate) fn described(handler: &Handler) -> TokenStream {
    let name = &handler.function.sig.ident;
    let kind = match handler.kind {
        Kind::Procedure => quote! { Procedure },
        Kind::Session => quote! { Session },
        Kind::Subscriber => quote! { Subscriber },
        Kind::Topic => quote! { Topic },
    };
    let uri = uri(handler);
    let text = name.unraw().to_string();
    let docs = docs(&handler.function.attrs);
    let docs = match declared(handler) {
        Some(declared) => quote! { #declared.docs_or(#docs) },
        None => docs,
    };
    // With the function's own span, context included: `line!` looks for the outermost macro, which would be the attribute.
    let location = quote_spanned! {name.span()=> file: ::core::file!(), line: ::core::line!() };
    let realm = option(handler.options.realm.as_ref());
    let strict = handler.options.strict;
    let timeout = match handler.options.timeout {
        Timeout::Default => quote! { Default },
        Timeout::None => quote! { None },
        Timeout::Millis(millis) => quote! { After(__rt::Duration::from_millis(#millis)) },
    };
    let concurrency = option(handler.options.concurrency.as_ref());
    let roles = &handler.options.roles;
    let disclose_caller = handler.options.disclose_caller;
    let authenticated = !handler.options.unauthenticated;
    let params = handler.params.iter().enumerate();
    let params = params.map(|(i, param)| description(handler, i, param));
    let invoke = invoke::closure(handler);
    quote! {
        __rt::Definition {
            kind: __rt::Kind::#kind,
            uri: #uri,
            name: #text,
            docs: #docs,
            module: ::core::module_path!(),
            location: __rt::Location { #location },
            realm: #realm,
            strict: #strict,
            timeout: __rt::Timeout::#timeout,
            concurrency: #concurrency,
            roles: &[#(#roles),*],
            disclose_caller: #disclose_caller,
            authenticated: #authenticated,
            params: &[#(#params),*],
            invoke: #invoke,
        }
    }
}

/// The constant of the trait that says the rest of a method.
fn declared(handler: &Handler) -> Option<TokenStream> {
    match &handler.called {
        Called::Function | Called::Method => None,
        Called::ApiMethod { api, constant } => Some(quote! { <Self as #api>::#constant }),
    }
}

fn uri(handler: &Handler) -> TokenStream {
    if let Some(declared) = declared(handler) {
        return quote! { __rt::UriSpec::Template(#declared.uri) };
    }
    let Some(uri) = &handler.options.uri else {
        return quote! { __rt::UriSpec::None };
    };
    let literal = &uri.literal;
    match uri.form {
        Form::Template => quote! { __rt::UriSpec::Template(#literal) },
        Form::Prefix => quote! { __rt::UriSpec::Prefix(#literal) },
        Form::Regex => quote! { __rt::UriSpec::Regex(#literal) },
    }
}

fn description(
    handler: &Handler,
    i: usize,
    Described { name, ty, binding }: &Described,
) -> TokenStream {
    let name = match declared(handler) {
        Some(declared) => quote! { #declared.param(#i) },
        None => quote! { #name },
    };
    let describe = match binding {
        Binding::Captured => quote! { capture::<#ty> },
        Binding::Sent { .. } => quote! { with_default::<#ty> },
        Binding::Supplied => quote! { supplied::<#ty> },
        Binding::ByType => quote! { of::<#ty, _> },
    };
    quote_spanned! {shown_at(ty.span())=> __rt::Param::#describe(#name) }
}

fn option(value: Option<&impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote! { ::core::option::Option::Some(#value) },
        None => quote! { ::core::option::Option::None },
    }
}
