//! What a session registers, and what it subscribes to: one, or very many.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::handshake::Talk;
use super::message::Request;
use super::serializer::Serializer;

/// What is made by one request.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    /// REGISTER makes it.
    Registration,
    /// SUBSCRIBE makes it.
    Subscription,
}

impl Entry {
    /// Makes one, as the first request of the session.
    pub fn make(self, talk: &mut Talk, options: &Value, uri: &str) -> Result<()> {
        self.make_all(talk, options, 1, [uri.to_owned()].into_iter())
            .with_context(|| format!("no {self:?} of {uri}"))
    }

    /// Makes many, with requests from number `first` on. All are on their way at once, so the answers must fit into the buffers of a
    /// socket.
    fn make_all(
        self,
        talk: &mut Talk,
        options: &Value,
        first: u64,
        uris: impl Iterator<Item = String>,
    ) -> Result<()> {
        let kind = match self {
            Self::Registration => 64,
            Self::Subscription => 32,
        };
        let serializer = talk.serializer();
        let mut requests = Vec::new();
        for (number, uri) in (first..).zip(uris) {
            let request = Request::wamp(serializer, kind, &[options.clone(), json!(uri)])?;
            requests.push(request.payload(number));
        }
        talk.send_all(&requests)?;
        for number in (first..).take(requests.len()) {
            let answer = serializer.decode(&talk.receive()?)?;
            ensure!(
                answer[0] == kind + 1 && answer[1] == number,
                "the answer is {answer}"
            );
        }
        Ok(())
    }
}

/// Registrations or subscriptions that have nothing to do with what is measured, but resemble it.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many.
    pub size: usize,
    /// How they match.
    pub matching: Matching,
}

/// How registrations and subscriptions match.
#[derive(Clone, Copy, Debug)]
pub enum Matching {
    /// By the whole URI.
    Exact,
    /// By its beginning.
    Prefix,
    /// By some of its components.
    Wildcard,
}

impl Crowd {
    /// What the row of a table says.
    pub fn name(self) -> String {
        let matching = match self.matching {
            Matching::Exact => "exact",
            Matching::Prefix => "prefixes",
            Matching::Wildcard => "wildcards",
        };
        format!("{} {matching}", self.size)
    }

    /// Makes them. They last as long as their sessions, which are the answer.
    pub fn gather(self, address: SocketAddr, entry: Entry) -> Result<Vec<Talk>> {
        let options = match self.matching {
            Matching::Exact => json!({}),
            Matching::Prefix => json!({"match": "prefix"}),
            Matching::Wildcard => json!({"match": "wildcard"}),
        };
        let mut sessions = Vec::new();
        let all: Vec<usize> = (0..self.size).collect();
        for part in all.chunks(PER_SESSION) {
            let mut talk = Talk::open(address, Dialect::Wamp(Serializer::Json))?;
            let mut first = 1;
            for batch in part.chunks(BATCH) {
                let uris = batch.iter().map(|number| self.uri(*number));
                entry
                    .make_all(&mut talk, &options, first, uris)
                    .with_context(|| format!("the {entry:?}s beside do not come to be"))?;
                first += batch.len() as u64;
            }
            sessions.push(talk);
        }
        Ok(sessions)
    }

    /// Like what is called and published in the scenarios, and matching none of it.
    fn uri(self, number: usize) -> String {
        match self.matching {
            Matching::Exact | Matching::Prefix => format!("bench.routed.beside{number}"),
            Matching::Wildcard => format!("bench..beside{number}"),
        }
    }
}

/// What one session has.
const PER_SESSION: usize = 10_000;
/// What one session has asked for and not yet got.
const BATCH: usize = 500;
