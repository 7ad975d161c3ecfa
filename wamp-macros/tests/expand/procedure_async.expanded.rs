#[allow(clippy::unused_async, reason = "handlers may be `async` without need")]
/// Fetches one document.
///
/// In one language.
pub async fn get_document(
    session: &Session,
    State(library): State<'_, Library>,
    id: DocumentId,
    language: &str,
    revision: Revision,
) -> Result<Document, DocsError> {
    library.get(session, id, language, revision).await
}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
pub struct get_document {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Template("docs.getDocument"),
        name: "get_document",
        docs: "Fetches one document.\n\nIn one language.",
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
            __rt::Param::of::<&Session, _>("session"),
            __rt::Param::of::<State<'_, Library>, _>(""),
            __rt::Param::of::<DocumentId, _>("docId"),
            __rt::Param::with_default::<&str>("language"),
            __rt::Param::with_default::<Revision>("revision"),
        ],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (
                        __rt::want::<&Session>(),
                        __rt::want::<State<'_, Library>>(),
                        __rt::want::<DocumentId>(),
                        __rt::want::<__rt::Given<&str>>(),
                        __rt::want::<__rt::Given<Revision>>(),
                    ),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::reply(
                    &call,
                    __rt::Returned(
                            __rt::must_be_send(
                                    get_document(
                                        arguments.0,
                                        arguments.1,
                                        arguments.2,
                                        arguments.3.or(|| "en"),
                                        arguments.4.or(::core::default::Default::default),
                                    ),
                                )
                                .await,
                        )
                        .split(),
                )
                .await
        }),
    };
    impl __rt::Procedure for get_document {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
