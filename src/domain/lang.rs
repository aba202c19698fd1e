//! The two languages people read Chaperone in.

/// A language of the house: English, or French as Alberta's schools use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English, also for every locale that is not French.
    #[default]
    En,
    /// French.
    Fr,
}

impl Lang {
    /// From a Discord locale such as `en-US` or `fr`.
    pub fn from_locale(locale: &str) -> Self {
        if locale == "fr" || locale.starts_with("fr-") { Self::Fr } else { Self::En }
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, en: T, fr: T) -> T {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_french_is_french() {
        assert_eq!(Lang::from_locale("fr"), Lang::Fr);
        assert_eq!(Lang::from_locale("fr-CA"), Lang::Fr);
        assert_eq!(Lang::from_locale("fro"), Lang::En);
        assert_eq!(Lang::from_locale("en-US").pick("yes", "oui"), "yes");
    }
}
