#[cfg(unix)]
impl Docs for Library {
    async fn count(&self) -> u64 {
        1
    }
}
#[cfg(unix)]
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    impl Library {
        #[doc(hidden)]
        #[allow(non_snake_case, unreachable_pub, unused_variables)]
        pub(crate) fn __part_Docs(methods: &mut __rt::Methods) {
            __rt::Methods::add(
                methods,
                const {
                    &__rt::Definition {
                        kind: __rt::Kind::Procedure,
                        uri: __rt::UriSpec::Template(
                            <Self as Docs>::__declared_by_client_or_service_count.uri,
                        ),
                        name: "count",
                        docs: <Self as Docs>::__declared_by_client_or_service_count
                            .docs_or(""),
                        module: ::core::module_path!(),
                        location: __rt::Location {
                            file: ::core::file!(),
                            line: ::core::line!(),
                        },
                        realm: ::core::option::Option::None,
                        strict: false,
                        timeout: __rt::Timeout::Default,
                        concurrency: ::core::option::Option::None,
                        roles: &[],
                        disclose_caller: false,
                        authenticated: true,
                        params: &[],
                        invoke: |call| __rt::boxed(async move {
                            #[allow(unused_imports)]
                            use __rt::Infallible as _;
                            let (service, definition) = __rt::instance::<Self>(&call)?;
                            __rt::Arguments::extract((), definition, &call).await?;
                            __rt::reply(
                                    &call,
                                    __rt::Returned(
                                            __rt::must_be_send(<Self as Docs>::count(service)).await,
                                        )
                                        .split(),
                                )
                                .await
                        }),
                    }
                },
            );
        }
    }
};
