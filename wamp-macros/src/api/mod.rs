//! `#[client] trait Api` and `#[service] trait Api`: a trait that both sides share.
//!
//! [`options`] reads the attributes, [`declaration`] the trait, [`returned`] what its methods give; [`model`] puts them together. [`expand`] writes the trait and [`caller`] the
//! client; neither can fail.

mod caller;
mod declaration;
mod expand;
mod model;
mod options;
mod returned;

use proc_macro2::TokenStream;

use self::declaration::Declaration;
use self::model::Api;
use self::options::ApiOptions;
use crate::errors::Errors;
use crate::runtime::Runtime;

/// The whole attribute.
pub(crate) fn attribute(runtime: Runtime, options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = ApiOptions::parse(runtime, options, &mut errors);
    let Some(declaration) = errors.keep(Declaration::read(runtime, item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let api = Api::new(options, declaration, &mut errors);
    let declared = expand::api(&api);
    let client = match runtime {
        Runtime::Client => caller::client(&api, !errors.is_empty()),
        Runtime::Server => TokenStream::new(),
    };
    let errors = errors.into_tokens();
    [declared, client, errors].into_iter().collect()
}
