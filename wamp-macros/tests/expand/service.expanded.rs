impl<S: Store> Library<S>
where
    S: Clone,
{
    const LIMIT: u64 = 3;
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        reason = "methods of a service have them without need"
    )]
    /// Fetches one document.
    pub async fn get_document(
        &self,
        document_id: u64,
        session: &Session,
    ) -> Result<Document, DocsError> {
        self.0.load(document_id).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        reason = "methods of a service have them without need"
    )]
    #[cfg(unix)]
    fn changes(&self, id: u64) {}
    fn helper(&self) {}
}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    #[automatically_derived]
    impl<S: Store> __rt::Service for Library<S>
    where
        S: Clone,
    {
        #[allow(unused_variables)]
        fn methods(methods: &mut __rt::Methods) {
            __rt::Methods::add(
                methods,
                const {
                    &__rt::Definition {
                        kind: __rt::Kind::Procedure,
                        uri: __rt::UriSpec::Template("docs.getDocument"),
                        name: "get_document",
                        docs: "Fetches one document.",
                        module: ::core::module_path!(),
                        location: __rt::Location {
                            file: ::core::file!(),
                            line: ::core::line!(),
                        },
                        realm: ::core::option::Option::None,
                        strict: false,
                        timeout: __rt::Timeout::After(
                            __rt::Duration::from_millis(1000u64),
                        ),
                        concurrency: ::core::option::Option::None,
                        roles: &[],
                        disclose_caller: false,
                        authenticated: true,
                        params: &[
                            __rt::Param::of::<u64, _>("documentId"),
                            __rt::Param::of::<&Session, _>("session"),
                        ],
                        invoke: |call| __rt::boxed(async move {
                            #[allow(unused_imports)]
                            use __rt::Infallible as _;
                            let (service, definition) = __rt::instance::<Self>(&call)?;
                            let arguments = __rt::Arguments::extract(
                                    (__rt::want::<u64>(), __rt::want::<&Session>()),
                                    definition,
                                    &call,
                                )
                                .await?;
                            __rt::reply(
                                    &call,
                                    __rt::Returned(
                                            __rt::must_be_send(
                                                    Self::get_document(service, arguments.0, arguments.1),
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
            #[cfg(unix)]
            __rt::Methods::add(
                methods,
                const {
                    &__rt::Definition {
                        kind: __rt::Kind::Topic,
                        uri: __rt::UriSpec::Template("docs.changes.{id}"),
                        name: "changes",
                        docs: "",
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
                        params: &[__rt::Param::capture::<u64>("id")],
                        invoke: |call| __rt::boxed(async move {
                            #[allow(unused_imports)]
                            use __rt::{HoldGuard as _, HoldStream as _, Infallible as _};
                            let (service, definition) = __rt::instance::<Self>(&call)?;
                            let arguments = __rt::Arguments::extract(
                                    (__rt::want::<u64>(),),
                                    definition,
                                    &call,
                                )
                                .await?;
                            __rt::Hold::new(
                                    __rt::Returned(Self::changes(service, arguments.0)).split()?,
                                )
                                .hold(&call)
                                .await
                        }),
                    }
                },
            );
            Self::__part_Admin(methods);
        }
    }
};
