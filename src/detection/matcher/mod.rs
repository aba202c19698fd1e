//! Kinds of matchers. A kind is one file with a [`Kind`] in it and one line in [`KINDS`].

mod identifier;
mod phrases;
mod regexes;

use std::fmt::Debug;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::context::Lexicon;
use super::fields::Sheet;
use super::phrase::{Classes, PhraseError, TokenHit};
use super::reading::Reading;
use super::vocabulary::{Vocabulary, WordId};

/// Every kind that a rule file can name under `[match]`.
pub(super) const KINDS: &[Kind] = &[phrases::KIND, regexes::KIND, identifier::KIND];

/// Compiles the value of a kind's key.
type BuildMatchers = fn(&Spanned<DeValue<'_>>, &mut Build<'_, '_>) -> Vec<Box<dyn Matcher>>;

/// A kind of matcher.
pub(super) struct Kind {
    /// Its key under `[match]`.
    pub(super) key: &'static str,
    /// Compiles the value of that key.
    pub(super) build: BuildMatchers,
}

/// What compiling a matcher can draw on.
pub(super) struct Build<'b, 's> {
    pub(super) sheet: &'b mut Sheet<'s>,
    pub(super) classes: &'b Classes,
    pub(super) vocabulary: &'b mut Vocabulary,
}

impl Build<'_, '_> {
    /// Notes what is wrong with a phrase.
    pub(super) fn phrase_error(&mut self, at: Range<usize>, error: PhraseError) {
        self.sheet.error(at, error.what, error.remedy);
    }
}

/// Finds something in a Reading. Cannot fail, and takes time that grows with the text only.
pub(super) trait Matcher: Debug + Send + Sync {
    /// What has to be in a text before it is worth looking.
    fn trigger(&self) -> Trigger;

    /// Where it fits.
    fn find(&self, reading: &Reading<'_>, lexicon: &Lexicon) -> Vec<Hit>;
}

/// What has to be in a text before a matcher can fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trigger {
    /// One of these words, also in disguise.
    Words(Vec<WordId>),
    /// One of these strings in the folded text.
    Literals(Vec<String>),
    /// A digit.
    Digit,
    /// Nothing.
    Always,
}

/// A place where a matcher fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// The tokens it touches.
    pub(super) tokens: TokenHit,
    /// Bytes of the folded text, where the fit is not made of whole tokens.
    pub(super) folded: Option<Range<usize>>,
    /// Whether the words around it can silence it: not so for numbers.
    pub(super) heeds_context: bool,
}
