//! Tables of URIs, and the functions against models that are too simple to be wrong.

use proptest::prelude::*;
use wamp_uri::{
    MAX_COMPONENTS, MAX_LEN, Match, Rule, Template, UriErrorKind, check, check_limits,
    check_pattern, is_reserved, matches, specificity,
};

/// A text, and whether it is valid: loose, strict, as a loose prefix, as a loose wildcard pattern.
const TABLE: &[(&str, [bool; 4])] = &[
    ("", [false, false, true, true]),
    (".", [false, false, false, true]),
    ("..", [false, false, false, true]),
    ("a", [true, true, true, true]),
    ("a.b", [true, true, true, true]),
    ("com.example.add_2", [true, true, true, true]),
    ("0.1.2", [true, true, true, true]),
    ("_", [true, true, true, true]),
    ("a.", [false, false, true, true]),
    ("a.b.", [false, false, true, true]),
    ("a..", [false, false, false, true]),
    (".a", [false, false, false, true]),
    (".a.", [false, false, false, true]),
    ("a..b", [false, false, false, true]),
    ("com.Example", [true, false, true, true]),
    ("com.my-app", [true, false, true, true]),
    ("com.größe", [true, false, true, true]),
    ("日本.語", [true, false, true, true]),
    ("a.{b}", [true, false, true, true]),
    ("a/b?c=d", [true, false, true, true]),
    ("a#", [false, false, false, false]),
    ("#", [false, false, false, false]),
    ("a.#.b", [false, false, false, false]),
    (" ", [false, false, false, false]),
    ("a b", [false, false, false, false]),
    ("a. b", [false, false, false, false]),
    ("a.b ", [false, false, false, false]),
    ("a\tb", [false, false, false, false]),
    ("a\n", [false, false, false, false]),
    ("a\0b", [false, false, false, false]),
    ("a\u{7f}", [false, false, false, false]),
    ("a\u{85}", [false, false, false, false]),
    ("a\u{a0}b", [false, false, false, false]),
    ("a\u{2028}b", [false, false, false, false]),
    ("a.\u{3000}", [false, false, false, false]),
];

#[test]
fn table_of_uris() {
    for (text, expected) in TABLE {
        let found = [
            check(text, Rule::Loose).is_ok(),
            check(text, Rule::Strict).is_ok(),
            check_pattern(text, Match::Prefix, Rule::Loose).is_ok(),
            check_pattern(text, Match::Wildcard, Rule::Loose).is_ok(),
        ];
        assert_eq!(&found, expected, "{text:?}");
        assert_eq!(
            check(text, Rule::Strict),
            check_pattern(text, Match::Exact, Rule::Strict)
        );
    }
}

#[test]
fn errors_point_at_the_part() {
    let part = |text: &'static str| {
        let error = check(text, Rule::Loose).unwrap_err();
        (error.kind(), &text[error.span()], error.span().start)
    };
    assert_eq!(part(""), (UriErrorKind::Empty, "", 0));
    assert_eq!(part("."), (UriErrorKind::EmptyComponent, ".", 0));
    assert_eq!(part("a..b"), (UriErrorKind::EmptyComponent, ".", 1));
    assert_eq!(part("a.b."), (UriErrorKind::EmptyComponent, ".", 3));
    assert_eq!(part("größe. b"), (UriErrorKind::Character(' '), " ", 8));
    assert_eq!(
        part("a.b\u{2028}"),
        (UriErrorKind::Character('\u{2028}'), "\u{2028}", 3)
    );
    assert!(
        check("a#b", Rule::Loose)
            .unwrap_err()
            .to_string()
            .contains("'#'")
    );
}

