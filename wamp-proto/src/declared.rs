//! What a trait that caller and callee share says of one of its methods.

/// A method of a trait that both sides share. Written by `#[client]` and `#[service]`.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The URI of the procedure.
    pub uri: &'static str,
    /// What its parameters are called on the wire, in the order of the signature.
    pub params: &'static [&'static str],
    /// Its doc comment.
    pub docs: &'static str,
}

impl Declared {
    /// What a parameter is called. One too many has no name, which is not the mistake that the compiler is to report.
    #[must_use]
    pub const fn param(&self, index: usize) -> &'static str {
        let mut rest = self.params;
        let mut left = index;
        while let [first, others @ ..] = rest {
            if left == 0 {
                return first;
            }
            left -= 1;
            rest = others;
        }
        ""
    }

    /// The doc comment of whoever implements it; without one, that of the trait.
    #[must_use]
    pub const fn docs_or(&self, own: &'static str) -> &'static str {
        if own.is_empty() { self.docs } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Declared = Declared {
        uri: "docs.get",
        params: &["id"],
        docs: "Gets.",
    };

    #[test]
    fn what_the_trait_says_is_for_those_who_say_nothing() {
        assert_eq!((GET.param(0), GET.param(1)), ("id", ""));
        assert_eq!(
            (GET.docs_or("Fetches."), GET.docs_or("")),
            ("Fetches.", "Gets.")
        );
    }
}
