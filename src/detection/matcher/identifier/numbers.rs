//! Numbers that stand for a person: social insurance, student, health and phone numbers, dates of birth.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::stands_alone;

/// Bytes before and after a number in which its keyword may stand.
const KEYWORD_BEFORE: usize = 48;
const KEYWORD_AFTER: usize = 24;

const SIN_WORDS: &str = r"\b(sin|nas|social insurance|assurance sociale)\b";
const STUDENT_WORDS: &str =
    r"\b(asn|alberta student|student (number|no|num|id|#)|numero d'?(eleve|etudiant))";
const HEALTH_WORDS: &str = r"\b(phn|ahc|ahcip|(personal |alberta )?health ?(care)? ?(number|card|no|num|id|#)|ab health|carte sante|assurance[- ]maladie)";

/// Alberta's area codes.
const AREA_CODES: [&str; 5] = ["403", "587", "780", "825", "368"];

#[expect(clippy::expect_used, reason = "the expressions are constants of this file and a test compiles each")]
fn expression(of: &str) -> Regex {
    Regex::new(of).expect("the expression is well-formed")
}

/// Nine digits 3-3-3 that pass the check digit, grouped or beside the keyword.
pub(super) fn social_insurance(text: &str) -> Vec<Range<usize>> {
    static KEYWORD: LazyLock<Regex> = LazyLock::new(|| expression(SIN_WORDS));
    nine_digits(text)
        .filter(|number| {
            (has_keyword(text, number, &KEYWORD) || number.groups == [3, 3, 3]) && is_sin(&number.digits)
        })
        .filter(|number| !named_otherwise(text, number, &[STUDENT_WORDS, HEALTH_WORDS]))
        .map(|number| number.at)
        .collect()
}

/// Nine digits printed 4-4-1, or beside the keyword.
pub(super) fn student(text: &str) -> Vec<Range<usize>> {
    static KEYWORD: LazyLock<Regex> = LazyLock::new(|| expression(STUDENT_WORDS));
    nine_digits(text)
        .filter(|number| has_keyword(text, number, &KEYWORD) || number.groups == [4, 4, 1])
        .filter(|number| {
            !named_otherwise(text, number, &[SIN_WORDS, HEALTH_WORDS]) || number.groups == [4, 4, 1]
        })
        .map(|number| number.at)
        .collect()
}

/// Nine digits beside the keyword.
pub(super) fn health(text: &str) -> Vec<Range<usize>> {
    static KEYWORD: LazyLock<Regex> = LazyLock::new(|| expression(HEALTH_WORDS));
    nine_digits(text).filter(|number| has_keyword(text, number, &KEYWORD)).map(|number| number.at).collect()
}

/// A phone number: of Alberta however it is written, of elsewhere only with its groups parted.
pub(super) fn phone(text: &str) -> Vec<Range<usize>> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        expression(r"(?:\+?1[ .-]{0,2})?\(?([2-9]\d\d)\)?([ .-]{0,2})([2-9]\d\d)([ .-]?)(\d{4})")
    });
    NUMBER
        .captures_iter(text)
        .filter_map(|found| {
            let whole = found.get(0)?.range();
            let start = whole.start - usize::from(text[..whole.start].ends_with('+'));
            let alberta = AREA_CODES.contains(&found.get(1)?.as_str());
            let parted = !found.get(2)?.is_empty() && !found.get(4)?.is_empty();
            let mention = text[..whole.start].ends_with(['<', '@', '#', ':']);
            (stands_alone(text, &whole) && (alberta || parted) && !mention).then_some(start..whole.end)
        })
        .collect()
}

/// Ten or eleven digits in words that make an Alberta phone number.
pub(super) fn spoken_phone(text: &str) -> Vec<Range<usize>> {
    static DIGIT: LazyLock<Regex> = LazyLock::new(|| {
        expression(
            r"\b(?:(zero|oh)|(one)|(two)|(three)|(four)|(five)|(six)|(seven)|(eight)|(nine)|([0-9]))\b",
        )
    });
    let mut numbers = Vec::new();
    let mut run: Vec<(Range<usize>, String)> = Vec::new();
    for found in DIGIT.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let digit = match found.get(11) {
            Some(digit) => digit.as_str().to_owned(),
            None => (1..=10).position(|group| found.get(group).is_some()).unwrap_or_default().to_string(),
        };
        let adjoins = run.last().is_some_and(|(before, _)| {
            text[before.end..whole.start()]
                .chars()
                .all(|between| matches!(between, ' ' | '-' | ',' | '.' | '\n'))
        });
        if !adjoins {
            run.clear();
        }
        run.push((whole.range(), digit));
        let last_ten = run.len().saturating_sub(10);
        let area: String = run[last_ten..].iter().take(3).map(|(_, digit)| digit.as_str()).collect();
        if run.len() >= 10 && AREA_CODES.contains(&area.as_str()) {
            numbers.push(run[last_ten].0.start..whole.end());
            run.clear();
        }
    }
    numbers
}

