impl Library {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        reason = "methods of a service have them without need"
    )]
    async fn get_document(&mut self, document_id: u64) {}
}
#[allow(deprecated)]
const _: () = {
    use ::wamp_server::__private as __rt;
    #[automatically_derived]
    impl __rt::Service for Library {
        #[allow(unused_variables)]
        fn methods(methods: &mut __rt::Methods) {}
    }
};
::core::compile_error! {
    "`prefix` is given twice"
}
::core::compile_error! {
    "URI contains ' ', which is not allowed here: use lower-case letters, digits and `_`"
}
::core::compile_error! {
    "a procedure of a service takes `&self`: calls share it, and run at the same time"
}
