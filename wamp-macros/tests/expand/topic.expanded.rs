#[allow(clippy::unused_async, reason = "handlers may be `async` without need")]
/// Changes of one document.
async fn changes(session: &Session, id: u64) -> Result<Guard, NotAuthorized> {
    watch(session, id).await
}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct changes {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Topic,
        uri: __rt::UriSpec::Template("docs.{id}.changes"),
        name: "changes",
        docs: "Changes of one document.",
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
            __rt::Param::supplied::<&Session>("session"),
            __rt::Param::capture::<u64>("id"),
        ],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::{HoldGuard as _, HoldStream as _, Infallible as _};
            let arguments = __rt::Arguments::extract(
                    (__rt::want::<&Session>(), __rt::want::<u64>()),
                    &__DEFINITION,
                    &call,
                )
                .await?;
            __rt::Hold::new(
                    __rt::Returned(
                            __rt::must_be_send(changes(arguments.0, arguments.1)).await,
                        )
                        .split()?,
                )
                .hold(&call)
                .await
        }),
    };
    impl __rt::TopicHandler for changes {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
