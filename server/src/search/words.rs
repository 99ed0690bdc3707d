//! Words as they are compared: in small letters, without accents.

use std::fmt::Write;

use coval_shared::protocol::ErrorCode;
use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::error::Refusal;

/// The most words that are looked for at once.
const WORDS: usize = 16;

/// The longest word that is looked for, in bytes; of longer ones, so much of their beginning.
const WORD_BYTES: usize = 100;

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

/// The words of `text`, folded, with one space between two. They hold letters and digits only.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut length = 0;
    for character in characters(text) {
        let is_alone = is_ideograph(character);
        let ends = !character.is_alphanumeric() || is_alone || length + character.len_utf8() > WORD_BYTES;
        if ends && length > 0 {
            folded.push(' ');
            length = 0;
        }
        if character.is_alphanumeric() {
            // Writing to a text does not fail.
            let _ = folded.write_char(character);
            length += character.len_utf8();
        }
        if is_alone {
            folded.push(' ');
            length = 0;
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The characters in small letters, without marks above and below.
fn characters(text: &str) -> impl Iterator<Item = char> {
    let is_mark = |character: &char| matches!(character, '\u{300}'..='\u{36f}');
    DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(text.chars())
        .filter(move |character| !is_mark(character))
        .flat_map(char::to_lowercase)
        .filter(move |character| !is_mark(character))
}

/// Whether the character is a word by itself, in scripts that have no spaces.
fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_accents() {
        assert_eq!(fold("Zürich, ÉTÉ\n2025E — ﬁne"), "zurich ete 2025e fine");
        assert_eq!(fold("  \"net_sales\" (USD m)…"), "net sales usd m");
        assert_eq!(fold("売上高とEBIT"), "売 上 高 と ebit");
        assert_eq!(fold("İstanbul"), "istanbul");
        assert_eq!(fold("\u{0}--'; DROP TABLE documents"), "drop table documents");
        assert_eq!(fold(" ☃ "), "");
    }

    #[test]
    fn a_word_without_end_is_cut_in_pieces() {
        let folded = fold(&"x".repeat(250));
        assert_eq!(folded.split(' ').map(str::len).collect::<Vec<_>>(), [100, 100, 50]);
    }

    #[test]
    fn what_is_looked_for_has_words_and_not_too_many() {
        assert_eq!(query("Net  sales").unwrap(), ["net", "sales"]);
        assert!(query("").is_err() && query("—").is_err());
        assert!(query(&"a ".repeat(16)).is_ok() && query(&"a ".repeat(17)).is_err());
        assert!(query(&"a".repeat(1_000)).is_ok() && query(&"a".repeat(1_001)).is_err());
    }
}
