//! The text around what was found, in pieces, so that whoever shows it needs no markup.

use coval_shared::rest::Excerpt;

use crate::words::fold;

/// How much text stands before the first word that was found, in characters.
const BEFORE: usize = 60;

/// How much text is shown in all, in characters.
const SHOWN: usize = 200;

/// The whole text, with the words marked.
pub(crate) fn whole(text: &str, words: &[String]) -> Vec<Excerpt> {
    pieces(text, words)
}

/// The text around the first of the words; nothing when there is none.
pub(crate) fn around_first(text: &str, words: &[String]) -> Vec<Excerpt> {
    let Some((first, _)) = spans(text).find(|(start, end)| is_match(text, *start, *end, words)) else {
        return Vec::new();
    };
    let before = text.get(..first).unwrap_or_default();
    let begin = before.char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| next_word(text, at));
    let rest = text.get(begin..).unwrap_or_default();
    let end = rest.char_indices().nth(SHOWN).map_or(rest.len(), |(at, _)| at);
    let shown = rest.get(..end).unwrap_or_default();
    let mut found = pieces(shown, words);
    if begin > 0 {
        found.insert(0, plain("… "));
    }
    if end < rest.len() {
        found.push(plain(" …"));
    }
    found
}

/// Where the first word behind `at` begins.
fn next_word(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let space = rest.char_indices().find(|(_, character)| character.is_whitespace());
    space.map_or(at, |(offset, character)| at + offset + character.len_utf8())
}

fn plain(text: &str) -> Excerpt {
    Excerpt { text: text.to_owned(), is_match: false }
}

fn pieces(text: &str, words: &[String]) -> Vec<Excerpt> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for (start, end) in spans(text).filter(|(start, end)| is_match(text, *start, *end, words)) {
        let between = text.get(done..start).unwrap_or_default();
        if !between.is_empty() {
            pieces.push(plain(between));
        }
        pieces.push(Excerpt { text: text.get(start..end).unwrap_or_default().to_owned(), is_match: true });
        done = end;
    }
    let rest = text.get(done..).unwrap_or_default();
    if !rest.is_empty() {
        pieces.push(plain(rest));
    }
    pieces
}

/// Where words begin and end.
fn spans(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, character)| character.is_alphanumeric())?;
        let mut end = start + first.len_utf8();
        while let Some((at, character)) =
            rest.next_if(|(_, character)| character.is_alphanumeric() || is_mark(*character))
        {
            end = at + character.len_utf8();
        }
        Some((start, end))
    })
}

/// Whether the character stands above or below the one before.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Whether one of `words` is the word of `text` there, or one of its parts; the last of them may be its beginning.
fn is_match(text: &str, start: usize, end: usize, words: &[String]) -> bool {
    let folded = fold(text.get(start..end).unwrap_or_default());
    let Some((last, others)) = words.split_last() else {
        return false;
    };
    folded.split(' ').any(|part| part.starts_with(last.as_str()) || others.iter().any(|word| word == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Excerpt]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.is_match { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    fn words(text: &str) -> Vec<String> {
        super::super::query(text).unwrap()
    }

    #[test]
    fn words_are_marked_as_they_stand_there() {
        assert_eq!(shown(&whole("Zürich und ZURICH", &words("zurich"))), "[Zürich] und [ZURICH]");
        assert_eq!(shown(&whole("Net sales, net", &words("net sal"))), "[Net] [sales], [net]");
        assert_eq!(shown(&whole("<b>sales</b>", &words("sales"))), "<b>[sales]</b>");
        assert_eq!(shown(&whole("salesman", &words("sales x"))), "salesman");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_word() {
        let text = format!("{}needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let found = shown(&around_first(&text, &words("needle")));
        assert!(found.starts_with("… hay") && found.contains("[needle] straw") && found.ends_with(" …"), "{found}");
        assert!(found.chars().count() < 220, "{found}");
        assert_eq!(around_first("nothing here", &words("needle")), []);
        assert_eq!(shown(&around_first("needle", &words("needle"))), "[needle]");
    }

    #[test]
    fn no_text_is_cut_within_a_character() {
        let text = "é😀\u{301}".repeat(200) + " needle " + &"😀é".repeat(200);
        assert!(shown(&around_first(&text, &words("needle"))).contains("[needle]"));
    }
}
