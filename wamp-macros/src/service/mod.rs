//! `#[service] impl Docs { … }` and `#[service] impl Api for Docs { … }`: methods as handlers.
//!
//! [`options`] reads what stands in the attribute, [`block`] what it stands on; [`model`] makes handlers of the methods, and [`expand`] cannot
//! fail. On a trait it says what [`api`](crate::api) reads, without a client.

mod block;
mod expand;
mod model;
mod options;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Result, Token, Visibility};

use self::block::Block;
use self::model::Service;
pub(crate) use self::model::constant;
use self::options::Options;
use crate::errors::Errors;
use crate::{api, runtime::Runtime};

/// The whole attribute.
pub(crate) fn attribute(options: TokenStream, item: TokenStream) -> TokenStream {
    if is_trait(&item) {
        return api::attribute(Runtime::Server, options, item);
    }
    let mut errors = Errors::default();
    let options = Options::parse(options, &mut errors);
    let Some(block) = errors.keep(Block::read(item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let service = Service::new(options, block, &mut errors);
    expand::service(&service, errors)
}

fn is_trait(item: &TokenStream) -> bool {
    let head = |input: ParseStream<'_>| -> Result<bool> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Option<Token![unsafe]>>()?;
        let is_trait = input.peek(Token![trait]);
        input.parse::<TokenStream>()?;
        Ok(is_trait)
    };
    head.parse2(item.clone()).unwrap_or(false)
}
