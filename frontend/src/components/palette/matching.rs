//! How well a name fits what somebody typed.

/// A letter that begins a word.
const WORD_START: i32 = 8;

/// A letter that follows the one before.
const NEIGHBOUR: i32 = 9;

/// A letter that was found.
const LETTER: i32 = 1;

/// How well `name` fits `typed`: more is better. Nothing when it does not: all letters of `typed` have to be in `name`,
/// in this order, whatever stands between them. Case and spaces do not count.
pub(super) fn score(typed: &str, name: &str) -> Option<i32> {
    let wanted: Vec<char> =
        typed.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() {
        return Some(0);
    }
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let is_start = |index: usize| {
        index.checked_sub(1).and_then(|before| letters.get(before)).is_none_or(|before| !before.is_alphanumeric())
    };
    // The best score so far of all beginnings of `wanted` that end with each letter of `name`.
    let mut best: Vec<Option<i32>> = vec![None; letters.len()];
    for (turn, letter) in wanted.iter().enumerate() {
        let mut next = vec![None; letters.len()];
        let mut before: Option<i32> = None;
        for (index, found) in letters.iter().enumerate() {
            let neighbour = index.checked_sub(1).and_then(|at| best.get(at).copied().flatten());
            if found == letter {
                let own = LETTER + if is_start(index) { WORD_START } else { 0 };
                let reached = if turn == 0 { Some(0) } else { before.max(neighbour.map(|score| score + NEIGHBOUR)) };
                if let Some(slot) = next.get_mut(index) {
                    *slot = reached.map(|score| score + own);
                }
            }
            before = before.max(best.get(index).copied().flatten());
        }
        best = next;
    }
    let found = best.into_iter().flatten().max()?;
    // Of two names that fit as well, the shorter one is meant.
    let length = i32::try_from(letters.len()).unwrap_or(i32::MAX);
    Some(found.saturating_mul(100).saturating_sub(length.min(99)))
}

/// Those of `names` that fit, by their places, the best first; at most `most`. Equals keep their order.
pub(super) fn fitting<'a>(typed: &str, names: impl Iterator<Item = &'a str>, most: usize) -> Vec<usize> {
    let scored = names.enumerate().filter_map(|(place, name)| Some((score(typed, name)?, place)));
    let mut scored: Vec<_> = scored.collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(most).map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NAMES: [&str; 5] = ["Export to Excel", "New document", "Open comments", "Theme: dark", "深色主題"];

    fn first(typed: &str) -> Option<&'static str> {
        fitting(typed, NAMES.into_iter(), 9).first().map(|place| NAMES[*place])
    }

    #[test]
    fn letters_in_their_order_find_a_name_and_beginnings_of_words_count_more() {
        assert_eq!(first("nd"), Some("New document"));
        assert_eq!(first("ex exc"), Some("Export to Excel"));
        assert_eq!(first("oc"), Some("Open comments"));
        assert_eq!(first("DARK"), Some("Theme: dark"));
        assert_eq!(first("主題"), Some("深色主題"));
    }

    #[test]
    fn what_does_not_fit_is_not_found_and_nothing_typed_fits_all() {
        assert_eq!(first("zzz"), None);
        assert_eq!(score("dn", "New doc"), None);
        assert_eq!(fitting("", NAMES.into_iter(), 3), [0, 1, 2]);
    }

    #[test]
    fn neighbours_are_better_than_letters_far_apart_and_short_names_than_long_ones() {
        assert!(score("heme", "Theme") > score("heme", "the memo edit"));
        assert!(score("theme", "Theme") > score("theme", "Themes of others"));
    }

    #[test]
    fn a_long_name_takes_no_long_time() {
        let name = "ab".repeat(5_000);
        assert!(score(&"ab".repeat(50), &name).is_some());
    }
}
