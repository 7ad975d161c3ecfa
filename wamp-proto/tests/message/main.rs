//! Messages against a table of the specification, against other people's serializers, and against garbage.

mod encode_with;
mod garbage;
mod ids;
mod limits;
mod round_trip;
mod table;
mod wire;
mod wrong_values;
