//! Expansions as files: `tests/expand/*.rs` holds what a user writes, `tests/expand/*.expanded.rs` what becomes of it.
//!
//! After a change that is meant, `BLESS=1 cargo test -p wamp-macros` rewrites the latter; read the difference before committing it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Item, Meta};

use crate::handler::Kind;
use crate::runtime::Runtime;

#[test]
fn expansions() {
    let bless = env::var_os("BLESS").is_some();
    let mut changed = Vec::new();
    for input in inputs() {
        let output = input.with_extension("expanded.rs");
        let expanded = expand(&fs::read_to_string(&input).expect("the file was listed"));
        if fs::read_to_string(&output).is_ok_and(|expected| expected == expanded) {
            continue;
        }
        if bless {
            fs::write(&output, expanded).expect("the directory is writable");
        } else {
            changed.push(format!("{}:\n{expanded}", output.display()));
        }
    }
    assert!(
        changed.is_empty(),
        "expansions changed; run with BLESS=1 if that is meant\n\n{}",
        changed.join("\n")
    );
}

fn inputs() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let files = fs::read_dir(directory).expect("the directory exists");
    let mut files = files
        .map(|file| file.expect("readable").path())
        .collect::<Vec<_>>();
    files.retain(|file| !file.to_string_lossy().ends_with(".expanded.rs"));
    files.sort();
    files
}

fn expand(source: &str) -> String {
    let file = syn::parse_file(source).expect("Rust");
    let expanded = file
        .items
        .into_iter()
        .map(expand_item)
        .collect::<TokenStream>();
    prettyplease::unparse(
        &syn::parse2(expanded.clone())
            .unwrap_or_else(|error| panic!("expansions are items: {error}\n{expanded}")),
    )
}

/// What the compiler does: takes the attribute off, and hands the two parts to the macro.
fn expand_item(mut item: Item) -> TokenStream {
    let attrs = match &mut item {
        Item::Enum(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Trait(item) => &mut item.attrs,
        _ => panic!("add this kind of item"),
    };
    let (ours, name) = attrs
        .iter()
        .enumerate()
        .find_map(|(i, attr)| Some((i, name(attr)?)))
        .expect("an attribute of this crate");
    let options = match attrs.remove(ours).meta {
        Meta::List(list) => list.tokens,
        _ => quote! {},
    };
    let item = item.into_token_stream();
    let kind = match name {
        "derive" => return crate::call_error::derive(Runtime::Server, item),
        "client" => return crate::api::attribute(Runtime::Client, options, item),
        "service" => return crate::service::attribute(options, item),
        "procedure" => Kind::Procedure,
        "session" => Kind::Session,
        "subscriber" => Kind::Subscriber,
        _ => Kind::Topic,
    };
    crate::handler::attribute(kind, options, item)
}

fn name(attr: &Attribute) -> Option<&'static str> {
    let names = [
        "derive",
        "client",
        "service",
        "procedure",
        "session",
        "subscriber",
        "topic",
    ];
    names.into_iter().find(|name| attr.path().is_ident(name))
}
