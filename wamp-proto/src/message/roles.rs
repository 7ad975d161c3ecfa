//! What peers announce: `HELLO.Details.roles` and `WELCOME.Details.roles`. WAMP, "Feature Announcement".

use super::decode::{Decoded, Decoder};
use super::dictionary::{self, Dictionary, Entries, dictionary};
use super::encode::{Encoded, Encoder};
use super::features::FeatureSet;
use super::value::Item;
use super::{Feature, Unknown};
use crate::codec::{Token, Write};

dictionary! {
    /// The roles that a peer plays, each with its features. Roles that the specification does not know are `unknown`.
    ///
    /// ```
    /// use wamp_proto::message::{Feature, Features, Roles};
    ///
    /// let roles = Roles {
    ///     caller: Some(Features::from([Feature::CallCanceling])),
    ///     ..Roles::default()
    /// };
    /// assert!(roles.caller.is_some_and(|caller| caller.contains(Feature::CallCanceling)));
    /// ```
    pub struct Roles {
        /// Routes events.
        "broker" => broker: Option<Features>,
        /// Routes calls.
        "dealer" => dealer: Option<Features>,
        /// Receives events.
        "subscriber" => subscriber: Option<Features>,
        /// Publishes events.
        "publisher" => publisher: Option<Features>,
        /// Calls procedures.
        "caller" => caller: Option<Features>,
        /// Offers procedures.
        "callee" => callee: Option<Features>,
    }
}

impl Roles {
    /// Whether there is none of the six, which is not allowed.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }
}

/// The features of one role.
///
/// Reading is liberal: `features` may be missing or null, and a feature that is `false` is not supported. Writing is strict: there is
/// always a `features` object, except in what was read without one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    set: FeatureSet,
    /// Whether what was read had no `features` object.
    omitted: bool,
    /// What stands beside `features`, such as `reflection`.
    attributes: Unknown,
}

impl Features {
    /// No features.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the feature is supported.
    pub fn contains(&self, feature: Feature) -> bool {
        self.set.contains(feature)
    }

    /// Adds a feature.
    pub fn insert(&mut self, feature: Feature) {
        self.set.insert(feature);
        self.omitted = false;
    }

    /// Removes a feature.
    pub fn remove(&mut self, feature: Feature) {
        self.set.remove(feature);
    }

    /// All features that are supported.
    pub fn iter(&self) -> impl Iterator<Item = Feature> {
        self.set.iter()
    }

    /// Features that the specification does not know, such as those that begin with `x_`.
    pub fn unknown(&self) -> &Unknown {
        self.set.unknown()
    }

    /// What the role has beside its features, such as `reflection`.
    pub fn attributes(&self) -> &Unknown {
        &self.attributes
    }
}

impl<const N: usize> From<[Feature; N]> for Features {
    fn from(features: [Feature; N]) -> Self {
        features.into_iter().collect()
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        let mut set = Self::default();
        set.extend(features);
        set
    }
}

impl Extend<Feature> for Features {
    fn extend<I: IntoIterator<Item = Feature>>(&mut self, features: I) {
        features
            .into_iter()
            .for_each(|feature| self.insert(feature));
    }
}

impl Item for Features {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self> {
        let role: Role = dictionary::read_from(token, decoder)?;
        Ok(Self {
            omitted: role.features.is_none(),
            set: role.features.unwrap_or_default(),
            attributes: role.unknown,
        })
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder
            .writer
            .map(Some(usize::from(!self.omitted) + self.attributes.len()))?;
        if !self.omitted {
            encoder.writer.str("features")?;
            dictionary::write(&self.set, encoder)?;
        }
        for (key, value) in &self.attributes {
            encoder.writer.str(key)?;
            value.write(encoder)?;
        }
        encoder.writer.end()
    }
}

dictionary! {
    /// What a role is on the wire.
    struct Role {
        /// What it supports.
        "features" => features: Option<FeatureSet>,
    }
}
