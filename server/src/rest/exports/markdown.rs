//! Memos as files that others open: text, and links that lead to a page or a letter.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Where links may lead. An address without a scheme stays within the place of the file.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// How often a text is read again, since what was hidden in a link or in HTML may be a link itself once that is text.
const ROUNDS: usize = 8;

/// The same text, in which HTML, and links and images with another address than one of [`SCHEMES`], are shown as they
/// are written instead of being what they are. Nothing is taken out, and a text without such things stays as it is.
///
/// What readers of Markdown do not agree on is read in each of their ways. A text that is still not harmless after
/// some rounds becomes a block of code as a whole.
pub(super) fn harmless(text: &str) -> String {
    let text = text.replace('\0', "\u{fffd}");
    let mut shown = text.clone();
    for _ in 0..ROUNDS {
        let mut marks = [Options::empty(), Options::all()].map(|dialect| escapes(&shown, dialect)).concat();
        if marks.is_empty() {
            return shown;
        }
        marks.sort_unstable();
        marks.dedup();
        shown = with_backslashes(&shown, &marks);
    }
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// Where a backslash has to stand so that what follows is text.
fn escapes(text: &str, dialect: Options) -> Vec<usize> {
    let mut marks = Vec::new();
    let parser = Parser::new_ext(text, dialect);
    for (_, definition) in parser.reference_definitions().iter() {
        if !is_harmless(&definition.dest) {
            marks.extend(openings(text, &definition.span, &['[']).next());
        }
    }
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => marks.extend(openings(text, &range, &['<'])),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_harmless(&dest_url) => {
                // `[text](address)`, `[text][name]`, `![text](address)` or `<address>`.
                marks.extend(openings(text, &range, &['[', '<']).next());
            }
            _ => {}
        }
    }
    marks
}

fn openings<'a>(text: &'a str, range: &Range<usize>, of: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let start = range.start;
    text.get(range.clone()).unwrap_or_default().match_indices(of).map(move |(place, _)| start + place)
}

fn with_backslashes(text: &str, marks: &[usize]) -> String {
    let mut marked = String::with_capacity(text.len() + marks.len());
    let mut begin = 0;
    for &mark in marks {
        marked.push_str(text.get(begin..mark).unwrap_or_default());
        marked.push('\\');
        begin = mark;
    }
    marked.push_str(text.get(begin..).unwrap_or_default());
    marked
}

/// Whether browsers read no other scheme in an address than one of those that are allowed. They drop tabs and line
/// breaks wherever they stand, and whatever is no letter at the beginning.
fn is_harmless(address: &str) -> bool {
    let address: String =
        address.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect();
    let head = address.split(['/', '?', '#']).next().unwrap_or_default();
    match head.split_once(':') {
        None => true,
        Some((scheme, _)) => SCHEMES.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every address and piece of HTML that a reader of the text finds.
    fn found(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for dialect in [Options::empty(), Options::all()] {
            for event in Parser::new_ext(text, dialect) {
                match event {
                    Event::Html(html) | Event::InlineHtml(html) => found.push(html.to_string()),
                    Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                        found.push(dest_url.to_string())
                    }
                    _ => {}
                }
            }
        }
        found
    }

    #[test]
    fn addresses_of_pages_and_letters_stay_as_they_are() {
        for text in [
            "[x](https://example.com/a:b?c=javascript:1) and <mailto:ada@example.com>, <HTTP://example.com>",
            "[x]: https://example.com 'title'\n\n[x] ![chart](chart.png) [up](../a/b.md#c) [here](#javascript)",
            "javascript: is a word, `<b>` and `[x](javascript:1)` are code, a < b > c, 1 <2\n\n    <script>\n",
            "plain: text: é\r\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        ] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn an_address_that_runs_code_is_shown_and_leads_nowhere() {
        assert_eq!(harmless("é [x](JavaScript:alert(1)) a:b"), "é \\[x](JavaScript:alert(1)) a:b");
        assert_eq!(harmless("<vbscript:x> https://a"), "\\<vbscript:x> https://a");
        assert_eq!(harmless("[x]\n\n[x]: data:text/html,x\n"), "\\[x]\n\n\\[x]: data:text/html,x\n");
        assert_eq!(harmless("![x](javascript:1)"), "!\\[x](javascript:1)");
    }

    #[test]
    fn nothing_active_is_left_of_any_way_to_write_it() {
        let texts = [
            "[x](java&#115;cript:alert(1))",
            "[x](java&Tab;script:alert(1))",
            "[x](&#x6A;avascript:alert(1))",
            "[x](<java\tscript:alert(1)>)",
            "[x](\u{1}javascript:alert(1))",
            "[x](javascript&colon;alert(1))",
            "[x](javascript\\:alert(1))",
            "[![x](https://a/b.png)](javascript:alert(1))",
            "[a [b](javascript:1) c](javascript:2)",
            "![a [b](javascript:1) c](javascript:2)",
            "[x][y]\n\n[y]:\n  <javascript:alert(1)>\n  'title'",
            "> - [x]\n> - [x]: javascript:alert(1)\n>\n> [x]: data:text/html;base64,AAAA",
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div>\n[x](javascript:1)\n\n</div>\n<!-- <b> --> <?php ?> <![CDATA[ <b> ]]>",
            "<svg/onload=alert(1)//\n\n<svg onload=alert(1)>",
            "- <details open ontoggle=alert(1)>\n  x\n\n1. <math><mtext></mtext></math>",
            "[^1]\n\n[^1]: [x](javascript:1)",
            "| [x](javascript:1) | <b> |\n|---|---|\n| <i> | [y](vbscript:2) |",
            "\0[x](java\0script:1) <scr\0ipt>",
            "[[x]](javascript:1) [[y|javascript:1]]",
            "*[x](javascript:1)* ~~[y](javascript:1)~~ # [z](javascript:1)\n===",
        ];
        for text in texts {
            let left = found(&harmless(text));
            assert!(left.iter().all(|found| !found.contains('<') && is_harmless(found)), "{text:?}: {left:?}");
        }
    }

    #[test]
    fn links_within_links_end_as_code_however_many_there_are() {
        let mut text = "x".to_owned();
        for _ in 0..50 {
            text = format!("[{text}](javascript:1)");
        }
        let code = harmless(&text);
        assert_eq!(code, format!("    {text}\n"));
        assert_eq!(found(&code), Vec::<String>::new());
    }
}
