const _: () = {
    use ::wamp_server::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl __rt::IntoError for DocsError {
        fn into_error(self) -> __rt::CallError {
            match self {
                Self::NotFound { 0: field_0, .. } => {
                    __rt::CallError::new("docs.error.not_found")
                        .arg("no such document")
                        .arg(field_0)
                }
                Self::Conflict {
                    r#type: field_0,
                    revision: field_1,
                    source: field_3,
                    ..
                } => {
                    __rt::CallError::new("docs.error.conflict")
                        .kwarg("type", field_0)
                        .kwarg("currentRevision", field_1)
                        .because(field_3)
                }
                Self::Database { 0: field_0, .. } => __rt::CallError::internal(field_0),
                Self::Poisoned { .. } => __rt::CallError::internal("Poisoned"),
                Self::Access { 0: field_0 } => __rt::IntoError::into_error(field_0),
            }
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
