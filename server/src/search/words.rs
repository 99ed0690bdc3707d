//! What somebody looks for.

use coval_shared::protocol::ErrorCode;

use crate::error::Refusal;
use crate::words::fold;

/// The most words that are looked for at once.
const WORDS: usize = 16;

/// The longest text to look for, in bytes.
const QUERY_BYTES: usize = 1_000;

/// The words of what somebody looks for.
///
/// # Errors
///
/// Refuses a text without words, and one that is too long.
pub(crate) fn query(text: &str) -> Result<Vec<String>, Refusal> {
    if text.len() > QUERY_BYTES {
        return Err(Refusal::invalid("q", format!("q has more than {QUERY_BYTES} bytes; look for fewer words")));
    }
    let folded = fold(text);
    let words: Vec<_> = folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.is_empty() {
        return Err(Refusal::invalid("q", "q has no word to look for; give letters or digits"));
    }
    if words.len() > WORDS {
        return Err(Refusal::new(ErrorCode::Invalid, format!("q has more than {WORDS} words; look for fewer")));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_has_words_and_not_too_many() {
        assert_eq!(query("Net  sales").unwrap(), ["net", "sales"]);
        assert!(query("").is_err() && query("—").is_err());
        assert!(query(&"a ".repeat(16)).is_ok() && query(&"a ".repeat(17)).is_err());
        assert!(query(&"a".repeat(1_000)).is_ok() && query(&"a".repeat(1_001)).is_err());
    }
}
