/// A library.
pub trait Docs: Send + Sync
where
    Self: 'static,
{
    /// Fetches one document.
    fn get_document(
        &self,
        document_id: u64,
    ) -> impl ::core::future::Future<
        Output = Result<Document, DocsError>,
    > + ::core::marker::Send;
    #[doc(hidden)]
    #[allow(non_upper_case_globals)]
    const __declared_by_client_or_service_get_document: ::wamp_client::__private::Declared = ::wamp_client::__private::Declared {
        uri: "docs.getDocument",
        params: &["documentId"],
        docs: "Fetches one document.",
    };
    #[cfg(feature = "search")]
    fn search<'a>(
        &self,
        text: &'a str,
        limit: Option<u64>,
    ) -> impl ::core::future::Future<
        Output = io::Result<Vec<u64>>,
    > + ::core::marker::Send;
    #[cfg(feature = "search")]
    #[doc(hidden)]
    #[allow(non_upper_case_globals)]
    const __declared_by_client_or_service_search: ::wamp_client::__private::Declared = ::wamp_client::__private::Declared {
        uri: "docs.search",
        params: &["text", "max"],
        docs: "",
    };
    fn touch(&self);
    #[doc(hidden)]
    #[allow(non_upper_case_globals)]
    const __declared_by_client_or_service_touch: ::wamp_client::__private::Declared = ::wamp_client::__private::Declared {
        uri: "docs.touch",
        params: &[],
        docs: "",
    };
}
/// Calls the procedures of [`Docs`].
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub struct DocsClient(::wamp_client::__private::Caller);
#[allow(deprecated)]
const _: () = {
    use ::wamp_client::__private as __rt;
    #[allow(dead_code, unused_variables, clippy::needless_lifetimes)]
    impl DocsClient {
        /// Calls by way of this client.
        #[must_use]
        pub fn new(client: __rt::Client) -> Self {
            Self(__rt::Caller::new(client))
        }
        /// The same with `prefix` and a dot before all URIs: what is served by `App::service_at`.
        #[must_use]
        pub fn at(client: __rt::Client, prefix: &::core::primitive::str) -> Self {
            Self(__rt::Caller::at(client, prefix))
        }
        /// What it calls by way of.
        #[must_use]
        pub fn client(&self) -> &__rt::Client {
            self.0.client()
        }
        /// Fetches one document.
        pub fn get_document(
            &self,
            document_id: u64,
        ) -> __rt::TypedCall<Document, __rt::TypedError<DocsError>, __rt::NoProgress> {
            __rt::fallible::<
                Document,
                DocsError,
                __rt::NoProgress,
            >(self.0.call("docs.getDocument").arg(document_id))
        }
        #[cfg(feature = "search")]
        pub fn search<'a>(
            &self,
            text: &'a str,
            limit: Option<u64>,
        ) -> __rt::TypedCall<
            <io::Result<Vec<u64>> as __rt::Fallible>::Value,
            __rt::TypedError<<io::Result<Vec<u64>> as __rt::Fallible>::Error>,
            Percent,
        > {
            __rt::fallible::<
                <io::Result<Vec<u64>> as __rt::Fallible>::Value,
                <io::Result<Vec<u64>> as __rt::Fallible>::Error,
                Percent,
            >(self.0.call("docs.search").kwarg("text", text).kwarg("max", limit))
        }
        pub fn touch(&self) -> __rt::TypedCall<(), __rt::CallError, __rt::NoProgress> {
            __rt::plain::<(), __rt::NoProgress>(self.0.call("docs.touch"))
        }
    }
};
