//! Model in, tokens out. Nothing here can fail.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::model::{Served, Service};
use crate::errors::Errors;
use crate::handler::expand::described;
use crate::handler::function::cfgs;
use crate::handler::model::Handler;
use crate::span::{local, shown_at};

/// The block, and what makes its type a service. With mistakes, one that has no methods.
pub(crate) fn service(service: &Service, errors: Errors) -> TokenStream {
    let block = block(service);
    let methods = if errors.is_empty() {
        methods(service)
    } else {
        TokenStream::new()
    };
    let implementation = match part(service) {
        Some(name) => part_method(service, &name, &methods),
        None => implementation(service, &methods),
    };
    let (cfgs, krate) = (cfgs(&service.block.attrs), &service.options.krate);
    let errors = errors.into_tokens();
    quote! {
        #block
        #cfgs
        #[allow(deprecated)]
        const _: () = {
            use #krate::__private as __rt;
            #implementation
        };
        #errors
    }
}

/// What the user wrote, without the attributes that were taken away since.
fn block(service: &Service) -> TokenStream {
    let (attrs, head) = (&service.block.attrs, service.block.head());
    let is_api = service.block.api.is_some();
    let items = service.items.iter().map(|item| match item {
        Served::Other(tokens) => tokens.clone(),
        Served::Handler(handler) => {
            let function = handler.function.tokens();
            // The attribute asks for `&self`, and in part for `async`, so nobody is to blame when they are not needed.
            let allow = (!is_api).then(|| {
                quote! {
                    #[allow(
                        clippy::unused_async,
                        clippy::unused_self,
                        reason = "methods of a service have them without need"
                    )]
                }
            });
            quote! { #allow #function }
        }
    });
    quote! { #(#attrs)* #head { #(#items)* } }
}

/// Tells the runtime of each method.
fn methods(service: &Service) -> TokenStream {
    let found = local("methods");
    let methods = service.handlers().map(|handler| method(handler, &found));
    let methods = quote! { #(#methods)* };
    // Blocks without trait have it in their URIs.
    let prefix = service.options.prefix.as_ref();
    let prefix = prefix.filter(|_| service.block.api.is_some());
    let methods = match prefix {
        Some(prefix) => quote! { __rt::Methods::under(#found, #prefix, |#found| { #methods }); },
        None => methods,
    };
    let parts = service.options.parts.iter().map(|api| {
        let name = part_name(api);
        quote! { Self::#name(#found); }
    });
    quote! { #methods #(#parts)* }
}

fn method(handler: &Handler, found: &Ident) -> TokenStream {
    let (cfgs, described) = (handler.function.cfgs(), described(handler));
    quote! {
        #cfgs
        __rt::Methods::add(#found, const { &#described });
    }
}

fn implementation(service: &Service, methods: &TokenStream) -> TokenStream {
    let found = local("methods");
    let (generics, _, bounds) = service.block.generics.split_for_impl();
    let ty = &service.block.ty;
    let place = quote_spanned! {shown_at(ty.span())=> __rt::Service };
    quote! {
        #[automatically_derived]
        impl #generics #place for #ty #bounds {
            #[allow(unused_variables)]
            fn methods(#found: &mut __rt::Methods) {
                #methods
            }
        }
    }
}

/// What the block with `parts(…)` calls.
fn part_method(service: &Service, name: &Ident, methods: &TokenStream) -> TokenStream {
    let found = local("methods");
    let (generics, _, bounds) = service.block.generics.split_for_impl();
    let ty = &service.block.ty;
    quote! {
        impl #generics #ty #bounds {
            #[doc(hidden)]
            #[allow(non_snake_case, unreachable_pub, unused_variables)]
            pub(crate) fn #name(#found: &mut __rt::Methods) {
                #methods
            }
        }
    }
}

fn part(service: &Service) -> Option<Ident> {
    service.options.part.as_ref()?;
    service.block.api.as_ref().and_then(last).map(part_name)
}

fn last(path: &Path) -> Option<&Ident> {
    path.segments.last().map(|segment| &segment.ident)
}

/// Its name is what the compiler shows where there is no such part.
fn part_name(api: &Ident) -> Ident {
    format_ident!("__part_{}", api.unraw(), span = shown_at(api.span()))
}
