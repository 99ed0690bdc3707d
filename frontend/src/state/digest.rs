//! A short name for a document's content.

use serde_json::Value;

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a over `bytes`, in 64 bits (Fowler, Noll and Vo). Good for telling apart, not for security.
#[must_use]
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
}

/// 16 hexadecimal digits that are equal in two windows when their documents are: FNV-1a over the JSON text.
#[must_use]
pub fn of_document(document: &Value) -> String {
    // A JSON value can always be written.
    format!("{:016x}", fnv1a(&serde_json::to_vec(document).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of Noll's own list.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_order_in_which_keys_were_written_does_not_matter() {
        let a: Value = serde_json::from_str(r#"{"a": 1, "b": [2]}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"b": [2], "a": 1}"#).unwrap();
        assert_eq!(of_document(&a), of_document(&b));
    }
}
