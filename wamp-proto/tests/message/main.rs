//! Messages against a table of the specification, against other people's serializers, and against garbage.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod encode_with;
mod garbage;
mod ids;
mod limits;
mod round_trip;
mod table;
mod wire;
mod wrong_values;
