const _: () = {
    use ::wamp_server::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl __rt::IntoError for DocsError {
        fn into_error(self) -> __rt::Failure {
            ::core::panic!()
        }
    }
    #[allow(deprecated)]
    #[automatically_derived]
    impl __rt::FromError for DocsError {
        #[allow(unused_variables)]
        fn from_error(
            uri: &::core::primitive::str,
            payload: &__rt::Payload,
        ) -> ::core::option::Option<Self> {
            ::core::panic!()
        }
    }
    #[allow(deprecated)]
    #[automatically_derived]
    impl ::core::convert::From<DbError> for DocsError {
        fn from(value: DbError) -> Self {
            Self::Database { 0: value }
        }
    }
};
::core::compile_error! {
    "what do callers see? Say `#[error(uri = \"…\")]`, `#[error(internal)]` or `#[error(transparent)]`"
}
