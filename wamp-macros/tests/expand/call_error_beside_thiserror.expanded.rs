const _: () = {
    use facade::wamp::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl __rt::IntoError for DocsError {
        fn into_error(self) -> __rt::CallError {
            match self {
                Self::NotFound { 0: field_0, .. } => {
                    __rt::CallError::new("docs.error.not_found").arg(field_0)
                }
                Self::Database { 0: field_0, .. } => __rt::CallError::internal(field_0),
            }
        }
    }
};
