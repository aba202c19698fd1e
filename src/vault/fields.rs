//! Lists of values as bytes, such that no two different lists give the same bytes.

/// A list of values as bytes: what a MAC runs over, and what a sealed text is bound to.
///
/// Every value is written as a mark for its kind, its length and its bytes, so that moving a letter from one value
/// to the next, or leaving one out, gives other bytes. The first value is the purpose, so that bytes made for one
/// purpose never pass for another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fields(Vec<u8>);

impl Fields {
    /// An empty list for a purpose, such as `evidence`.
    pub fn new(purpose: &'static str) -> Self {
        Self(Vec::with_capacity(160)).text(purpose)
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.put(b't', text.as_bytes())
    }

    /// Adds bytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.put(b'b', bytes)
    }

    /// Adds a number.
    #[must_use]
    pub fn int(self, number: i64) -> Self {
        self.put(b'i', &number.to_be_bytes())
    }

    /// Adds a number or its absence.
    #[must_use]
    pub fn maybe_int(self, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.int(number),
            None => self.put(b'n', &[]),
        }
    }

    /// Adds bytes or their absence.
    #[must_use]
    pub fn maybe_bytes(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.put(b'n', &[]),
        }
    }

    /// The list as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn put(mut self, kind: u8, bytes: &[u8]) -> Self {
        self.0.push(kind);
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    enum Value {
        Text(String),
        Bytes(Vec<u8>),
        Int(i64),
        Absent,
    }

    fn values() -> impl Strategy<Value = Vec<Value>> {
        let value = prop_oneof![
            "[ab]{0,3}".prop_map(Value::Text),
            prop::collection::vec(0..2_u8, 0..9).prop_map(Value::Bytes),
            (-1..2_i64).prop_map(Value::Int),
            Just(Value::Absent),
        ];
        prop::collection::vec(value, 0..4)
    }

    fn written(values: &[Value]) -> Fields {
        values.iter().fold(Fields::new("test"), |fields, value| match value {
            Value::Text(text) => fields.text(text),
            Value::Bytes(bytes) => fields.maybe_bytes(Some(bytes)),
            Value::Int(number) => fields.maybe_int(Some(*number)),
            Value::Absent => fields.maybe_int(None),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn two_lists_give_the_same_bytes_only_if_they_are_the_same(one in values(), other in values()) {
            prop_assert_eq!(written(&one) == written(&other), one == other);
        }

        #[test]
        fn moving_a_letter_over_a_boundary_gives_other_bytes(text in "[a-z]{2,12}", at in 1..11_usize, to in 1..11_usize) {
            let split = |at: usize| {
                let (left, right) = text.split_at(at.min(text.len() - 1));
                (Fields::new("test").text(left).text(right), at.min(text.len() - 1))
            };
            let ((one, first), (other, second)) = (split(at), split(to));
            prop_assert_eq!(one == other, first == second);
        }
    }
}
