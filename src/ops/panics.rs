//! What a panic says: where it happened, and never with which values, since those may be what a member wrote.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::PanicHookInfo;

/// Makes panics say where they happened and nothing that was put together while running: the text of a failed slice of a
/// string, for one, quotes the string.
pub fn keep_panics_discreet() {
    std::panic::set_hook(Box::new(|panic| {
        let (place, fixed) = (place(panic), fixed_words(panic));
        // Functions and lines, where RUST_BACKTRACE asks for them; no values.
        let way = Backtrace::capture();
        let way = (way.status() == BacktraceStatus::Captured).then(|| way.to_string());
        if tracing::dispatcher::has_been_set() {
            tracing::error!(place, fixed, way, "Chaperone has a fault here; please report it");
        } else {
            let way = way.unwrap_or_default();
            // Nothing is left to tell where standard error is gone.
            drop(writeln!(
                std::io::stderr(),
                "Chaperone has a fault at {place}; please report it. {fixed}\n{way}"
            ));
        }
    }));
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

/// The words of the panic where they stand in the source as they are.
fn fixed_words(panic: &PanicHookInfo<'_>) -> &'static str {
    panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(its words are kept back)")
}
