//! Phrases: sequences of words and word classes with gaps, options and alternatives, over the tokens of a Reading.
//!
//! | written | fits |
//! |---|---|
//! | `meet` | the word, in any spelling that normalisation sees through |
//! | `{insult}` | any entry of the word class `patterns/words/insult.toml` |
//! | `(text \| call)` | one of the alternatives |
//! | `[really]` | the word or nothing |
//! | `..` and `..6` | up to three, or up to six, words of the same sentence |
//! | `<name>` | a first name, or a capitalised word that is no ordinary one, with its `'s` |
//! | `<surname>` | a capitalised word, or one that no rule names, with its `'s`; to stand after `<name>` |
//! | `<number>`, `<word>` | digits; any one word |
//! | `^` and `$` | the start and the end of a sentence |

mod automaton;
mod grammar;

pub(super) use automaton::{Program, TokenHit};
pub(super) use grammar::{Classes, PhraseError, compile};
