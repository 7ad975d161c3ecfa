//! What a scene is written like.
//!
//! ```text
//! callee > [64, 1, {}, "@.add"]             callee sends this
//! callee < [65, 1, "$add"]                  and hears that
//! caller > [48, 1, {}, "@.add", [2, 3]]
//! callee < [68, "$call", "$add", {}, [2, 3]]
//! ```
//!
//! Whoever is named joins then with all roles and features, unless a line `name joins {"callee": {}}` says with which. `name leaves` says
//! goodbye, `name ends` answers the router's, `name breaks` says nothing, and `name closed` is when the router ends the connection.
//!
//! `@` is different in each scene. `"$word"` is a value that is the same wherever it stands, whatever it is; `"$name"` of a session is its
//! id. `"_"` is any value, `"..."` the rest of a list. Keys of Details and Options beginning with `x_` or of a router's own are not compared.
//!
//! Lines that only one of the two sides has begin with `[specification]` or `[crossbar]`. What nobody has written must not be heard: that is
//! checked before each message that is sent, and at the end.

/// A scene.
pub(crate) struct Scene {
    /// What it shows.
    pub(crate) name: &'static str,
    /// What happens, line by line.
    pub(crate) text: &'static str,
}

/// Who is the router.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    /// Ours.
    Specification,
    Crossbar,
}

/// What happens in a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Happening<'a> {
    Joins(&'a str),
    Sends(&'a str),
    Hears(&'a str),
    Leaves,
    Ends,
    Breaks,
    Closed,
}

/// The sessions and what happens to them, as far as it concerns this side.
pub(crate) fn lines(text: &str, side: Side) -> impl Iterator<Item = (&str, Happening<'_>)> {
    text.lines().filter_map(move |line| {
        let line = line.trim();
        let line = match line.strip_prefix('[') {
            None => line,
            Some(rest) => {
                let (whose, line) = rest.split_once(']').expect("a side ends with `]`");
                let whose = match whose {
                    "specification" => Side::Specification,
                    "crossbar" => Side::Crossbar,
                    other => panic!("there is no side {other}"),
                };
                if whose != side {
                    return None;
                }
                line.trim()
            }
        };
        if line.is_empty() {
            return None;
        }
        Some(parse(line))
    })
}

fn parse(line: &str) -> (&str, Happening<'_>) {
    let (who, rest) = line.split_once(' ').expect("a line says who does what");
    let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let happening = match verb {
        "joins" => Happening::Joins(rest),
        ">" => Happening::Sends(rest),
        "<" => Happening::Hears(rest),
        "leaves" => Happening::Leaves,
        "ends" => Happening::Ends,
        "breaks" => Happening::Breaks,
        "closed" => Happening::Closed,
        other => panic!("nothing is called {other} in {line}"),
    };
    (who, happening)
}
