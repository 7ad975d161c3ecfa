const _: () = {
    use ::wamp_server::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl __rt::IntoError for DocsError {
        fn into_error(self) -> __rt::Failure {
            match self {
                Self::NotFound { 0: field_0, .. } => {
                    __rt::Failure::new("docs.error.not_found")
                        .arg("no such document")
                        .arg(field_0)
                }
                Self::Conflict {
                    r#type: field_0,
                    revision: field_1,
                    source: field_3,
                    ..
                } => {
                    __rt::Failure::new("docs.error.conflict")
                        .kwarg("type", field_0)
                        .kwarg("currentRevision", field_1)
                        .because(field_3)
                }
                Self::Database { 0: field_0, .. } => __rt::Failure::internal(field_0),
                Self::Poisoned { .. } => __rt::Failure::internal("Poisoned"),
                Self::Access { 0: field_0 } => __rt::IntoError::into_error(field_0),
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
                fields.skip();
                if let (::core::option::Option::Some(field_0),) = (
                    __rt::Readable::<DocumentId>::new().read(fields.arg()),
                ) {
                    return ::core::option::Option::Some(Self::NotFound { 0: field_0 });
                }
            }
            if let ::core::option::Option::Some(field_0) = __rt::Readable::<
                AccessError,
            >::new()
                .known(uri, payload)
            {
                return ::core::option::Option::Some(Self::Access { 0: field_0 });
            }
            ::core::option::Option::None
        }
    }
    #[allow(deprecated)]
    #[automatically_derived]
    impl ::core::convert::From<DbError> for DocsError {
        fn from(value: DbError) -> Self {
            Self::Database { 0: value }
        }
    }
    #[allow(deprecated)]
    #[automatically_derived]
    impl ::core::convert::From<AccessError> for DocsError {
        fn from(value: AccessError) -> Self {
            Self::Access { 0: value }
        }
    }
};
