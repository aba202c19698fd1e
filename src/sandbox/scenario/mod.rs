//! Scenarios: a made-up school server, its people, and what they do day by day, read from a TOML file and played in
//! the sandbox. Nothing here knows the bot; whoever plays a scenario decides when the next step comes.
//!
//! A scenario file reads like a screenplay. `scenarios/science-club.toml` is one, and explains every key at its top.
//!
//! ```
//! use chaperone::sandbox::scenario::Scenario;
//!
//! let text = r##"
//! title = "A short day"
//! guild = { name = "Chess Club", channels = [{ name = "#general" }] }
//! people = [{ name = "Ava" }]
//!
//! [[days]]
//! name = "Monday"
//! steps = [
//!     { who = "Ava", in = "#general", says = "who brings the clock?", as = "clock" },
//!     { who = "Ava", edits = "clock", to = "who brings the clocks?" },
//! ]
//! "##;
//! let scenario = Scenario::parse("chess-club.toml", text)?;
//! assert_eq!(scenario.days[0].steps.len(), 2);
//! # Ok::<(), chaperone::sandbox::scenario::ScenarioError>(())
//! ```

mod check;
mod client_view;
mod error;
mod file;
mod stage;
mod step;

pub use error::ScenarioError;
pub use stage::Stage;
pub use step::{Act, ChannelPlan, Day, Deed, GuildPlan, Person, RolePlan, Scenario, Step};

/// The scenario that is played when no other is asked for.
const SCIENCE_CLUB: &str = include_str!("../scenarios/science-club.toml");

impl Scenario {
    /// A Grade 9 science club's week.
    ///
    /// # Errors
    /// None; a test reads it.
    pub fn science_club() -> Result<Self, ScenarioError> {
        Self::parse("science-club.toml", SCIENCE_CLUB)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_science_club_can_be_read() {
        let scenario = Scenario::science_club().unwrap();
        assert_eq!(scenario.days.len(), 5);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in any::<String>()) {
            let _ = Scenario::parse("any.toml", &text);
        }

        #[test]
        fn a_scenario_with_a_stretch_cut_out_is_read_or_refused_without_a_panic(
            from in 0..SCIENCE_CLUB.len(),
            length in 0..200_usize,
            instead in "[a-z#@\"=\\[\\]{},\n ]{0,8}",
        ) {
            let mut text = SCIENCE_CLUB.to_owned();
            let from = text.floor_char_boundary(from);
            let to = text.floor_char_boundary((from + length).min(text.len()));
            text.replace_range(from..to, &instead);
            let _ = Scenario::parse("cut.toml", &text);
        }
    }
}
