#[cfg(feature = "debug")]
#[cfg_attr(unix, cfg(target_pointer_width = "64"), must_use)]
#[deprecated]
pub(crate) fn dump() {}
#[cfg(feature = "debug")]
#[cfg_attr(unix, cfg(target_pointer_width = "64"))]
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
pub(crate) struct dump {}
#[cfg(feature = "debug")]
#[cfg_attr(unix, cfg(target_pointer_width = "64"))]
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Template("debug.dump"),
        name: "dump",
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
        params: &[],
        invoke: |call| __rt::boxed(async move {
            #[allow(unused_imports)]
            use __rt::Infallible as _;
            __rt::Arguments::extract((), &__DEFINITION, &call).await?;
            __rt::reply(&call, __rt::Returned(dump()).split()).await
        }),
    };
    impl __rt::Procedure for dump {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
