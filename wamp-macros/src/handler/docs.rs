//! The doc comment, as an expression.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, Lit, Meta};

/// One string of all the lines: a literal where every line is one, which costs the compiler less.
///
/// `#[doc = include_str!("x.md")]` is an expression that only rustc can evaluate, hence `concat!`.
pub(crate) fn docs(attrs: &[Attribute]) -> TokenStream {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for value in attrs.iter().filter_map(doc) {
        let separator = if parts.is_empty() { "" } else { "\n" };
        match (line(value), parts.last_mut()) {
            (Some(line), Some(Part::Text(text))) => {
                text.push_str(separator);
                text.push_str(&line);
            }
            (Some(line), _) => parts.push(Part::Text(format!("{separator}{line}"))),
            (None, _) => parts.extend([Part::Text(separator.to_owned()), Part::Expr(value)]),
        }
    }
    let tokens = parts.iter().map(|part| match part {
        Part::Text(text) => quote! { #text },
        Part::Expr(expr) => quote! { #expr },
    });
    match parts.as_slice() {
        [] => quote! { "" },
        [Part::Text(text)] => quote! { #text },
        _ => quote! { ::core::concat!(#(#tokens),*) },
    }
}

enum Part<'a> {
    Text(String),
    Expr(&'a Expr),
}

fn doc(attr: &Attribute) -> Option<&Expr> {
    match &attr.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => Some(&meta.value),
        _ => None,
    }
}

/// `/// text` is `#[doc = " text"]`: the space belongs to the comment, not to the text.
fn line(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(expr) => match &expr.lit {
            Lit::Str(literal) => {
                let text = literal.value();
                Some(
                    text.strip_prefix(' ')
                        .map_or_else(|| text.clone(), str::to_owned),
                )
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::ItemFn;

    use super::*;

    fn docs_of(function: &str) -> String {
        let function: ItemFn = syn::parse_str(function).expect("a function");
        docs(&function.attrs).to_string()
    }

    #[test]
    fn lines_become_one_literal() {
        let function = "/// One.\n///\n///   Indented.\n#[inline] fn f() {}";
        assert_eq!(docs_of(function), r#""One.\n\n  Indented.""#);
    }

    #[test]
    fn without_a_comment_there_is_an_empty_text() {
        assert_eq!(docs_of("#[doc(hidden)] fn f() {}"), r#""""#);
    }

    #[test]
    fn included_files_are_left_to_rustc() {
        let function = "/// One.\n#[doc = include_str!(\"x.md\")]\n/// Two.\nfn f() {}";
        let expected = r#":: core :: concat ! ("One." , "\n" , include_str ! ("x.md") , "\nTwo.")"#;
        assert_eq!(docs_of(function), expected);
    }
}
