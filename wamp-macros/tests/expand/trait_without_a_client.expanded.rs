trait Docs {
    fn count(&self) -> impl ::core::future::Future<Output = u64> + ::core::marker::Send;
    #[doc(hidden)]
    #[allow(non_upper_case_globals)]
    const __declared_by_client_or_service_count: ::wamp_server::__private::Declared = ::wamp_server::__private::Declared {
        uri: "docs.count",
        params: &[],
        docs: "",
    };
}