#[test]
fn limits() {
    assert!(check_limits(&"a".repeat(MAX_LEN)).is_ok());
    assert_eq!(
        check_limits(&"a".repeat(MAX_LEN + 1)).unwrap_err().span(),
        MAX_LEN..MAX_LEN + 1
    );
    assert_eq!(
        check_limits(&"é".repeat(MAX_LEN)).unwrap_err().span().start,
        MAX_LEN - 1
    );
    assert!(check_limits(&vec!["a"; MAX_COMPONENTS].join(".")).is_ok());
    let long = vec!["a"; MAX_COMPONENTS + 1].join(".");
    let error = check_limits(&long).unwrap_err();
    assert_eq!(
        (error.kind(), &long[error.span()]),
        (UriErrorKind::TooManyComponents, ".a")
    );
}

#[test]
fn reserved() {
    for (uri, expected) in [
        ("wamp", true),
        ("wamp.", true),
        ("wamp.x", true),
        ("wampx", false),
        ("wam", false),
        ("x.wamp", false),
    ] {
        assert_eq!(is_reserved(uri), expected, "{uri}");
    }
}

#[test]
fn words_for_matches() {
    for matching in [Match::Exact, Match::Prefix, Match::Wildcard] {
        assert_eq!(matching.to_string().parse(), Ok(matching));
    }
    assert!("Exact".parse::<Match>().is_err());
    assert_eq!(Match::default(), Match::Exact);
}

#[test]
fn templates() {
    let plain = Template::parse("com.example.add").unwrap();
    assert_eq!(
        (plain.pattern(), plain.matching(), plain.captures().len()),
        ("com.example.add", Match::Exact, 0)
    );
    assert_eq!(plain.capture("com.example.add", 0), None);

    let template = Template::parse("{a}.b.{_c2}").unwrap();
    assert_eq!(
        (template.pattern(), template.matching()),
        (".b.", Match::Wildcard)
    );
    assert_eq!(template.capture("x.b.z", 1), Some("z"));
    assert_eq!(template.capture("x.b.z", 2), None);
    assert!(template.matches("x.b.z") && !template.matches("x.y.z"));
    assert!(Template::parse(&format!("a.{{{}}}", "x".repeat(MAX_LEN))).is_ok());
}

#[test]
fn templates_that_are_refused() {
    for (text, kind, part) in [
        ("", UriErrorKind::Empty, ""),
        ("a..b", UriErrorKind::EmptyComponent, "."),
        ("a.{b}.", UriErrorKind::EmptyComponent, "."),
        ("a.x{b}", UriErrorKind::Brace, "x{b}"),
        ("a.{b}{c}", UriErrorKind::Brace, "{b}{c}"),
        ("a.{b", UriErrorKind::Brace, "{b"),
        ("a.b}", UriErrorKind::Brace, "b}"),
        ("a.{", UriErrorKind::Brace, "{"),
        ("a.{b.c}", UriErrorKind::Brace, "{b"),
        ("a.{}", UriErrorKind::CaptureName, "{}"),
        ("a.{_}", UriErrorKind::CaptureName, "{_}"),
        ("a.{1b}", UriErrorKind::CaptureName, "{1b}"),
        ("a.{b c}", UriErrorKind::CaptureName, "{b c}"),
        ("a.{größe}", UriErrorKind::CaptureName, "{größe}"),
        ("{b}.{b}", UriErrorKind::DuplicateCapture, "b"),
        ("a b.{c}", UriErrorKind::Character(' '), " "),
    ] {
        let error = Template::parse(text).unwrap_err();
        assert_eq!((error.kind(), &text[error.span()]), (kind, part), "{text}");
    }
    assert_eq!(
        Template::parse(&"a".repeat(MAX_LEN + 1))
            .unwrap_err()
            .kind(),
        UriErrorKind::TooLong
    );
    assert_eq!(
        Template::parse(&vec!["a"; 33].join("."))
            .unwrap_err()
            .kind(),
        UriErrorKind::TooManyComponents
    );
}

