//! Where somebody lives or is written to: postal codes, street addresses, mail addresses.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::stands_alone;

/// Mail hosts that people have accounts with in private.
const PRIVATE_HOSTS: [&str; 12] = [
    "gmail.", "hotmail.", "outlook.", "icloud.", "yahoo.", "live.", "msn.", "aol.", "proton", "telus.",
    "shaw.", "me.com",
];

#[expect(clippy::expect_used, reason = "the expressions are constants of this file and a test compiles each")]
fn expression(of: &str) -> Regex {
    Regex::new(of).expect("the expression is well-formed")
}

fn alone(regex: &Regex, text: &str) -> Vec<Range<usize>> {
    regex.find_iter(text).map(|found| found.range()).filter(|at| stands_alone(text, at)).collect()
}

/// A Canadian postal code.
pub(super) fn postal_code(text: &str) -> Vec<Range<usize>> {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        expression("[abceghj-npr-tvxy][0-9][abceghj-npr-tv-z][ -]?[0-9][abceghj-npr-tv-z][0-9]")
    });
    alone(&CODE, text)
}

/// A house number with a street: "4715 Larch Crescent NW", "9810 103a Ave", "12 rue des Pins".
pub(super) fn street_address(text: &str) -> Vec<Range<usize>> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"(?:(?:#|apt|unit|suite)? ?[0-9]{1,5}[a-z]?[ -]+)?[0-9]{2,5}[a-z]? (?:[0-9]{1,3}[a-z]?|[a-z][a-z'.-]+(?: [a-z][a-z'.-]+)?) (?:street|st|avenue|ave|road|rd|drive|crescent|cres|court|crt|close|lane|boulevard|blvd|trail|terrace|place|way|bay|circle|gate|manor|heights|link)\b\.?(?:,? (?:nw|ne|sw|se))?|[0-9]{1,5},? (?:rue|boul|chemin|avenue) (?:[a-z'-]+ ?){1,3}",
        )
    });
    static NO_STREET: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(min|mins|minutes?|hours?|km|pm|am|people|points?|by|the|of|on|in|is|are|and|for|at|this|that)\b",
        )
    });
    let mut found = alone(&ADDRESS, text);
    found.retain(|at| !NO_STREET.is_match(&text[at.clone()]));
    found
}

/// A mail address.
pub(super) fn email(text: &str) -> Vec<Range<usize>> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        expression(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,24}")
    });
    alone(&ADDRESS, text)
}

/// A mail address with a private host.
pub(super) fn personal_email(text: &str) -> Vec<Range<usize>> {
    let mut found = email(text);
    found.retain(|at| {
        let host = text[at.clone()].split_once('@').map_or("", |(_, host)| host);
        PRIVATE_HOSTS.iter().any(|private| host.starts_with(private))
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(find: fn(&str) -> Vec<Range<usize>>, text: &str) -> Vec<&str> {
        find(text).into_iter().map(|at| &text[at]).collect()
    }

    #[test]
    fn postal_codes_leave_out_the_letters_that_canada_post_does() {
        assert_eq!(found(postal_code, "it is t5k 2b6."), ["t5k 2b6"]);
        for clean in ["d5k 2b6", "t5o 2b6", "w5k 2b6", "at5k 2b6", "t5k 2b67"] {
            assert!(found(postal_code, clean).is_empty(), "{clean}");
        }
    }

    #[test]
    fn a_street_address_is_a_number_and_a_street() {
        assert_eq!(found(street_address, "at 4715 larch crescent nw ok"), ["4715 larch crescent nw"]);
        assert_eq!(found(street_address, "9810 103a ave"), ["9810 103a ave"]);
        for clean in ["a 20 minute drive", "chapter 12 is on the way", "room 112 by the gate"] {
            assert!(found(street_address, clean).is_empty(), "{clean}");
        }
    }

    #[test]
    fn private_mail_hosts_are_told_from_the_schools_own() {
        assert_eq!(found(email, "to a.b@school.example.ca!"), ["a.b@school.example.ca"]);
        assert!(found(personal_email, "to a.b@school.example.ca!").is_empty());
        assert_eq!(found(personal_email, "a_b7@hotmail.com"), ["a_b7@hotmail.com"]);
    }
}
