#[allow(clippy::unused_async, reason = "handlers may be `async` without need")]
async fn file(path: Topic<'_>) {}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct file {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Prefix("files."),
        name: "file",
        docs: "",
        module: ::core::module_path!(),
        location: __rt::Location {
            file: ::core::file!(),
            line: ::core::line!(),
        },
        realm: ::core::option::Option::None,
        strict: false,
        timeout: __rt::Timeout::None,
        concurrency: ::core::option::Option::None,
        roles: &[],
        disclose_caller: false,
        authenticated: true,
        params: &[__rt::Param::of::<Topic<'_>, _>("path")],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (__rt::want::<Topic<'_>>(),),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::reply(
                    &call,
                    __rt::Returned(__rt::must_be_send(file(arguments.0)).await).split(),
                )
                .await
        }),
    };
    impl __rt::Procedure for file {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
