//! Remote procedure calls. WAMP, "Remote Procedure Calls".

use bytestring::ByteString;

use super::details::{
    CallOptions, CancelOptions, ErrorDetails, InterruptOptions, InvocationDetails, RegisterOptions,
    ResultDetails, UnregisteredDetails, YieldOptions,
};
use super::element::message;
use super::revocation::revocable;
use super::words::RequestType;
use crate::id::Id;

message! {
    /// `[ERROR, REQUEST.Type|int, REQUEST.Request|id, Details|dict, Error|uri]`, maybe with arguments: a request failed. Also for requests
    /// to brokers.
    pub struct Error = ERROR {
        /// What kind of request.
        "REQUEST.Type" => request_type: RequestType,
        /// Which request.
        "REQUEST.Request" => request: Id,
        /// About the payload.
        "Details" => details: ErrorDetails,
        /// What happened, as a URI.
        "Error" => error: ByteString,
    } + payload
}

message! {
    /// `[CALL, Request|id, Options|dict, Procedure|uri]`, maybe with arguments: a caller calls a procedure.
    pub struct Call = CALL {
        /// The number of the request.
        "Request" => request: Id,
        /// How to call.
        "Options" => options: CallOptions,
        /// What to call.
        "Procedure" => procedure: ByteString,
    } + payload
}

message! {
    /// `[CANCEL, CALL.Request|id, Options|dict]`: a caller gives up a call.
    pub struct Cancel = CANCEL {
        /// The call.
        "CALL.Request" => request: Id,
        /// How to cancel.
        "Options" => options: CancelOptions,
    }
}

message! {
    /// `[RESULT, CALL.Request|id, Details|dict]`, maybe with arguments: a call succeeded, or made progress.
    pub struct Result = RESULT {
        /// The call.
        "CALL.Request" => request: Id,
        /// Whether more follows.
        "Details" => details: ResultDetails,
    } + payload
}

message! {
    /// `[REGISTER, Request|id, Options|dict, Procedure|uri]`: a callee offers a procedure.
    pub struct Register = REGISTER {
        /// The number of the request.
        "Request" => request: Id,
        /// How to match and share it.
        "Options" => options: RegisterOptions,
        /// What to offer: a URI or a pattern.
        "Procedure" => procedure: ByteString,
    }
}

message! {
    /// `[REGISTERED, REGISTER.Request|id, Registration|id]`: the procedure is offered.
    pub struct Registered = REGISTERED {
        /// The request.
        "REGISTER.Request" => request: Id,
        /// The registration.
        "Registration" => registration: Id,
    }
}

message! {
    /// `[UNREGISTER, Request|id, REGISTERED.Registration|id]`: a callee withdraws a procedure.
    pub struct Unregister = UNREGISTER {
        /// The number of the request.
        "Request" => request: Id,
        /// The registration.
        "REGISTERED.Registration" => registration: Id,
    }
}

revocable! {
    /// `[UNREGISTERED, UNREGISTER.Request|id]`: the procedure is withdrawn; or `[UNREGISTERED, 0, Details|dict]`: the router took the
    /// registration away by itself. WAMP, "Registration Revocation".
    pub struct Unregistered = UNREGISTERED {
        "UNREGISTER.Request", "registration" => registration: UnregisteredDetails,
    }
}

message! {
    /// `[INVOCATION, Request|id, REGISTERED.Registration|id, Details|dict]`, maybe with arguments: a callee is called.
    pub struct Invocation = INVOCATION {
        /// The number of the request.
        "Request" => request: Id,
        /// The registration that was hit.
        "REGISTERED.Registration" => registration: Id,
        /// About the call.
        "Details" => details: InvocationDetails,
    } + payload
}

message! {
    /// `[INTERRUPT, INVOCATION.Request|id, Options|dict]`: the caller gave up.
    pub struct Interrupt = INTERRUPT {
        /// The invocation.
        "INVOCATION.Request" => request: Id,
        /// Whether an answer is still wanted.
        "Options" => options: InterruptOptions,
    }
}

message! {
    /// `[YIELD, INVOCATION.Request|id, Options|dict]`, maybe with arguments: an invocation succeeded, or made progress.
    pub struct Yield = YIELD {
        /// The invocation.
        "INVOCATION.Request" => request: Id,
        /// Whether more follows.
        "Options" => options: YieldOptions,
    } + payload
}
