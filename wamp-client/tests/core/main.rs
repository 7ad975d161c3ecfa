//! The client against a router whose every line is written by the test: over memory, with paused time.

mod support;

mod calling;
mod closing;
mod events;
mod hostile;
mod procedures;
mod racing;
mod reconnecting;
mod shuffled;
mod wire_forms;
