//! A verb of the control API: its name, what it does, the fields of its body, and how it is performed. One row of a
//! table is all there is to a verb, so that the index cannot leave one out.

use std::future::Future;
use std::pin::Pin;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{Outcome, Problem};

/// A verb that is being performed.
pub(super) type Performing = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A field of a body: its name, and what it means. A name that ends in `?` may be left out.
pub(super) type Field = (&'static str, &'static str);

/// Something that can be done to a `S`: a person, a server, the world.
pub(super) struct Verb<S: 'static> {
    pub(super) name: &'static str,
    /// What it does, as a sentence.
    pub(super) does: &'static str,
    pub(super) fields: &'static [Field],
    pub(super) perform: fn(S, Value) -> Performing,
}

impl<S> Verb<S> {
    /// Its entry in the index. `path` is what stands before its name.
    pub(super) fn entry(&self, path: &str) -> Value {
        entry("POST", &format!("{path}{}", self.name), self.does, self.fields)
    }
}

/// An entry of the index.
pub(super) fn entry(method: &str, path: &str, does: &str, fields: &[Field]) -> Value {
    let fields: serde_json::Map<_, _> =
        fields.iter().map(|(name, means)| ((*name).to_owned(), json!(means))).collect();
    let holds = if method == "GET" { "query" } else { "body" };
    json!({"method": method, "path": path, "does": does, holds: fields})
}

/// What a verb that is done at once returns.
pub(super) trait Answers {
    /// As the answer to the call.
    fn into_outcome(self) -> Outcome;
}

impl Answers for () {
    fn into_outcome(self) -> Outcome {
        Ok(json!({}))
    }
}

impl Answers for Value {
    fn into_outcome(self) -> Outcome {
        Ok(self)
    }
}

impl Answers for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

/// Performs what is done at once.
pub(super) fn now<S, B, A>(subject: S, body: Value, act: fn(&S, &B) -> A) -> Performing
where
    S: Send + 'static,
    B: DeserializeOwned + 'static,
    A: Answers + 'static,
{
    Box::pin(async move { act(&subject, &read(body)?).into_outcome() })
}

/// Performs what may have to wait.
pub(super) fn later<S, B, F>(subject: S, body: Value, act: fn(S, B) -> F) -> Performing
where
    S: Send + 'static,
    B: DeserializeOwned + Send + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    Box::pin(async move { act(subject, read(body)?).await })
}

fn read<B: DeserializeOwned>(body: Value) -> Result<B, Problem> {
    serde_json::from_value(body).map_err(|error| Problem::unreadable(&error))
}
