//! What changes the answer although the words fit: negation, quotation and reported speech, counter-speech.
//! It belongs to the engine, so that every rule has it and none has to repeat it.

use std::cell::OnceCell;
use std::fmt;
use std::str::FromStr;

use super::phrase::{self, Classes, PhraseError, Program, TokenHit};
use super::reading::{Break, Reading, TokenKind};
use super::vocabulary::{Vocabulary, WordId};
use crate::domain::ParseWordError;

/// Tokens before a fit in which a negating word reaches it.
const REACH_OF_NEGATION: usize = 3;
/// Tokens between reporting or objecting words and the fit that they are about.
const REACH_OF_REPORT: usize = 8;

const NEGATORS: &[&str] = &[
    "not",
    "never",
    "don't",
    "doesn't",
    "didn't",
    "isn't",
    "aren't",
    "ain't",
    "wasn't",
    "weren't",
    "nobody",
    "nor",
    "without",
    "hardly",
    "shouldn't",
    "wouldn't",
    "dont",
    "pas",
    "jamais",
    "aucun",
];
/// "not only stupid" is no negation.
const UNDOES_NEGATION: &[&str] = &["just", "only", "even", "seulement"];

/// Somebody else's words, told as theirs.
const REPORTED: &str = "(called | calls | calling | told | tells | texted | messaged | dmed) \
    (me | us | him | her | them | someone | somebody | people | <name>) | \
    (he | she | they | someone | somebody | who | guy | girl | kid | kids | person) (said | says | wrote | posted | commented | goes) | \
    (saying | typed | wrote | quote | quoted | quoting) | \
    (m'a | nous a | l'a) (dit | traité | écrit | appelé) | (il | elle | quelqu'un | on) a (dit | écrit)";
/// Words that object. They silence only what is spoken of as speech: see [`SPEECH`].
const OBJECTING: &str = "(not | isn't | aren't | ain't | never | wasn't) [even | very | really | at all] \
    (ok | okay | cool | funny | nice | right | fair | kind | acceptable | allowed | appropriate) | \
    (stop | quit | no more) {speech} | \
    (don't | never | can't | shouldn't | nobody should | no one should) [ever] {speech} | \
    (bullying | hurtful | harassment | slur | slurs | cyberbullying | inappropriate) | \
    (that's | that is | it's | it is | is | was) (mean | rude | wrong | awful | cruel) | \
    (arrête | arrêtez) de {speech} | (c'est) (méchant | pas correct | pas gentil)";
/// Words for speaking, as entries of the class `speech` that the engine's own phrases use.
const SPEECH: &[&str] = &[
    "say", "says", "saying", "said", "call", "calls", "calling", "called", "tell", "tells", "telling",
    "told", "use", "using", "used", "write", "writing", "wrote", "post", "posting", "posted", "type",
    "typing", "ask", "asking", "making", "make", "word", "words", "joke", "jokes", "dire", "traiter",
    "écrire", "appeler",
];

/// A circumstance within the text that can silence a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// "you're not stupid".
    Negation,
    /// "she wrote 'you're stupid' on my locker".
    Quotation,
    /// "don't call her ugly".
    CounterSpeech,
}

impl Context {
    /// The word in rule files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Negation => "negation",
            Self::Quotation => "quotation",
            Self::CounterSpeech => "counter-speech",
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Context {
    type Err = ParseWordError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Negation, Self::Quotation, Self::CounterSpeech]
            .into_iter()
            .find(|context| context.as_str() == word)
            .ok_or(ParseWordError { expected: "negation, quotation or counter-speech" })
    }
}

/// The words that the engine itself knows.
#[derive(Debug)]
pub(super) struct Lexicon {
    negators: Vec<WordId>,
    undoes_negation: Vec<WordId>,
    first_names: Vec<WordId>,
    names_and_words: Vec<WordId>,
    surnames_and_words: Vec<WordId>,
    reported: Program,
    objecting: Program,
    speech: Program,
}

impl Lexicon {
    /// Compiles the engine's own words. `first-names`, `names-that-are-words`, `surnames-that-are-words` and
    /// `not-names` are word classes like any other; a capitalised word that the Vocabulary knows is no name, so it is
    /// enough that the last of them join it.
    pub(super) fn compile(classes: &Classes, vocabulary: &mut Vocabulary) -> Result<Self, PhraseError> {
        let own =
            Classes::from([("speech".to_owned(), SPEECH.iter().map(|word| (*word).to_owned()).collect())]);
        let reported = phrase::compile(REPORTED, &own, vocabulary)?;
        let objecting = phrase::compile(OBJECTING, &own, vocabulary)?;
        let speech = phrase::compile("{speech}", &own, vocabulary)?;
        let mut ids = |words: &mut dyn Iterator<Item = &str>| {
            let mut ids: Vec<_> = words
                .filter_map(|word| {
                    let reading = Reading::of(word, &Vocabulary::default());
                    reading.tokens().first().map(|token| vocabulary.add(reading.word(token)))
                })
                .collect();
            ids.sort_unstable();
            ids
        };
        let class = |name: &str| classes.get(name).into_iter().flatten().map(String::as_str);
        ids(&mut class("not-names"));
        Ok(Self {
            negators: ids(&mut NEGATORS.iter().copied()),
            undoes_negation: ids(&mut UNDOES_NEGATION.iter().copied()),
            first_names: ids(&mut class("first-names")),
            names_and_words: ids(&mut class("names-that-are-words")),
            surnames_and_words: ids(&mut class("surnames-that-are-words")),
            reported,
            objecting,
            speech,
        })
    }

