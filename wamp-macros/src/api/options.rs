//! What stands in the attributes: `#[client(prefix = "docs")]`, and `#[procedure("getDocument", kwargs)]` on the methods.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Error, Lit, LitStr, Path, Result, Type};

use crate::errors::Errors;
use crate::handler::rename::Rename;
use crate::list;
use crate::runtime::Runtime;
use crate::uri::{self, Uri};

/// The options of the trait.
pub(crate) struct ApiOptions {
    /// What all URIs begin with, without the dot that follows.
    pub(crate) prefix: Option<LitStr>,
    /// How methods and their parameters are named on the wire.
    pub(crate) rename_all: Option<Rename>,
    pub(crate) krate: Path,
}

impl ApiOptions {
    pub(crate) fn parse(runtime: Runtime, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self {
            prefix: None,
            rename_all: None,
            krate: runtime.path(),
        };
        let mut seen = Vec::new();
        list::each(tokens, errors, |input, _| {
            let key = key(input, &mut seen)?;
            match key.to_string().as_str() {
                "prefix" => {
                    let prefix = list::value(input, &key, r#"prefix = "docs""#)?;
                    uri::check_plain(&prefix)?;
                    options.prefix = Some(prefix);
                }
                "rename_all" => options.rename_all = Some(rename_all(input, &key)?),
                "crate" => options.krate = list::value(input, &key, runtime.example())?,
                _ => {
                    let attribute = runtime.attribute();
                    let message = format!(
                        "`#[{attribute}]` on a trait has no option `{key}`; it has `prefix`, `rename_all`, `crate`"
                    );
                    return Err(Error::new_spanned(key, message));
                }
            }
            Ok(())
        });
        options
    }
}

/// The options of one method.
#[derive(Default)]
pub(crate) struct MethodOptions {
    pub(crate) uri: Option<Uri>,
    /// Whether arguments are sent by name.
    pub(crate) kwargs: bool,
    /// What comes before the result.
    pub(crate) progress: Option<TokenStream>,
    pub(crate) rename_all: Option<Rename>,
}

const KNOWN: &str = "a URI, `kwargs`, `progress`, `rename_all`";

impl MethodOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let mut seen = Vec::new();
        list::each(tokens, errors, |input, _| {
            if input.peek(Lit) {
                return options.positional(input);
            }
            let key = key(input, &mut seen)?;
            match key.to_string().as_str() {
                "kwargs" => {
                    list::flag(input, &key)?;
                    options.kwargs = true;
                }
                "progress" => {
                    let ty: Type = list::value(input, &key, "progress = Percent")?;
                    options.progress = Some(ty.to_token_stream());
                }
                "rename_all" => options.rename_all = Some(rename_all(input, &key)?),
                "prefix" | "regex" => {
                    let message = "a client has to know what to call: write one URI";
                    return Err(Error::new_spanned(key, message));
                }
                "realm" | "strict" | "timeout" | "concurrency" | "roles" | "disclose_caller"
                | "blocking" => {
                    let message = format!(
                        "`{key}` is for those who serve it: say it on the method in `#[service] impl`"
                    );
                    return Err(Error::new_spanned(key, message));
                }
                _ => {
                    let message =
                        format!("`#[procedure]` in a trait has no option `{key}`; it has {KNOWN}");
                    return Err(Error::new_spanned(key, message));
                }
            }
            Ok(())
        });
        options
    }

    fn positional(&mut self, input: ParseStream<'_>) -> Result<()> {
        let literal: Lit = input.parse()?;
        if self.uri.is_some() {
            return Err(Error::new_spanned(literal, "the URI is given twice"));
        }
        let Lit::Str(literal) = literal else {
            let message = "the URI is a string, as in `\"com.example.add\"`";
            return Err(Error::new_spanned(literal, message));
        };
        uri::check_plain(&literal)?;
        self.uri = Some(Uri::template(literal)?);
        Ok(())
    }
}

fn key(input: ParseStream<'_>, seen: &mut Vec<Ident>) -> Result<Ident> {
    let key = list::key(input)?;
    if seen.contains(&key) {
        return Err(Error::new_spanned(&key, format!("`{key}` is given twice")));
    }
    seen.push(key.clone());
    Ok(key)
}

fn rename_all(input: ParseStream<'_>, key: &Ident) -> Result<Rename> {
    Rename::from_literal(&list::value(input, key, r#"rename_all = "camelCase""#)?)
}
