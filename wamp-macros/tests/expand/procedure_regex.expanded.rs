#[allow(clippy::unused_async, reason = "handlers may be `async` without need")]
async fn room(number: u32) {}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct room {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Regex(r"^rooms\.(?P<number>\d+)$"),
        name: "room",
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
        params: &[__rt::Param::capture::<u32>("number")],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (__rt::want::<u32>(),),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::reply(
                    &call,
                    __rt::Returned(__rt::must_be_send(room(arguments.0)).await).split(),
                )
                .await
        }),
    };
    impl __rt::Procedure for room {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