/// A full date of the years in which students are born.
pub(super) fn birth_date(text: &str) -> Vec<Range<usize>> {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        let month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)[a-z]*\\.?";
        let year = "20(?:0[0-9]|1[0-9]|2[0-2])";
        expression(&format!(
            r"\b(?:{year}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]{year}|{month} \d\d?(?:st|nd|rd|th)?,? {year}|\d\d?(?:st|nd|rd|th|er)? {month},? {year})\b"
        ))
    });
    DATE.find_iter(text).map(|found| found.range()).collect()
}

/// Nine digits, and how they are grouped.
#[derive(Debug)]
struct NineDigits {
    at: Range<usize>,
    digits: Vec<u32>,
    groups: Vec<usize>,
}

fn nine_digits(text: &str) -> impl Iterator<Item = NineDigits> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| expression(r"\d{1,9}(?:[ .-]\d{1,9}){0,3}"));
    NUMBER.find_iter(text).filter_map(|found| {
        let digits: Vec<u32> = found.as_str().chars().filter_map(|letter| letter.to_digit(10)).collect();
        let groups = found.as_str().split([' ', '.', '-']).map(str::len).collect();
        let alone = stands_alone(text, &found.range());
        (digits.len() == 9 && alone).then(|| NineDigits { at: found.range(), digits, groups })
    })
}

fn is_sin(digits: &[u32]) -> bool {
    let luhn: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    matches!(digits.first(), Some(1..=7 | 9)) && luhn.is_multiple_of(10)
}

fn surroundings<'t>(text: &'t str, at: &Range<usize>) -> (&'t str, &'t str) {
    let start = text.floor_char_boundary(at.start.saturating_sub(KEYWORD_BEFORE));
    let end = text.ceil_char_boundary((at.end + KEYWORD_AFTER).min(text.len()));
    (&text[start..at.start], &text[at.end..end])
}

fn has_keyword(text: &str, number: &NineDigits, keyword: &Regex) -> bool {
    let (before, after) = surroundings(text, &number.at);
    keyword.is_match(before) || keyword.is_match(after)
}

/// Whether the number is called something else right before it.
fn named_otherwise(text: &str, number: &NineDigits, others: &[&str]) -> bool {
    static OTHERS: LazyLock<[(&str, Regex); 3]> =
        LazyLock::new(|| [SIN_WORDS, STUDENT_WORDS, HEALTH_WORDS].map(|words| (words, expression(words))));
    let (before, _) = surroundings(text, &number.at);
    OTHERS.iter().any(|(words, keyword)| others.contains(words) && keyword.is_match(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(find: fn(&str) -> Vec<Range<usize>>, text: &str) -> Vec<&str> {
        find(text).into_iter().map(|at| &text[at]).collect()
    }

    #[test]
    fn a_social_insurance_number_has_a_check_digit_and_a_person() {
        assert_eq!(found(social_insurance, "my sin is 130 692 544"), ["130 692 544"]);
        assert_eq!(found(social_insurance, "sin 130692544 ok"), ["130692544"]);
        assert_eq!(found(social_insurance, "130-692-544"), ["130-692-544"]);
        for clean in
            ["130692544", "sin 130 692 545", "046 454 286", "sin 1306925440", "student number 130 692 544"]
        {
            assert!(found(social_insurance, clean).is_empty(), "{clean}");
        }
    }

    #[test]
    fn student_and_health_numbers_need_their_word_or_their_grouping() {
        assert_eq!(found(student, "1234-5678-9"), ["1234-5678-9"]);
        assert_eq!(found(student, "asn 123456789"), ["123456789"]);
        assert_eq!(found(health, "health card 12345-6789"), ["12345-6789"]);
        assert!(found(student, "order 123456789").is_empty());
        assert!(found(health, "12345-6789").is_empty());
        assert!(found(student, "health card 123456789").is_empty());
    }

    #[test]
    fn phone_numbers_of_alberta_are_known_by_their_area_code() {
        for (text, number) in [
            ("call 403-555-0123", "403-555-0123"),
            ("(780) 555-0123 ok", "(780) 555-0123"),
            ("5875550123", "5875550123"),
            ("+1 825.555.0123", "+1 825.555.0123"),
            ("416-555-0123", "416-555-0123"),
        ] {
            assert_eq!(found(phone, text), [number]);
        }
        for clean in ["4165550123", "14035550123456", "<@4035550123>", "555-0123", "2026-11-24"] {
            assert!(found(phone, clean).is_empty(), "{clean}");
        }
    }

    #[test]
    fn a_phone_number_in_words_is_one_too() {
        let text = "it is five eight seven, five five five zero one two three ok";
        assert_eq!(found(spoken_phone, text), ["five eight seven, five five five zero one two three"]);
        assert!(found(spoken_phone, "three two one go, one two three four five six seven").is_empty());
    }

    #[test]
    fn dates_of_birth_are_full_dates_of_the_right_years() {
        assert_eq!(found(birth_date, "born may 3, 2011"), ["may 3, 2011"]);
        assert_eq!(found(birth_date, "ne le 3 mai 2011"), ["3 mai 2011"]);
        assert!(found(birth_date, "due 2026-05-03").is_empty());
    }
}
