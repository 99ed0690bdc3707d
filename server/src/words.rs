//! Words as they are compared: in small letters, without accents.

use std::fmt::Write;

use icu_normalizer::DecomposingNormalizerBorrowed;

/// The longest word that is looked for, in bytes; of longer ones, so much of their beginning.
const WORD_BYTES: usize = 100;

/// The words of `text`, folded, with one space between two. They hold letters and digits only.
pub(crate) fn fold(text: &str) -> String {
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

/// Whether all the words are among those of a folded text; the last one may be the beginning of one.
pub(crate) fn has_words(folded: &str, words: &[String]) -> bool {
    let Some((last, whole)) = words.split_last() else { return true };
    let is_in = |word: &String| folded.split(' ').any(|other| other == word);
    whole.iter().all(is_in) && folded.split(' ').any(|other| other.starts_with(last.as_str()))
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
    fn a_text_has_words_when_all_are_in_it_and_the_last_one_begins_one() {
        let has = |words: &[&str]| {
            has_words("zurich plan 2025e", &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert!(has(&["plan", "zur"]) && has(&["zurich", "2025"]) && has(&["plan"]));
        assert!(!has(&["zur", "plan"]) && !has(&["lan"]) && !has(&["plan", "marble"]));
    }
}