/// The grammar as a list of components instead of a scan.
fn model(text: &str, matching: Match, allowed: fn(char) -> bool) -> bool {
    let components: Vec<Vec<char>> = text
        .split('.')
        .map(|component| component.chars().collect())
        .collect();
    let last = components.len() - 1;
    components.iter().enumerate().all(|(index, component)| {
        let filled = !component.is_empty() && component.iter().all(|&char| allowed(char));
        let empty = component.is_empty();
        match matching {
            Match::Exact => filled,
            Match::Prefix => filled || (empty && index == last),
            Match::Wildcard => filled || empty,
        }
    })
}

/// What the specification says: the components before each wildcard, the most of them first.
fn runs(pattern: &str) -> Vec<usize> {
    let mut runs = vec![0];
    for component in pattern.split('.') {
        if component.is_empty() {
            runs.push(0);
        } else if let Some(last) = runs.last_mut() {
            *last += 1;
        }
    }
    runs
}

fn any_match() -> impl Strategy<Value = Match> {
    prop_oneof![
        Just(Match::Exact),
        Just(Match::Prefix),
        Just(Match::Wildcard)
    ]
}

proptest! {
    #[test]
    fn checks_agree_with_the_model(text in "[a-cA_0.. #\u{a0}é\n]{0,8}|.{0,12}", matching in any_match()) {
        let loose = |char: char| char != '#' && !char.is_whitespace() && !char.is_control();
        let strict = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
        for (rule, expected) in [(Rule::Loose, model(&text, matching, loose)), (Rule::Strict, model(&text, matching, strict))] {
            match check_pattern(&text, matching, rule) {
                Ok(()) => prop_assert!(expected),
                Err(error) => {
                    prop_assert!(!expected);
                    prop_assert!(text.get(error.span()).is_some(), "span outside the text or inside a character");
                }
            }
        }
    }

    #[test]
    fn matching_agrees_with_the_model(pattern in "[ab.]{0,7}", uri in "[ab.]{0,7}") {
        prop_assert_eq!(matches(&pattern, Match::Exact, &uri), pattern == uri);
        prop_assert_eq!(matches(&pattern, Match::Prefix, &uri), uri.get(..pattern.len()) == Some(pattern.as_str()));
        let (wanted, found): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), uri.split('.').collect());
        let expected = wanted.len() == found.len() && wanted.iter().zip(&found).all(|(w, f)| w.is_empty() || w == f);
        prop_assert_eq!(matches(&pattern, Match::Wildcard, &uri), expected);
    }

    #[test]
    fn specificity_counts_runs(first in proptest::collection::vec(any::<bool>(), 6), second in proptest::collection::vec(any::<bool>(), 6)) {
        let pattern = |filled: &[bool]| filled.iter().map(|&filled| if filled { "x" } else { "" }).collect::<Vec<_>>().join(".");
        let (first, second) = (pattern(&first), pattern(&second));
        prop_assert_eq!(specificity(&first).cmp(&specificity(&second)), runs(&first).cmp(&runs(&second)));
    }

    #[test]
    fn captures_come_back(parts in proptest::collection::vec(("[a-z]{1,4}", any::<bool>()), 1..8)) {
        let text: Vec<_> = parts.iter().enumerate().map(|(i, (part, is))| if *is { format!("{{c{i}}}") } else { part.clone() }).collect();
        let uri: Vec<_> = parts.iter().map(|(part, _)| part.as_str()).collect();
        let uri = uri.join(".");
        let template = Template::parse(&text.join(".")).unwrap();
        prop_assert!(template.matches(&uri));
        prop_assert!(check_pattern(template.pattern(), template.matching(), Rule::Strict).is_ok());
        let captured: Vec<_> = parts.iter().filter(|(_, is)| *is).map(|(part, _)| part.as_str()).collect();
        prop_assert_eq!(template.values(&uri).map(|(_, value)| value).collect::<Vec<_>>(), captured);
    }

    #[test]
    fn templates_never_panic(text in "[a{}. #é_]{0,10}|.{0,16}") {
        if let Err(error) = Template::parse(&text) {
            prop_assert!(text.get(error.span()).is_some());
        }
    }
}
