use bytestring::ByteString;

use crate::message::dictionary::dictionary;
use crate::message::{Raw, Roles};

dictionary! {
    /// `HELLO.Details`. WAMP, "Opening a Session".
    pub struct HelloDetails {
        /// What the client does. At least one role is required.
        "roles" => roles: Roles,
        /// The name and version of the client's software.
        "agent" => agent: Option<ByteString>,
        /// The authentication methods that the client offers. WAMP, "Authentication".
        "authmethods" => authmethods: Vec<ByteString>,
        /// Who the client says it is.
        "authid" => authid: Option<ByteString>,
        /// What the authentication method wants to know in advance.
        "authextra" => authextra: Option<Raw>,
        /// What the transport tells of the client. Not to be trusted when it comes from the client.
        "transport" => transport: Option<Raw>,
    }
}

dictionary! {
    /// `WELCOME.Details`. WAMP, "Opening a Session".
    pub struct WelcomeDetails {
        /// What the router does: broker, dealer or both.
        "roles" => roles: Roles,
        /// The name and version of the router's software.
        "agent" => agent: Option<ByteString>,
        /// The realm. Not in the specification, but sent by all.
        "realm" => realm: Option<ByteString>,
        /// Who the client is.
        "authid" => authid: Option<ByteString>,
        /// What the client may do.
        "authrole" => authrole: Option<ByteString>,
        /// How the client was authenticated.
        "authmethod" => authmethod: Option<ByteString>,
        /// Who authenticated the client.
        "authprovider" => authprovider: Option<ByteString>,
        /// What else the authentication gave.
        "authextra" => authextra: Option<Raw>,
    }
}

dictionary! {
    /// `ABORT.Details`.
    pub struct AbortDetails {
        /// An explanation for people.
        "message" => message: Option<ByteString>,
    }
}

dictionary! {
    /// `GOODBYE.Details`.
    pub struct GoodbyeDetails {
        /// An explanation for people.
        "message" => message: Option<ByteString>,
    }
}

dictionary! {
    /// `CHALLENGE.Extra`: which keys there are depends on the method. WAMP, "Authentication Methods".
    pub struct ChallengeExtra {
        /// WAMP-CRA: the text to sign. Cryptosign: 32 bytes in hexadecimal.
        "challenge" => challenge: Option<ByteString>,
        /// WAMP-CRA and SCRAM: what the password is salted with.
        "salt" => salt: Option<ByteString>,
        /// WAMP-CRA: the length of the derived key.
        "keylen" => keylen: Option<u64>,
        /// WAMP-CRA and SCRAM: the cost in rounds.
        "iterations" => iterations: Option<u64>,
        /// SCRAM: the nonce of client and router.
        "nonce" => nonce: Option<ByteString>,
        /// SCRAM: the function that derives the key.
        "kdf" => kdf: Option<ByteString>,
        /// SCRAM: the cost in memory.
        "memory" => memory: Option<u64>,
        /// Cryptosign: the kind of channel binding.
        "channel_binding" => channel_binding: Option<ByteString>,
    }
}

dictionary! {
    /// `AUTHENTICATE.Extra`: which keys there are depends on the method. WAMP, "Authentication Methods".
    pub struct AuthenticateExtra {
        /// SCRAM: the nonce of client and router.
        "nonce" => nonce: Option<ByteString>,
        /// SCRAM: the kind of channel binding.
        "channel_binding" => channel_binding: Option<ByteString>,
        /// SCRAM: the data of the channel binding.
        "cbind_data" => cbind_data: Option<ByteString>,
    }
}

dictionary! {
    /// The keys `ppt_*`: the payload is one binary argument, serialized and maybe encrypted in another way than the message.
    /// WAMP, "Payload Passthru Mode".
    pub group Passthru {
        /// What gives the other keys their meaning. Without one, or with an empty one, the payload is an ordinary one.
        "ppt_scheme" => scheme: Option<ByteString>,
        /// The serialization of the payload.
        "ppt_serializer" => serializer: Option<ByteString>,
        /// The cipher of the payload.
        "ppt_cipher" => cipher: Option<ByteString>,
        /// Which key opens the payload.
        "ppt_keyid" => keyid: Option<ByteString>,
    }
}
