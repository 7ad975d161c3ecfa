//! An error type after everything was checked that a macro can check.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Path};

use super::attribute::{self, Meaning};
use super::field::Field;
use crate::errors::Errors;
use crate::runtime::Runtime;

/// A type that derives `CallError`.
pub(crate) struct ErrorType<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) krate: Path,
    /// The variants of an enum, or the one case of a struct.
    pub(crate) cases: Vec<Case<'a>>,
}

/// One way to fail.
pub(crate) struct Case<'a> {
    /// `Self::Variant`, or `Self` for a struct.
    pub(crate) path: TokenStream,
    pub(crate) becomes: Becomes<'a>,
    /// The field that `From` is generated for.
    pub(crate) from: Option<Field<'a>>,
}

/// What a caller sees.
pub(crate) enum Becomes<'a> {
    /// This URI and what is sent with it; the cause is logged.
    Uri {
        uri: LitStr,
        message: Option<LitStr>,
        sent: Vec<Field<'a>>,
        cause: Option<Field<'a>>,
        /// Whether every field is sent, so that what is sent is enough to make the error again.
        is_complete: bool,
    },
    /// Nothing; this is logged.
    Internal(Cause<'a>),
    /// What the only field becomes.
    Transparent(Field<'a>),
}

/// What is logged.
pub(crate) enum Cause<'a> {
    Field(Field<'a>),
    /// The name of the case, when it has no field.
    Name(String),
}

impl<'a> ErrorType<'a> {
    pub(crate) fn new(runtime: Runtime, input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let krate = attribute::krate(&input.attrs, errors);
        let name = &input.ident;
        let cases = match &input.data {
            Data::Struct(data) => Vec::from_iter(Case::new(
                quote! { Self },
                name,
                &input.attrs,
                &data.fields,
                name,
                errors,
            )),
            Data::Enum(data) => {
                let cases = data.variants.iter().filter_map(|variant| {
                    let name = &variant.ident;
                    Case::new(
                        quote! { Self::#name },
                        name,
                        &variant.attrs,
                        &variant.fields,
                        variant,
                        errors,
                    )
                });
                cases.collect()
            }
            Data::Union(data) => {
                errors.at(data.union_token, "an error is an enum or a struct");
                Vec::new()
            }
        };
        Self {
            input,
            krate: krate.unwrap_or_else(|| runtime.path()),
            cases,
        }
    }
}

impl<'a> Case<'a> {
    /// `None` when a mistake leaves nothing to expand.
    fn new(
        path: TokenStream,
        name: &Ident,
        attrs: &'a [Attribute],
        fields: &'a Fields,
        subject: &impl ToTokens,
        errors: &mut Errors,
    ) -> Option<Self> {
        let said = attribute::read(attrs, subject, errors);
        let fields = fields.iter().enumerate();
        let fields = fields
            .map(|(i, field)| Field::new(i, field, errors))
            .collect::<Vec<_>>();
        let from = check_from(&fields, errors).filter(|_| !said.beside_another_derive);
        let becomes = match said.meaning? {
            Meaning::Uri(uri) => Becomes::uri(uri, said.message, fields),
            Meaning::Internal => Becomes::internal(name, fields, subject, errors)?,
            Meaning::Transparent => Becomes::transparent(fields, subject, errors)?,
        };
        Some(Self {
            path,
            becomes,
            from,
        })
    }
}

impl<'a> Becomes<'a> {
    fn uri(uri: LitStr, message: Option<LitStr>, mut fields: Vec<Field<'a>>) -> Self {
        let cause = fields.iter().find(|field| field.is_cause()).cloned();
        let is_complete = fields.iter().all(|field| field.sent.is_some());
        fields.retain(|field| field.sent.is_some());
        Self::Uri {
            uri,
            message,
            sent: fields,
            cause,
            is_complete,
        }
    }

    fn internal(
        name: &Ident,
        mut fields: Vec<Field<'a>>,
        subject: &impl ToTokens,
        errors: &mut Errors,
    ) -> Option<Self> {
        refuse_sent(&fields, errors);
        if let Some(cause) = fields.iter().find(|field| field.is_cause()) {
            return Some(Self::Internal(Cause::Field(cause.clone())));
        }
        if fields.len() > 1 {
            errors.at(
                subject,
                "which field is to be logged? Mark it with `#[source]`",
            );
            return None;
        }
        Some(Self::Internal(match fields.pop() {
            Some(only) => Cause::Field(only),
            None => Cause::Name(name.to_string()),
        }))
    }

    fn transparent(
        mut fields: Vec<Field<'a>>,
        subject: &impl ToTokens,
        errors: &mut Errors,
    ) -> Option<Self> {
        refuse_sent(&fields, errors);
        match (fields.pop(), fields.pop()) {
            (Some(only), None) => Some(Self::Transparent(only)),
            _ => {
                errors.at(
                    subject,
                    "a transparent error has one field, which is an error itself",
                );
                None
            }
        }
    }
}

/// The field marked with `#[from]`.
fn check_from<'a>(fields: &[Field<'a>], errors: &mut Errors) -> Option<Field<'a>> {
    let field = fields.iter().find(|field| field.from.is_some())?;
    if fields.len() > 1 {
        errors.at(
            field.from,
            "`#[from]` needs an error of one field: nothing says what the others would be",
        );
        return None;
    }
    Some(field.clone())
}

fn refuse_sent(fields: &[Field<'_>], errors: &mut Errors) {
    for sent in fields.iter().filter_map(|field| field.sent.as_ref()) {
        errors.at(
            sent.by,
            "nothing of this error is sent: remove the attribute, or give the error a `uri`",
        );
    }
}
