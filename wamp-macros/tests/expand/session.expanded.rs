#[allow(clippy::unused_async, reason = "handlers may be `async` without need")]
async fn greet(session: &Session) -> Result<Online, Banned> {
    Online::new(session).await
}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct greet {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Session,
        uri: __rt::UriSpec::None,
        name: "greet",
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
        authenticated: false,
        params: &[__rt::Param::supplied::<&Session>("session")],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::{HoldGuard as _, Infallible as _};
            let arguments = __rt::Arguments::extract(
                    (__rt::want::<&Session>(),),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::Hold::new(
                    __rt::Returned(__rt::must_be_send(greet(arguments.0)).await).split()?,
                )
                .hold(&call)
                .await
        }),
    };
    impl __rt::SessionHandler for greet {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
