//! Detection: from a text and its Circumstances to Findings. Pure, infallible and linear; no I/O, no clock.
//!
//! A text is folded (`fold`), cut into tokens with every word that disguised spellings hide (`reading`,
//! `decode`), and handed to the matchers that its words wake up (`prefilter`, `matcher`, `phrase`). What fits
//! is then weighed by the words around it (`context`). Rules come as files (`rule_file`, `ruleset`); where
//! the files come from is not known here.

mod context;
mod decode;
mod fields;
mod fold;
mod matcher;
mod phrase;
mod prefilter;
mod reading;
mod rule;
mod rule_error;
mod rule_file;
mod ruleset;
mod scan;
mod vocabulary;

pub use context::Context;
pub use rule::{Example, Rule, Status};
pub use rule_error::{RuleError, RuleErrors};
pub use ruleset::{RuleSource, Ruleset};
pub use scan::{Silence, Verdict, inspect, scan};
