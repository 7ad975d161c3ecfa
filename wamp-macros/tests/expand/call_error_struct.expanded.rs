const _: () = {
    use ::wamp_server::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl<T: Serialize> __rt::IntoError for InsufficientFunds<T> {
        fn into_error(self) -> __rt::Failure {
            match self {
                Self { balance: field_0, .. } => {
                    __rt::Failure::new("bank.error.insufficient_funds")
                        .kwarg("balance", field_0)
                }
            }
        }
    }
    #[allow(deprecated)]
    #[automatically_derived]
    impl<T: Serialize> __rt::FromError for InsufficientFunds<T> {
        #[allow(unused_variables)]
        fn from_error(
            uri: &::core::primitive::str,
            payload: &__rt::Payload,
        ) -> ::core::option::Option<Self> {
            #[allow(unused_imports)]
            use __rt::{Unknown as _, Unreadable as _};
            if uri == "bank.error.insufficient_funds" {
                let fields = __rt::Fields::new(payload);
                if let (::core::option::Option::Some(field_0),) = (
                    __rt::Readable::<T>::new().read(fields.kwarg("balance")),
                ) {
                    return ::core::option::Option::Some(Self { balance: field_0 });
                }
            }
            ::core::option::Option::None
        }
    }
};
