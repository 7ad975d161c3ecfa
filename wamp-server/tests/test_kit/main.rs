//! The test kit, as those who test their applications use it.
#![allow(missing_docs, reason = "tests say what they prove by their names")]

mod clients;
mod events;
mod faults;
mod raw;
mod router;
mod support;
mod waiting;
mod wire;
