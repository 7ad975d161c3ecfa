fn add(a: i64, b: i64) -> i64 {
    a + b
}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct add {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Template("math.add"),
        name: "add",
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
        params: &[__rt::Param::of::<i64, _>("a"), __rt::Param::of::<i64, _>("b")],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (__rt::want::<i64>(), __rt::want::<i64>()),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::reply(&call, __rt::Returned(add(arguments.0, arguments.1)).split())
                .await
        }),
    };
    impl __rt::Procedure for add {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
