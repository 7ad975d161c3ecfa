//! The closure that runs the function: arguments in, outcome out.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ReturnType;
use syn::spanned::Spanned;

use super::kind::Kind;
use super::model::{Binding, Described, Handler};
use crate::span::shown_at;

/// `|call| …`, a `fn(Call) -> Invoke`.
pub(crate) fn closure(handler: &Handler) -> TokenStream {
    let call = local("call", Span::call_site());
    let body = body(handler);
    let invoke = quote! { |#call| __rt::Box::pin(async move { #body }) };
    if handler.options.blocking.is_some() {
        quote! { |#call| __rt::blocking(#call, #invoke) }
    } else {
        invoke
    }
}

fn body(handler: &Handler) -> TokenStream {
    let (call, bound) = (
        local("call", Span::call_site()),
        local("bound", Span::call_site()),
    );
    let bind = quote! { __rt::Bound::new(__DEFINITION.params, __DEFINITION.strict, &#call)? };
    let bind = if handler.params.is_empty() {
        quote! { #bind; }
    } else {
        quote! { let #bound = #bind; }
    };
    let finish = finish(handler, &call);
    // Traits whose methods give way to others: whether they are used depends on types.
    let fallbacks = match handler.kind {
        Kind::Procedure | Kind::Subscriber => quote! { Infallible as _ },
        Kind::Session => quote! { HoldGuard as _, Infallible as _ },
        Kind::Topic => quote! { HoldGuard as _, HoldStream as _, Infallible as _ },
    };
    quote! {
        #[allow(unused_imports)]
        use __rt::{#fallbacks};
        #bind
        #finish
    }
}

/// Calls the function and hands on what it returns. Whatever is wrong with that is shown at the return type.
fn finish(handler: &Handler, call: &Ident) -> TokenStream {
    let place = match &handler.function.sig.output {
        ReturnType::Default => handler.function.sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let returned = returned(handler);
    let value = quote_spanned! {shown_at(place)=> __rt::Returned(#returned).split()? };
    match handler.kind {
        Kind::Procedure => quote_spanned! {shown_at(place)=> __rt::reply(&#call, #value).await },
        Kind::Subscriber => quote_spanned! {shown_at(place)=> __rt::done(#value) },
        Kind::Session | Kind::Topic => {
            quote_spanned! {shown_at(place)=> __rt::Hold::new(#value).hold(&#call).await }
        }
    }
}

fn returned(handler: &Handler) -> TokenStream {
    let name = &handler.function.sig.ident;
    let arguments = handler.params.iter().enumerate().map(argument);
    let called = quote! { #name(#(#arguments),*) };
    if handler.function.is_async() {
        let place = name.span();
        quote_spanned! {shown_at(place)=> __rt::must_be_send(#called).await }
    } else {
        called
    }
}

fn argument((i, Described { ty, binding, .. }): (usize, &Described)) -> TokenStream {
    let place = ty.span();
    let bound = local("bound", place);
    match binding {
        Binding::Sent { default } => {
            quote_spanned! {shown_at(place)=> #bound.get_or::<#ty, _>(#i, #default).await? }
        }
        Binding::Captured | Binding::Supplied | Binding::ByType => {
            quote_spanned! {shown_at(place)=> #bound.get::<#ty, _>(#i).await? }
        }
    }
}

/// A local that neither the user's parameters nor their defaults can collide with.
fn local(name: &str, place: Span) -> Ident {
    Ident::new(name, shown_at(place))
}
