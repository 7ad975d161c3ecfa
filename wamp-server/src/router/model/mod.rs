//! The proof of the rules.
//!
//! - [`reference`] says by naive means what the router has to say: [`reference_calls`], [`reference_offers`], [`reference_events`].
//! - [`real`] and [`real_requests`] have the router do the same [`operation`]s, at sessions without connections ([`fake`]); both tell what was [`said`].
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
mod real_requests;
mod reference;
mod reference_calls;
mod reference_events;
mod reference_offers;
mod said;
mod tables;
mod threads;

use std::sync::LazyLock;

use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::Raw;

fn id(id: u64) -> Id {
    Id::new(id).expect("small and not zero")
}

/// How many keys there are.
const KEYS: u64 = 4;

/// A key, in whatever serializer it was sent.
fn shard_key(key: u64) -> u64 {
    static ALL: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let keys = 0..KEYS;
        keys.map(|it| super::shard::key(&raw(Format::Cbor, it)))
            .collect()
    });
    let key = usize::try_from(key).expect("a small number");
    ALL[key]
}

fn raw(format: Format, value: u64) -> Raw {
    Raw::new(format, &value).expect("a number can be written")
}
