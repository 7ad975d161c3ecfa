trait Docs<T> {
    fn new(&self) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send;
    #[doc(hidden)]
    #[allow(non_upper_case_globals)]
    const __declared_by_client_or_service_new: ::wamp_client::__private::Declared = ::wamp_client::__private::Declared {
        uri: "new",
        params: &[],
        docs: "",
    };
    const LIMIT: u64;
    async fn get(id: u64);
}
/// Calls the procedures of [`Docs`].
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
struct DocsClient(::wamp_client::__private::Caller);
#[allow(deprecated)]
const _: () = {
    use ::wamp_client::__private as __rt;
    #[allow(dead_code, unused_variables, clippy::needless_lifetimes)]
    impl DocsClient {
        /// Calls by way of this client.
        #[must_use]
        fn new(client: __rt::Client) -> Self {
            Self(__rt::Caller::new(client))
        }
        /// The same with `prefix` and a dot before all URIs: what is served by `App::service_at`.
        #[must_use]
        fn at(client: __rt::Client, prefix: &::core::primitive::str) -> Self {
            Self(__rt::Caller::at(client, prefix))
        }
        /// What it calls by way of.
        #[must_use]
        fn client(&self) -> &__rt::Client {
            self.0.client()
        }
    }
};
::core::compile_error! {
    "URI contains ' ', which is not allowed here: use lower-case letters, digits and `_`"
}
::core::compile_error! {
    "`#[client]` on a trait has no option `name`; it has `prefix`, `rename_all`, `crate`"
}
::core::compile_error! {
    "a trait for both sides cannot be generic: its URIs are the same for all"
}
::core::compile_error! {
    "a trait for both sides has methods only"
}
::core::compile_error! {
    "a method of a trait for both sides takes `&self`"
}
::core::compile_error! {
    "there is nothing to capture here: write the URI without braces"
}
::core::compile_error! {
    "`timeout` is for those who serve it: say it on the method in `#[service] impl`"
}
::core::compile_error! {
    "the client has a function `new` of its own: choose another name"
}
::core::compile_error! {
    "every method of a trait for both sides is a procedure: write `#[procedure(\"…\")]`"
}
