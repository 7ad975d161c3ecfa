use bytestring::ByteString;
use wamp_uri::Match;

use super::Passthru;
use crate::id::Id;
use crate::message::dictionary::dictionary;
use crate::message::{CancelMode, Invoke, Raw};

dictionary! {
    /// `ERROR.Details`.
    pub struct ErrorDetails {} + {
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}

dictionary! {
    /// `CALL.Options`.
    pub struct CallOptions {
        /// The milliseconds after which the call is canceled; 0 for never. WAMP, "Call Timeouts".
        "timeout" => timeout: Option<u64>,
        /// The caller takes results before the last one. WAMP, "Progressive Call Results".
        "receive_progress" => receive_progress: bool,
        /// More of the call follows. WAMP, "Progressive Call Invocations".
        "progress" => progress: bool,
        /// Whether the callee shall know who calls. WAMP, "Caller Identification".
        "disclose_me" => disclose_me: Option<bool>,
    } + {
        /// For procedures that are split between callees.
        sharding: CallSharding,
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}

dictionary! {
    /// Which of the callees that share a procedure to call. WAMP, "Sharded Registration".
    pub group CallSharding {
        /// `partition`.
        "runmode" => runmode: Option<ByteString>,
        /// What decides for a callee.
        "rkey" => rkey: Option<Raw>,
    }
}

dictionary! {
    /// `CANCEL.Options`. WAMP, "Call Canceling".
    pub struct CancelOptions {
        /// What becomes of the call.
        "mode" => mode: Option<CancelMode>,
    }
}

dictionary! {
    /// `RESULT.Details`.
    pub struct ResultDetails {
        /// More results follow. WAMP, "Progressive Call Results".
        "progress" => progress: bool,
    } + {
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}

dictionary! {
    /// `REGISTER.Options`.
    pub struct RegisterOptions {
        /// How the procedure is compared with those of calls. WAMP, "Pattern-based Registrations".
        "match" => matching: Match,
        /// How callees share the procedure. WAMP, "Shared Registration".
        "invoke" => invoke: Option<Invoke>,
        /// Whether the callee wants to know who calls. WAMP, "Caller Identification".
        "disclose_caller" => disclose_caller: Option<bool>,
        /// The callee looks after timeouts itself. WAMP, "Call Timeouts".
        "forward_timeout" => forward_timeout: bool,
        /// How many invocations the callee takes at once. Not in the specification; Crossbar.io has it.
        "concurrency" => concurrency: Option<u64>,
        /// Whether those who have registered it before lose it. Not in the specification; Crossbar.io has it.
        "force_reregister" => force_reregister: bool,
    }
}

dictionary! {
    /// `UNREGISTERED.Details`: what was taken away. WAMP, "Registration Revocation".
    pub struct UnregisteredDetails {
        /// The registration.
        "registration" => registration: Option<Id>,
        /// Why.
        "reason" => reason: Option<ByteString>,
    }
}

dictionary! {
    /// `INVOCATION.Details`.
    pub struct InvocationDetails {
        /// What was called. Necessary when a pattern is registered. WAMP, "Pattern-based Registrations".
        "procedure" => procedure: Option<ByteString>,
        /// The caller takes results before the last one. WAMP, "Progressive Call Results".
        "receive_progress" => receive_progress: bool,
        /// More of the call follows. WAMP, "Progressive Call Invocations".
        "progress" => progress: bool,
        /// The milliseconds after which the caller loses interest. WAMP, "Call Timeouts".
        "timeout" => timeout: Option<u64>,
        /// How much the caller is trusted. WAMP, "Call Trust Levels".
        "trustlevel" => trustlevel: Option<u64>,
    } + {
        /// Who calls, if it is disclosed.
        caller: Caller,
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}

dictionary! {
    /// Who calls. WAMP, "Caller Identification".
    pub group Caller {
        /// The session.
        "caller" => session: Option<Id>,
        /// Who it was authenticated as.
        "caller_authid" => authid: Option<ByteString>,
        /// What it may do.
        "caller_authrole" => authrole: Option<ByteString>,
    }
}

dictionary! {
    /// `INTERRUPT.Options`. WAMP, "Call Canceling".
    pub struct InterruptOptions {
        /// Whether the caller still takes an answer.
        "mode" => mode: Option<CancelMode>,
        /// Why, as a URI. Not in the specification, but sent by nexus.
        "reason" => reason: Option<ByteString>,
    }
}

dictionary! {
    /// `YIELD.Options`.
    pub struct YieldOptions {
        /// More results follow. WAMP, "Progressive Call Results".
        "progress" => progress: bool,
    } + {
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}
