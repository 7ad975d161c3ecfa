//! `#[arg]`, `#[kwarg(name = "…")]`, `#[from]` and `#[source]`.

use proc_macro2::Ident;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Field as SynField, LitStr, Member, Meta, Type};

use crate::errors::Errors;
use crate::list;
use crate::span::shown_at;

/// One field of a variant.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    /// How patterns and expressions name it.
    pub(crate) member: Member,
    /// The variable that holds it.
    pub(crate) variable: Ident,
    pub(crate) ty: &'a Type,
    pub(crate) sent: Option<Sent<'a>>,
    /// The `#[from]`.
    pub(crate) from: Option<&'a Attribute>,
    /// Whether it is why the error happened, by attribute or because it is called `source`.
    pub(crate) is_source: bool,
}

/// How a field is sent, and the attribute that says so.
#[derive(Clone)]
pub(crate) struct Sent<'a> {
    pub(crate) by: &'a Attribute,
    /// The keyword; `None` is a positional argument.
    pub(crate) keyword: Option<String>,
}

impl<'a> Field<'a> {
    pub(crate) fn new(index: usize, field: &'a SynField, errors: &mut Errors) -> Self {
        let member = match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::from(index),
        };
        let mut read = Self {
            member,
            variable: format_ident!("field_{index}", span = shown_at(field.ty.span())),
            ty: &field.ty,
            sent: None,
            from: None,
            is_source: field.ident.as_ref().is_some_and(|name| name == "source"),
        };
        for attr in &field.attrs {
            read.attribute(attr, field.ident.as_ref(), errors);
        }
        if let (Some(sent), true) = (&read.sent, read.is_source) {
            errors.at(
                sent.by,
                "a field is sent to the caller or logged as the source, not both",
            );
        }
        read
    }

    /// Whether the field is kept for the log. One that is made by `#[from]` but also sent is not.
    pub(crate) fn is_cause(&self) -> bool {
        self.sent.is_none() && (self.is_source || self.from.is_some())
    }

    fn attribute(&mut self, attr: &'a Attribute, name: Option<&Ident>, errors: &mut Errors) {
        let path = attr.path();
        if path.is_ident("from") {
            self.from = Some(attr);
        } else if path.is_ident("source") {
            self.is_source = true;
        } else if path.is_ident("arg") {
            if !matches!(attr.meta, Meta::Path(_)) {
                errors.at(attr, "a positional argument has no options: write `#[arg]`");
            }
            self.send(
                Sent {
                    by: attr,
                    keyword: None,
                },
                errors,
            );
        } else if path.is_ident("kwarg") {
            let keyword = keyword(attr, name, errors);
            self.send(Sent { by: attr, keyword }, errors);
        }
    }

    fn send(&mut self, sent: Sent<'a>, errors: &mut Errors) {
        if let Some(sent) = self.sent.replace(sent) {
            errors.at(
                sent.by,
                "a field is one argument: remove this or the other attribute",
            );
        }
    }
}

/// The name given in the attribute, or else that of the field.
fn keyword(attr: &Attribute, name: Option<&Ident>, errors: &mut Errors) -> Option<String> {
    let mut keyword = None;
    let mut has_mistake = false;
    list::each_in(attr, errors, |input, _| {
        has_mistake = true;
        let key = list::key(input)?;
        if key != "name" {
            let message = format!("`#[kwarg]` has no option `{key}`; it has `name = \"docId\"`");
            return Err(Error::new_spanned(key, message));
        }
        keyword = Some(list::value::<LitStr>(input, &key, "name = \"docId\"")?.value());
        Ok(())
    });
    let keyword = keyword.or_else(|| name.map(|name| name.unraw().to_string()));
    if keyword.is_none() && !has_mistake {
        errors.at(
            attr,
            "the field has no name: write `#[kwarg(name = \"…\")]`",
        );
    }
    keyword
}
