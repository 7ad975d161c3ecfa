impl api::Docs for Library {
    async fn get_document(&self, document_id: u64) -> Result<Document, DocsError> {
        self.0.load(document_id).await
    }
    fn touch(&self, times: u32) {}
}
#[allow(deprecated)]
const _: () = {
    use facade::wamp::__private as __rt;
    #[automatically_derived]
    impl __rt::Service for Library {
        #[allow(unused_variables)]
        fn methods(methods: &mut __rt::Methods) {
            __rt::Methods::under(
                methods,
                "eu",
                |methods| {
                    __rt::Methods::add(
                        methods,
                        const {
                            &__rt::Definition {
                                kind: __rt::Kind::Procedure,
                                uri: __rt::UriSpec::Template(
                                    <Self as api::Docs>::__declared_by_client_or_service_get_document
                                        .uri,
                                ),
                                name: "get_document",
                                docs: <Self as api::Docs>::__declared_by_client_or_service_get_document
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
                                params: &[
                                    __rt::Param::of::<
                                        u64,
                                        _,
                                    >(
                                        <Self as api::Docs>::__declared_by_client_or_service_get_document
                                            .param(0usize),
                                    ),
                                ],
                                invoke: |call| __rt::boxed(async move {
                                    #[allow(unused_imports)]
                                    use __rt::Infallible as _;
                                    let (service, definition) = __rt::instance::<Self>(&call)?;
                                    let arguments = __rt::Arguments::extract(
                                            (__rt::want::<u64>(),),
                                            definition,
                                            &call,
                                        )
                                        .await?;
                                    __rt::reply(
                                            &call,
                                            __rt::Returned(
                                                    __rt::must_be_send(
                                                            <Self as api::Docs>::get_document(service, arguments.0),
                                                        )
                                                        .await,
                                                )
                                                .split(),
                                        )
                                        .await
                                }),
                            }
                        },
                    );
                    __rt::Methods::add(
                        methods,
                        const {
                            &__rt::Definition {
                                kind: __rt::Kind::Procedure,
                                uri: __rt::UriSpec::Template(
                                    <Self as api::Docs>::__declared_by_client_or_service_touch
                                        .uri,
                                ),
                                name: "touch",
                                docs: <Self as api::Docs>::__declared_by_client_or_service_touch
                                    .docs_or(""),
                                module: ::core::module_path!(),
                                location: __rt::Location {
                                    file: ::core::file!(),
                                    line: ::core::line!(),
                                },
                                realm: ::core::option::Option::None,
                                strict: true,
                                timeout: __rt::Timeout::Default,
                                concurrency: ::core::option::Option::None,
                                roles: &[],
                                disclose_caller: false,
                                authenticated: true,
                                params: &[
                                    __rt::Param::with_default::<
                                        u32,
                                    >(
                                        <Self as api::Docs>::__declared_by_client_or_service_touch
                                            .param(0usize),
                                    ),
                                ],
                                invoke: |call| __rt::blocking(
                                    call,
                                    |call| __rt::boxed(async move {
                                        #[allow(unused_imports)]
                                        use __rt::Infallible as _;
                                        let (service, definition) = __rt::instance::<Self>(&call)?;
                                        let arguments = __rt::Arguments::extract(
                                                (__rt::want::<__rt::Given<u32>>(),),
                                                definition,
                                                &call,
                                            )
                                            .await?;
                                        __rt::reply(
                                                &call,
                                                __rt::Returned(
                                                        <Self as api::Docs>::touch(
                                                            service,
                                                            arguments.0.or(::core::default::Default::default),
                                                        ),
                                                    )
                                                    .split(),
                                            )
                                            .await
                                    }),
                                ),
                            }
                        },
                    );
                },
            );
        }
    }
};
