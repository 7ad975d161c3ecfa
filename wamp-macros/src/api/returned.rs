//! What a method gives, as its caller sees it.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, ReturnType, Type,
    TypeImplTrait, TypeParamBound,
};

use crate::errors::Errors;

/// What a method gives.
pub(crate) struct Returned {
    pub(crate) result: Outcome,
    /// The items of a stream.
    pub(crate) progress: Option<TokenStream>,
}

/// How a call ends.
pub(crate) enum Outcome {
    /// Not with a `Result`.
    Plain(TokenStream),
    /// `Result<T, E>`.
    Fallible(TokenStream, TokenStream),
    /// A `Result` whose types an alias knows.
    Aliased(TokenStream),
}

impl Returned {
    /// Whether something is a `Result` or a `Stream` is told by its name: nothing else could tell it, in a signature.
    pub(crate) fn read(output: &ReturnType, errors: &mut Errors) -> Self {
        let result = match output {
            ReturnType::Default => Outcome::Plain(quote! { () }),
            ReturnType::Type(_, ty) => match peel(ty) {
                Type::ImplTrait(ty) => return Self::stream(ty, errors),
                _ => Outcome::of(ty),
            },
        };
        Self {
            result,
            progress: None,
        }
    }

    /// `impl Stream<Item = T>`, which ends with nothing, or with the error of an item.
    fn stream(ty: &TypeImplTrait, errors: &mut Errors) -> Self {
        let Some(item) = ty.bounds.iter().find_map(item) else {
            let message = "name a concrete type, or `impl Stream<Item = …> + Send`: the result is decoded into it";
            errors.at(ty, message);
            return Self {
                result: Outcome::Plain(quote! { () }),
                progress: None,
            };
        };
        let nothing = quote! { () };
        let (result, progress) = match Outcome::of(item) {
            Outcome::Plain(item) => (Outcome::Plain(nothing), item),
            Outcome::Fallible(item, error) => (Outcome::Fallible(nothing, error), item),
            Outcome::Aliased(_) => {
                let message = "write both types, as in `Result<Document, DocsError>`";
                errors.at(item, message);
                (Outcome::Plain(nothing.clone()), nothing)
            }
        };
        Self {
            result,
            progress: Some(progress),
        }
    }
}

impl Outcome {
    fn of(ty: &Type) -> Self {
        let plain = || Self::Plain(ty.to_token_stream());
        let Type::Path(path) = peel(ty) else {
            return plain();
        };
        let last = path.path.segments.last();
        let Some(last) = last.filter(|last| last.ident == "Result") else {
            return plain();
        };
        let types = arguments(last).map(|it| it.args.iter().filter_map(type_of));
        let mut types = types.into_iter().flatten();
        match (types.next(), types.next(), types.next()) {
            (Some(value), Some(error), None) => {
                Self::Fallible(value.to_token_stream(), error.to_token_stream())
            }
            _ => Self::Aliased(ty.to_token_stream()),
        }
    }
}

/// The `T` of `Stream<Item = T>`.
fn item(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let last = bound.path.segments.last()?;
    let arguments = arguments(last).filter(|_| last.ident == "Stream")?;
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}

fn arguments(segment: &PathSegment) -> Option<&AngleBracketedGenericArguments> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments),
        _ => None,
    }
}

fn type_of(argument: &GenericArgument) -> Option<&Type> {
    match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// Without the invisible parentheses of macros.
fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}
