fn on_message(room: &str, text: String) {}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct on_message {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Subscriber,
        uri: __rt::UriSpec::Template("chat.{room}.message"),
        name: "on_message",
        docs: "",
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
            __rt::Param::capture::<&str>("room"),
            __rt::Param::of::<String, _>("text"),
        ],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            let arguments = __rt::Arguments::extract(
                    (__rt::want::<&str>(), __rt::want::<String>()),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::done(__rt::Returned(on_message(arguments.0, arguments.1)).split())
        }),
    };
    impl __rt::Subscriber for on_message {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
