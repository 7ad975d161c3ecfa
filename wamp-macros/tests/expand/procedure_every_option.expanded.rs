#[allow(clippy::unused_async, reason = "handlers may be `async` without need")]
async fn get_from(collection: &str, document_id: u64, tag: Option<u64>) {}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct get_from {}
#[allow(deprecated)]
const _: () = {
    use facade::wamp::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Template("docs.{collection}.get"),
        name: "get_from",
        docs: "",
        module: ::core::module_path!(),
        location: __rt::Location {
            file: ::core::file!(),
            line: ::core::line!(),
        },
        realm: ::core::option::Option::Some("admins"),
        strict: true,
        timeout: __rt::Timeout::After(__rt::Duration::from_millis(500u64)),
        concurrency: ::core::option::Option::Some(4u32),
        roles: &["admin", "staff"],
        disclose_caller: true,
        authenticated: true,
        params: &[
            __rt::Param::capture::<&str>("collection"),
            __rt::Param::of::<u64, _>("documentId"),
            __rt::Param::of::<Option<u64>, _>("ETag"),
        ],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (
                        __rt::want::<&str>(),
                        __rt::want::<u64>(),
                        __rt::want::<Option<u64>>(),
                    ),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::reply(
                    &call,
                    __rt::Returned(
                            __rt::must_be_send(
                                    get_from(arguments.0, arguments.1, arguments.2),
                                )
                                .await,
                        )
                        .split(),
                )
                .await
        }),
    };
    impl __rt::Procedure for get_from {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
