const _: () = {
    use facade::wamp::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl __rt::IntoError for DocsError {
        fn into_error(self) -> __rt::Failure {
            match self {
                Self::NotFound { 0: field_0, .. } => {
                    __rt::Failure::new("docs.error.not_found").arg(field_0)
                }
                Self::Database { 0: field_0, .. } => __rt::Failure::internal(field_0),
            }
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
            #[allow(unused_imports)]
            use __rt::{Unknown as _, Unreadable as _};
            if uri == "docs.error.not_found" {
                let mut fields = __rt::Fields::new(payload);
                if let (::core::option::Option::Some(field_0),) = (
                    __rt::Readable::<u64>::new().read(fields.arg()),
                ) {
                    return ::core::option::Option::Some(Self::NotFound { 0: field_0 });
                }
            }
            ::core::option::Option::None
        }
    }
};
