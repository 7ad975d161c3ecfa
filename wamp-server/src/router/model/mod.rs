//! The proof of the rules.
//!
//! - [`reference`] says by naive means what the router has to say: [`reference_calls`], [`reference_offers`], [`reference_events`].
//! - [`real`] has the router do the same [`operation`]s, at sessions without connections ([`fake`]); both tell what was [`said`].
//! - [`both`] compares them step by step; [`programs`] does so for random programs. [`generator`] writes them, with [`dice`].
//!   [`found`]: what came of it.
//! - [`interleavings`]: every order of what can happen to a call; [`gaps`]: at the one moment between two callees. [`threads`]: many sessions at once. [`tables`]: tables of patterns.

mod both;
mod dice;
mod fake;
mod found;
mod gaps;
mod generator;
mod interleavings;
mod operation;
mod programs;
mod real;
mod reference;
mod reference_calls;
mod reference_events;
mod reference_offers;
mod said;
mod tables;
mod threads;

use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::Raw;

fn id(id: u64) -> Id {
    Id::new(id).expect("small and not zero")
}

/// A key, in whatever serializer it was sent.
fn shard_key(key: u64) -> u64 {
    super::shard::key(&raw(Format::Cbor, key))
}

fn raw(format: Format, value: u64) -> Raw {
    Raw::new(format, &value).expect("a number can be written")
}
