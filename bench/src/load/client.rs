//! Calls by this project's own client, which encodes and decodes in earnest: what it costs, beside the load generator on the same server.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::LocalSet;
use wamp_client::Client;

use super::calls::Calls;
use super::window::{Figures, Timing, Window};
use crate::process::ServerProcess;

/// Runs the load: one client for each connection, a task for each call in flight.
pub fn client(server: &ServerProcess, load: Calls, timing: Timing) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    let mut window = Window::open(server, timing)?;
    let url = format!("ws://{}/", server.address());
    let run = async {
        let answers = Rc::new(RefCell::new(Vec::new()));
        for _ in 0..load.connections {
            let client = Client::connect(&url, "realm1").await?;
            for number in (1..).take(load.in_flight) {
                tokio::task::spawn_local(call(client.clone(), number, Rc::clone(&answers)));
            }
        }
        window.restart();
        while let Some(wait) = window.tick() {
            tokio::time::sleep(wait.min(LOOK)).await;
            for answer in answers.borrow_mut().drain(..) {
                match answer {
                    Ok(time) => {
                        window.tally.good();
                        window.tally.time(time);
                    }
                    Err(error) => window.tally.bad(|| error),
                }
            }
        }
        anyhow::Ok(())
    };
    LocalSet::new().block_on(&runtime, run)?;
    window.close()
}

/// How often to look at the clock.
const LOOK: Duration = Duration::from_millis(5);

/// Nanoseconds from a call to its answer, or what was wrong with it.
type Answer = Result<u64, String>;

/// Calls again and again.
async fn call(client: Client, number: i64, answers: Rc<RefCell<Vec<Answer>>>) {
    loop {
        let begin = Instant::now();
        let sum = client
            .call("bench.add2")
            .arg(number)
            .arg(1)
            .get::<i64>()
            .await;
        let nanoseconds = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let answer = match sum {
            Ok(sum) if sum == number + 1 => Ok(nanoseconds),
            other => Err(format!("{other:?}")),
        };
        answers.borrow_mut().push(answer);
    }
}
