const _: () = {
    use ::wamp_server::__private as __rt;
    #[allow(deprecated)]
    #[automatically_derived]
    impl<T: Serialize> __rt::IntoError for InsufficientFunds<T> {
        fn into_error(self) -> __rt::CallError {
            match self {
                Self { balance: field_0, .. } => {
                    __rt::CallError::new("bank.error.insufficient_funds")
                        .kwarg("balance", field_0)
                }
            }
        }
    }
};
