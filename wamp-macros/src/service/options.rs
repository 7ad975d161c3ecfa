//! What stands in the attribute: `#[service(prefix = "docs", rename_all = "camelCase")]`.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, LitStr, Path, Result, Token, parenthesized, token};

use crate::errors::Errors;
use crate::handler::rename::Rename;
use crate::runtime::Runtime;
use crate::{list, uri};

/// The options of one block.
pub(crate) struct Options {
    /// What all URIs begin with, without the dot that follows.
    pub(crate) prefix: Option<LitStr>,
    /// How methods and their parameters are named on the wire. With the word itself, for errors.
    pub(crate) rename_all: Option<(Ident, Rename)>,
    /// Whether another block serves this one, too.
    pub(crate) part: Option<Ident>,
    /// The traits whose blocks are served, too.
    pub(crate) parts: Vec<Ident>,
    pub(crate) krate: Path,
}

const KNOWN: &str = "`prefix`, `rename_all`, `part`, `parts`, `crate`";

impl Options {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self {
            prefix: None,
            rename_all: None,
            part: None,
            parts: Vec::new(),
            krate: Runtime::Server.path(),
        };
        let mut seen = Vec::new();
        list::each(tokens, errors, |input, _| {
            let key = list::key(input)?;
            if seen.contains(&key) {
                return Err(Error::new_spanned(&key, format!("`{key}` is given twice")));
            }
            seen.push(key.clone());
            options.set(&key, input)
        });
        options
    }

    fn set(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        match key.to_string().as_str() {
            "prefix" => {
                let prefix = list::value(input, key, r#"prefix = "docs""#)?;
                uri::check_plain(&prefix)?;
                self.prefix = Some(prefix);
            }
            "rename_all" => {
                let rule = list::value(input, key, r#"rename_all = "camelCase""#)?;
                self.rename_all = Some((key.clone(), Rename::from_literal(&rule)?));
            }
            "part" => {
                list::flag(input, key)?;
                self.part = Some(key.clone());
            }
            "parts" => self.parts = parts(input, key)?,
            "crate" => self.krate = list::value(input, key, "crate = path::to::wamp_server")?,
            _ => {
                let message = format!("`#[service]` has no option `{key}`; it has {KNOWN}");
                return Err(Error::new_spanned(key, message));
            }
        }
        Ok(())
    }
}

/// `(Docs, Admin)`.
fn parts(input: ParseStream<'_>, key: &Ident) -> Result<Vec<Ident>> {
    let expected = "`parts` needs the names of traits, as in `parts(Docs, Admin)`";
    if !input.peek(token::Paren) {
        return Err(Error::new_spanned(key, expected));
    }
    let content;
    parenthesized!(content in input);
    let tokens: TokenStream = content.parse()?;
    let names = |input: ParseStream<'_>| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
    };
    let names = names.parse2(tokens);
    let names = names.map_err(|error| Error::new(error.span(), expected))?;
    Ok(names.into_iter().collect())
}
