//! What stands in memos beside words: figures that follow models.
//!
//! `{{Apple Inc. — DCF!price_per_share}}` is the key figure `price_per_share` of the model with that title.

/// A figure of a model, as a memo names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FigureName<'a> {
    /// The title of the model.
    pub title: &'a str,
    /// What formulas call the line item.
    pub name: &'a str,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// A figure.
    Figure(FigureName<'a>),
}

/// The pieces of `text`, in order. What is not closed, has no title or no name, or goes over a line is words.
///
/// # Laws
///
/// Written one behind the other, figures in their braces, the pieces are the text but for blanks inside of braces.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut words, mut from) = (0, 0);
    while let Some(open) = text.get(from..).and_then(|rest| rest.find("{{")).map(|at| from + at) {
        let inside = open + 2;
        let close = text.get(inside..).and_then(|rest| rest.find("}}")).map(|at| inside + at);
        let Some(close) = close else { break };
        match text.get(inside..close).and_then(figure_name) {
            Some(figure) => {
                pieces.extend(text.get(words..open).filter(|words| !words.is_empty()).map(Piece::Words));
                pieces.push(Piece::Figure(figure));
                (words, from) = (close + 2, close + 2);
            }
            // The next brace may be the one that opens.
            None => from = open + 1,
        }
    }
    pieces.extend(text.get(words..).filter(|words| !words.is_empty()).map(Piece::Words));
    pieces
}

/// A title may hold exclamation marks, a name does not.
fn figure_name(inside: &str) -> Option<FigureName<'_>> {
    // Before blanks are taken away: a line's end is one of them.
    let is_one_line = !inside.contains(['\n', '\r', '{', '}']);
    let (title, name) = inside.rsplit_once('!')?;
    let (title, name) = (title.trim(), name.trim());
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (is_one_line && is_name && !title.is_empty()).then_some(FigureName { title, name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn figure<'a>(title: &'a str, name: &'a str) -> Piece<'a> {
        Piece::Figure(FigureName { title, name })
    }

    #[test]
    fn a_figure_is_the_title_of_a_model_and_the_name_of_a_line() {
        assert_eq!(
            pieces("Worth {{Apple Inc. — DCF!price_per_share}} a share."),
            [Piece::Words("Worth "), figure("Apple Inc. — DCF", "price_per_share"), Piece::Words(" a share.")]
        );
        assert_eq!(pieces("{{ Wow! Inc. ! 價格 }}"), [figure("Wow! Inc.", "價格")]);
    }

    #[test]
    fn what_is_no_figure_stays_as_it_is() {
        for text in ["{{}}", "{{a}}", "{{!a}}", "{{a!}}", "{{a!b", "a}}", "{{a\nb!c}}", "{{a\n!a}}", "{{a!b c}}", ""] {
            let words = Piece::Words(text);
            assert_eq!(pieces(text), if text.is_empty() { vec![] } else { vec![words] }, "{text}");
        }
        assert_eq!(pieces("{{{a!b}}"), [Piece::Words("{"), figure("a", "b")]);
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in "[a{}! \\n]{0,40}") {
            let written: String = pieces(&text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(words) => words.to_owned(),
                    Piece::Figure(FigureName { title, name }) => format!("{{{{{title}!{name}}}}}"),
                })
                .collect();
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&written), bare(&text));
        }
    }
}
