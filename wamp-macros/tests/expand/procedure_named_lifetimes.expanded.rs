fn longest<'a, 'b: 'a>(
    first: &'a str,
    second: Option<&'b str>,
    other: &'static Other,
) -> &'a str {
    second.unwrap_or(first)
}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct longest {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Template("text.longest"),
        name: "longest",
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
        params: &[
            __rt::Param::of::<&'_ str, _>("first"),
            __rt::Param::of::<Option<&'_ str>, _>("second"),
            __rt::Param::of::<&'static Other, _>("other"),
        ],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (
                        __rt::want::<&'_ str>(),
                        __rt::want::<Option<&'_ str>>(),
                        __rt::want::<&'static Other>(),
                    ),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::reply(
                    &call,
                    __rt::Returned(longest(arguments.0, arguments.1, arguments.2))
                        .split(),
                )
                .await
        }),
    };
    impl __rt::Procedure for longest {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
