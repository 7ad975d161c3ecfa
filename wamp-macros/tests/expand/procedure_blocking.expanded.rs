fn render(id: u64) -> Result<String, DocsError> {
    std::fs::read_to_string(path(id)).map_err(DocsError::from)
}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct render {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    static __DEFINITION: __rt::Definition = __rt::Definition {
        kind: __rt::Kind::Procedure,
        uri: __rt::UriSpec::Template("docs.render"),
        name: "render",
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
        params: &[__rt::Param::of::<u64, _>("id")],
        invoke: |call| __rt::blocking(
            call,
            |call| __rt::boxed(async move {
                #[allow(unused_imports)]
                use __rt::Infallible as _;
                let arguments = __rt::Arguments::extract(
                        (__rt::want::<u64>(),),
                        &__DEFINITION,
                        &call,
                    )
                    .await?;
                __rt::reply(&call, __rt::Returned(render(arguments.0)).split()).await
            }),
        ),
    };
    impl __rt::Procedure for render {
        const DEFINITION: &'static __rt::Definition = &__DEFINITION;
    }
    __rt::submit! {
        __rt::Registration(& __DEFINITION)
    }
};
