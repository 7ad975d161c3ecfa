#[derive(CallError)]
#[error(uri = "bank.error.insufficient_funds")]
struct InsufficientFunds<T: Serialize> {
    #[kwarg]
    balance: T,
}
