//! Reading JSON that may be newer than this program: a part that does not fit is left out, and the rest is kept.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A field that is `None` when absent, null or of another shape than expected.
pub(super) fn field<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// A list whose elements that do not fit are left out; empty when it is not a list at all.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    let elements: Vec<&'de RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    Ok(elements.into_iter().filter_map(|element| serde_json::from_str(element.get()).ok()).collect())
}

/// Any JSON; null when it cannot be read.
pub(super) fn json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    field(deserializer).map(Option::unwrap_or_default)
}

/// A text; half characters, which JSON can hold and a string cannot, are replaced.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Lossy(String);
    impl<'de> Deserialize<'de> for Lossy {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Bytes;
            impl Visitor<'_> for Bytes {
                type Value = Lossy;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a text")
                }

                fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Lossy, E> {
                    Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
                }
            }
            deserializer.deserialize_bytes(Bytes)
        }
    }
    let text: Option<Lossy> = field(deserializer)?;
    Ok(text.map(|Lossy(text)| text))
}

/// A 64-bit mask, which Discord writes as text since it has more bits than a script's number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mask(pub(super) u64);

impl<'de> Deserialize<'de> for Mask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Mask;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a 64-bit mask as text or number")
            }

            fn visit_u64<E: Error>(self, mask: u64) -> Result<Mask, E> {
                Ok(Mask(mask))
            }

            fn visit_str<E: Error>(self, mask: &str) -> Result<Mask, E> {
                mask.parse().map(Mask).map_err(|_| E::custom("this is not a 64-bit mask"))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Sample {
        #[serde(default, deserialize_with = "field")]
        number: Option<u8>,
        #[serde(default, deserialize_with = "list")]
        masks: Vec<Mask>,
    }

    #[test]
    fn half_a_character_does_not_cost_the_text() {
        #[derive(serde::Deserialize)]
        struct Sample {
            #[serde(default, deserialize_with = "text")]
            content: Option<String>,
            #[serde(default, deserialize_with = "json")]
            embeds: Value,
        }
        let read = |text: &str| serde_json::from_str::<Sample>(text).unwrap();
        let sample =
            read(r#"{"content": "meet \ud800 me \u00e9 \ud83d\ude00", "embeds": [{"title": "\udc00"}]}"#);
        let content = sample.content.unwrap();
        assert!(
            content.starts_with("meet ") && content.ends_with(" me é 😀") && content.contains('\u{fffd}')
        );
        assert_eq!(sample.embeds, Value::Null);
        assert_eq!(read(r#"{"content": 7}"#).content, None);
        assert_eq!(read(r#"{"content": null}"#).content, None);
        assert_eq!(read(r#"{"content": ["x"]}"#).content, None);
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_the_rest_kept() {
        let read = |text| serde_json::from_str::<Sample>(text).unwrap();
        let sample = read(r#"{"number": "seven", "masks": ["2251799813685248", {"new": true}, 8, null]}"#);
        assert_eq!(sample.number, None);
        assert_eq!(sample.masks, [Mask(1 << 51), Mask(8)]);
        assert!(read(r#"{"number": 7, "masks": null}"#).number == Some(7));
        assert!(read("{}").masks.is_empty());
    }
}
