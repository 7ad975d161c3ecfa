//! The closure that runs the function: arguments in, outcome out.
//!
//! Every user pays for it at every `cargo check`, hence the work is done by functions of the runtime, and there are as few `.await`s
//! and `?`s as can be. `wamp-server/examples/check_cost.rs` tells what one costs.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::ReturnType;
use syn::spanned::Spanned;

use super::kind::Kind;
use super::model::{Binding, Called, Described, Handler};
use crate::span::{local, shown_at};

/// `|call| …`, a `fn(Call) -> Invoke`.
pub(crate) fn closure(handler: &Handler) -> TokenStream {
    let call = local("call");
    let body = body(handler, &call);
    let invoke = quote! { |#call| __rt::boxed(async move { #body }) };
    if handler.options.blocking.is_some() {
        quote! { |#call| __rt::blocking(#call, #invoke) }
    } else {
        invoke
    }
}

fn body(handler: &Handler, call: &Ident) -> TokenStream {
    // Traits whose methods give way to others: whether they are used depends on types.
    let fallbacks = match handler.kind {
        Kind::Procedure | Kind::Subscriber => quote! { Infallible as _ },
        Kind::Session => quote! { HoldGuard as _, Infallible as _ },
        Kind::Topic => quote! { HoldGuard as _, HoldStream as _, Infallible as _ },
    };
    let arguments = local("arguments");
    let wanted = handler.params.iter().map(wanted);
    let (service, definition) = (local("service"), local("definition"));
    let (instance, definition) = match handler.called {
        Called::Function => (None, quote! { &__DEFINITION }),
        Called::Method | Called::ApiMethod { .. } => {
            let instance = quote! {
                let (#service, #definition) = __rt::instance::<Self>(&#call)?;
            };
            (Some(instance), quote! { #definition })
        }
    };
    let place = handler.function.sig.ident.span();
    let extract = quote_spanned! {shown_at(place)=>
        __rt::Arguments::extract((#(#wanted,)*), #definition, &#call).await?
    };
    let extract = if handler.params.is_empty() {
        quote! { #extract; }
    } else {
        quote! { let #arguments = #extract; }
    };
    let finish = finish(handler, call, &arguments);
    quote! {
        #[allow(unused_imports)]
        use __rt::{#fallbacks};
        #instance
        #extract
        #finish
    }
}

fn wanted(Described { ty, binding, .. }: &Described) -> TokenStream {
    let ty = match binding {
        Binding::Sent { .. } => quote! { __rt::Given<#ty> },
        Binding::Captured | Binding::Supplied | Binding::ByType => quote! { #ty },
    };
    quote! { __rt::want::<#ty>() }
}

/// Calls the function and hands on what it returns. Whatever is wrong with that is shown at the return type.
fn finish(handler: &Handler, call: &Ident, arguments: &Ident) -> TokenStream {
    let place = match &handler.function.sig.output {
        ReturnType::Default => handler.function.sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let returned = returned(handler, arguments);
    let value = quote_spanned! {shown_at(place)=> __rt::Returned(#returned).split() };
    match handler.kind {
        Kind::Procedure => quote_spanned! {shown_at(place)=> __rt::reply(&#call, #value).await },
        Kind::Subscriber => quote_spanned! {shown_at(place)=> __rt::done(#value) },
        Kind::Session | Kind::Topic => {
            quote_spanned! {shown_at(place)=> __rt::Hold::new(#value?).hold(&#call).await }
        }
    }
}

fn returned(handler: &Handler, arguments: &Ident) -> TokenStream {
    let name = &handler.function.sig.ident;
    let values = handler.params.iter().enumerate().map(|(i, param)| {
        let i = Literal::usize_unsuffixed(i);
        match &param.binding {
            Binding::Sent { default } => quote! { #arguments.#i.or(#default) },
            Binding::Captured | Binding::Supplied | Binding::ByType => quote! { #arguments.#i },
        }
    });
    let place = shown_at(name.span());
    let service = local("service");
    let called = match &handler.called {
        Called::Function => quote_spanned! {place=> #name(#(#values),*) },
        Called::Method => quote_spanned! {place=> Self::#name(#service #(, #values)*) },
        Called::ApiMethod { api, .. } => {
            quote_spanned! {place=> <Self as #api>::#name(#service #(, #values)*) }
        }
    };
    if handler.function.is_async() {
        quote_spanned! {place=> __rt::must_be_send(#called).await }
    } else {
        called
    }
}
