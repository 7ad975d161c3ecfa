//! What this project wants of its server, as ratios within one run: machines differ, ratios hardly.

use crate::load::Figures;
use crate::report::{Table, decimal};
use crate::results::Results;
use crate::servers::Server;

/// A wish.
struct Target {
    what: &'static str,
    wanted: Wanted,
    measured: Option<f64>,
}

/// Which side of a number is good.
#[derive(Clone, Copy)]
enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

use Wanted::{AtLeast, AtMost};

/// The targets that can be judged by what was measured. Empty if there are none.
pub fn table(results: &Results) -> String {
    let mut table = Table::new(&["target", "wanted", "measured", ""]);
    for Target {
        what,
        wanted,
        measured,
    } in targets(results)
    {
        let Some(value) = measured else { continue };
        let (bound, met) = match wanted {
            AtLeast(bound) => (format!(">= {bound:.2}"), value >= bound),
            AtMost(bound) => (format!("<= {bound:.2}"), value <= bound),
        };
        let verdict = if met { "pass" } else { "SHORT" };
        table.push([
            what.to_owned(),
            bound,
            decimal(measured),
            verdict.to_owned(),
        ]);
    }
    if table.is_empty() {
        return String::new();
    }
    format!("### targets\n\n{}\n", table.render())
}

fn targets(results: &Results) -> Vec<Target> {
    let ours = |scenario| results.figures(scenario, Server::is_wamp);
    let of = |scenario, server| results.figures(scenario, move |other| other == server);
    let rate = |scenario, server| {
        divide(
            ours(scenario).map(Figures::per_second),
            of(scenario, server).map(Figures::per_second),
        )
    };
    let p50 = |figures: &Figures| figures.quantile(0.5);

    // Fan-out has no echo to compare with: its numbers are those of a machine on which the limit of
    // add2 is LIMIT, and are scaled to this one.
    const LIMIT: f64 = 3_900_000.0;
    let scale = of("add2-json", Server::Limit).map(|limit| limit.per_second() / LIMIT);
    let deliveries = |scenario, wanted: f64| {
        divide(
            ours(scenario).map(Figures::per_second),
            scale.map(|scale| wanted * scale),
        )
    };
    let handler = |procedure| {
        let cpu = |procedure| {
            results
                .procedure("handlers", procedure)
                .and_then(Figures::cpu_per_call)
        };
        divide(cpu(procedure), cpu("add2"))
    };

    let mut targets = Vec::new();
    let mut want = |what, wanted, measured| {
        targets.push(Target {
            what,
            wanted,
            measured,
        });
    };
    want(
        "latency: p50, x echo",
        AtMost(1.15),
        divide(
            ours("latency").map(p50),
            of("latency", Server::Echo).map(p50),
        ),
    );
    want(
        "add2-json: calls/s, x limit",
        AtLeast(0.45),
        rate("add2-json", Server::Limit),
    );
    want(
        "add2-json: calls/s, x socketioxide",
        AtLeast(5.0),
        rate("add2-json", Server::Socketioxide),
    );
    want(
        "add2-json: p99, x p50",
        AtMost(3.0),
        divide(
            ours("add2-json").map(|figures| figures.quantile(0.99)),
            ours("add2-json").map(p50),
        ),
    );
    want(
        "one-client: calls/s, x load generator",
        AtLeast(0.4),
        divide(
            ours("one-client").map(Figures::per_second),
            ours("one-connection").map(Figures::per_second),
        ),
    );
    want(
        "unbatched: CPU/call, x echo",
        AtMost(1.2),
        divide(
            ours("unbatched").and_then(Figures::cpu_per_call),
            of("unbatched", Server::Echo).and_then(Figures::cpu_per_call),
        ),
    );
    want(
        "echo-1k: calls/s, x limit",
        AtLeast(0.4),
        rate("echo-1k", Server::Limit),
    );
    want(
        "echo-1k: calls/s, x limit-128k",
        AtLeast(0.4),
        rate("echo-1k", Server::Limit128k),
    );
    want(
        "echo-64k: calls/s, x limit",
        AtLeast(0.5),
        rate("echo-64k", Server::Limit),
    );
    want(
        "echo-64k: calls/s, x limit-128k",
        AtLeast(0.5),
        rate("echo-64k", Server::Limit128k),
    );
    want(
        "fan-out-100: deliveries/s, x scaled 500,000",
        AtLeast(1.0),
        deliveries("fan-out-100", 500_000.0),
    );
    want(
        "fan-out-1000: deliveries/s, x scaled 220,000",
        AtLeast(1.0),
        deliveries("fan-out-1000", 220_000.0),
    );
    let routed = |scenario, server| of(scenario, server).and_then(Figures::per_second_of_cpu);
    want(
        "add2-json: CPU/call with the router on, x without",
        AtMost(1.05),
        divide(
            of("add2-json", Server::WampRouting).and_then(Figures::cpu_per_call),
            ours("add2-json").and_then(Figures::cpu_per_call),
        ),
    );
    want(
        "routed-json: calls/s of CPU, x crossbar",
        AtLeast(30.0),
        divide(
            routed("routed-json", Server::Router),
            routed("routed-json", Server::Crossbar),
        ),
    );
    want(
        "routed-json: calls/s of CPU, x scaled 350,000",
        AtLeast(1.0),
        divide(
            routed("routed-json", Server::Router),
            scale.map(|scale| 350_000.0 * scale),
        ),
    );
    for (what, scenario, wanted) in [
        (
            "client-fan-out-100: deliveries/s, x scaled 500,000",
            "client-fan-out-100",
            500_000.0,
        ),
        (
            "client-fan-out-1000: deliveries/s, x scaled 220,000",
            "client-fan-out-1000",
            220_000.0,
        ),
    ] {
        let measured = of(scenario, Server::Router).map(Figures::per_second);
        let scaled = scale.map(|scale| wanted * scale);
        want(what, AtLeast(1.0), divide(measured, scaled));
    }
    want(
        "idle: KiB/session",
        AtMost(12.0),
        results
            .idle("idle", Server::is_wamp)
            .and_then(|idle| idle.rss_per_session),
    );
    want(
        "handlers: CPU/call of one that waits, x add2",
        AtMost(1.5),
        handler("wait2"),
    );
    want(
        "handlers: CPU/call with State, x add2",
        AtMost(1.5),
        handler("state2"),
    );
    want(
        "handlers: CPU/call with five arguments, x add2",
        AtMost(1.5),
        handler("five"),
    );
    targets
}

fn divide(value: Option<f64>, by: Option<f64>) -> Option<f64> {
    Some(value? / by?).filter(|ratio| ratio.is_finite())
}
