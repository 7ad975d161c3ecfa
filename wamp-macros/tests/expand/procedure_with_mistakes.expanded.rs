async fn get(id: u64) {}
#[doc(hidden)]
#[allow(missing_debug_implementations, non_camel_case_types, unreachable_pub)]
struct get {}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    impl __rt::Procedure for get {
        const DEFINITION: &'static __rt::Definition = ::core::panic!();
    }
};
::core::compile_error! {
    "URI has an empty component: remove the extra `.` or write a component next to it"
}
::core::compile_error! {
    "expected a whole number above zero with a unit, `ms`, `s`, `m` or `h`, or else the word `none`, as in `timeout = \"30s\"`"
}
::core::compile_error! {
    "`#[arg]` has no option `nmae`; it has `name = \"docId\"`, `default`, `default = 10`"
}