    /// Whether the token negates what follows it.
    pub(super) fn negates(&self, reading: &Reading<'_>, at: usize) -> bool {
        let is = |at: usize, words: &[WordId]| {
            reading
                .tokens()
                .get(at)
                .and_then(|token| token.known)
                .is_some_and(|id| words.binary_search(&id).is_ok())
        };
        is(at, &self.negators) && !is(at + 1, &self.undoes_negation)
    }

    /// How many tokens the name at this place takes, with its `'s`.
    pub(super) fn name_at(&self, reading: &Reading<'_>, at: usize) -> Option<usize> {
        let token = reading.tokens().get(at).filter(|token| token.kind == TokenKind::Word)?;
        let among = |names: &[WordId]| token.known.is_some_and(|id| names.binary_search(&id).is_ok());
        let is_first_name = among(&self.first_names) || token.capital && among(&self.names_and_words);
        let by_shape = token.capital && token.before < Break::Line && token.known.is_none();
        if !is_first_name && !by_shape {
            return None;
        }
        Some(with_possessive(reading, at))
    }

    /// How many tokens the surname at this place takes, with its `'s`.
    pub(super) fn surname_at(&self, reading: &Reading<'_>, at: usize) -> Option<usize> {
        let token = reading.tokens().get(at).filter(|token| token.kind == TokenKind::Word)?;
        let fits = token.capital
            || token.known.is_none_or(|id| {
                self.surnames_and_words.binary_search(&id).is_ok()
                    || self.first_names.binary_search(&id).is_ok()
            });
        fits.then(|| with_possessive(reading, at))
    }

    fn is_negated(&self, reading: &Reading<'_>, hit: &TokenHit) -> bool {
        let tokens = reading.tokens();
        let mut at = hit.tokens.start;
        let first = at.saturating_sub(REACH_OF_NEGATION);
        while at > first && tokens[at].before == Break::None {
            at -= 1;
            if self.negates(reading, at) {
                return true;
            }
        }
        false
    }
}

/// The reporting and objecting words of one text, looked for once and only if something fits.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    reading: &'a Reading<'a>,
    lexicon: &'a Lexicon,
    reports: OnceCell<Vec<TokenHit>>,
    objections: OnceCell<Vec<TokenHit>>,
    speech: OnceCell<Vec<TokenHit>>,
}

impl<'a> Surroundings<'a> {
    /// Of a text; nothing is looked for yet.
    pub(super) fn of(reading: &'a Reading<'a>, lexicon: &'a Lexicon) -> Self {
        Self {
            reading,
            lexicon,
            reports: OnceCell::new(),
            objections: OnceCell::new(),
            speech: OnceCell::new(),
        }
    }

    /// The context that silences a fit, if one does that the rule does not stand up to. No rule stands up to a
    /// negation that it had to pass over to fit.
    pub(super) fn silencing(&self, hit: &TokenHit, despite: &[Context]) -> Option<Context> {
        if hit.negated {
            return Some(Context::Negation);
        }
        [Context::Negation, Context::CounterSpeech, Context::Quotation]
            .into_iter()
            .find(|context| !despite.contains(context) && self.holds(*context, hit))
    }

    fn holds(&self, context: Context, hit: &TokenHit) -> bool {
        match context {
            Context::Negation => self.lexicon.is_negated(self.reading, hit),
            Context::CounterSpeech => self.is_objected_to(hit),
            Context::Quotation => self.is_reported(hit),
        }
    }

    /// "it's not ok to tell people that …", "calling her … is mean"; but not "…, and that's not funny".
    fn is_objected_to(&self, hit: &TokenHit) -> bool {
        let find = |program: &Program| program.find(self.reading, self.lexicon);
        let objections = self.objections.get_or_init(|| find(&self.lexicon.objecting));
        let is_objected = near(objections, hit).any(|objection| {
            !objection.negated && apart(objection, hit) && in_one_sentence(self.reading, objection, hit)
        });
        is_objected && {
            let speech = self.speech.get_or_init(|| find(&self.lexicon.speech));
            near(speech, hit)
                .any(|word| word.tokens.end <= hit.tokens.start && in_one_sentence(self.reading, word, hit))
        }
    }

    fn is_reported(&self, hit: &TokenHit) -> bool {
        let reports = self.reports.get_or_init(|| self.lexicon.reported.find(self.reading, self.lexicon));
        let quoted = self.reading.tokens()[hit.tokens.clone()].iter().all(|token| token.quoted);
        quoted && !reports.is_empty()
            || near(reports, hit).any(|report| {
                report.tokens.end <= hit.tokens.start && in_one_sentence(self.reading, report, hit)
            })
    }
}

/// Those of `others`, which are in order, that stand within reach of a fit.
fn near<'h>(others: &'h [TokenHit], hit: &TokenHit) -> impl Iterator<Item = &'h TokenHit> {
    let (start, end) = (hit.tokens.start, hit.tokens.end);
    let first = others.partition_point(|other| other.tokens.end + REACH_OF_REPORT < start);
    others[first..].iter().take_while(move |other| other.tokens.start <= end + REACH_OF_REPORT)
}

/// The tokens of a word with the `'s` that may follow it.
fn with_possessive(reading: &Reading<'_>, at: usize) -> usize {
    if reading.tokens().get(at + 1).is_some_and(|next| reading.word(next) == "'s") { 2 } else { 1 }
}

fn apart(one: &TokenHit, other: &TokenHit) -> bool {
    one.tokens.end <= other.tokens.start || other.tokens.end <= one.tokens.start
}

fn in_one_sentence(reading: &Reading<'_>, one: &TokenHit, other: &TokenHit) -> bool {
    let start = one.tokens.start.min(other.tokens.start) + 1;
    let end = one.tokens.end.max(other.tokens.end);
    reading
        .tokens()
        .get(start..end)
        .is_none_or(|between| between.iter().all(|token| token.before < Break::Sentence))
}
