//! Markdown (CommonMark with tables, struck text and tasks) as a tree, block by block. HTML in it is shown as it is written.

use std::ops::Range;

use coval_shared::memo::{Piece, pieces};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TextMergeWithOffset};

/// How deep what is nested is shown as nested.
const DEEPEST: usize = 64;

/// Something to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// An element with its attributes and what is in it.
    Element { name: &'static str, attributes: Vec<(&'static str, String)>, children: Vec<Node> },
    /// Words.
    Text(String),
    /// A figure of a model.
    Figure { title: String, name: String },
}

/// A text as it was read: its blocks, each as wide as a paragraph or a list. Trees are made of those that are asked
/// for: of a long text that is being written, most have been drawn before.
pub(super) struct Outline<'a> {
    events: Vec<(Event<'a>, Range<usize>)>,
    blocks: Vec<Block>,
}

struct Block {
    /// Where in the text it stands, in bytes.
    source: Range<usize>,
    /// Its events.
    events: Range<usize>,
}

impl<'a> Outline<'a> {
    /// The blocks of `text`.
    pub(super) fn of(text: &'a str) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let events: Vec<_> = TextMergeWithOffset::new(Parser::new_ext(text, options).into_offset_iter()).collect();
        let (mut blocks, mut depth, mut first) = (Vec::new(), 0_usize, 0);
        for (index, (event, source)) in events.iter().enumerate() {
            match event {
                Event::Start(_) => depth = depth.saturating_add(1),
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                let end = index.saturating_add(1);
                blocks.push(Block { source: source.clone(), events: first..end });
                first = end;
            }
        }
        Self { events, blocks }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Where in the text the block `index` stands, in bytes.
    pub(super) fn source(&self, index: usize) -> Option<Range<usize>> {
        self.blocks.get(index).map(|block| block.source.clone())
    }

    /// The block `index` as a tree.
    pub(super) fn node(&self, index: usize) -> Option<Node> {
        let events = self.events.get(self.blocks.get(index)?.events.clone())?;
        let mut tree = Tree::default();
        events.iter().for_each(|(event, _)| tree.take(event.clone()));
        tree.whole
    }
}

/// The tree as far as it is grown.
#[derive(Default)]
struct Tree {
    /// What was open and is closed.
    whole: Option<Node>,
    /// What is open, from the outermost on.
    open: Vec<Open>,
    /// Whether cells are those of a table's head.
    is_in_head: bool,
    alignments: Vec<Alignment>,
    /// Whether words are code, in which figures are words.
    is_in_code: bool,
}

/// An element that is open. Without a name, what is in it belongs to the one around it.
struct Open {
    name: Option<&'static str>,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
    cells: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(&tag),
            Event::End(_) => self.close(),
            Event::Text(words) if self.is_in_code => self.add(Node::Text(words.into_string())),
            Event::Text(words) => {
                for piece in pieces(&words) {
                    let node = match piece {
                        Piece::Words(words) => Node::Text(words.to_owned()),
                        Piece::Figure(figure) => {
                            Node::Figure { title: figure.title.to_owned(), name: figure.name.to_owned() }
                        }
                    };
                    self.add(node);
                }
            }
            Event::Code(code) => self.add(element("code", vec![Node::Text(code.into_string())])),
            Event::SoftBreak => self.add(Node::Text(" ".to_owned())),
            Event::HardBreak => self.add(element("br", Vec::new())),
            Event::Rule => self.add(element("hr", Vec::new())),
            Event::TaskListMarker(is_done) => {
                let sign = if is_done { "☑ " } else { "☐ " };
                self.add(Node::Text(sign.to_owned()));
            }
            Event::Html(written) | Event::InlineHtml(written) => self.add(Node::Text(written.into_string())),
            // Not asked for.
            Event::FootnoteReference(words) | Event::InlineMath(words) | Event::DisplayMath(words) => {
                self.add(Node::Text(words.into_string()));
            }
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let mut attributes = Vec::new();
        let name = match tag {
            Tag::Paragraph | Tag::HtmlBlock => "p",
            Tag::Heading { level, .. } => heading(*level),
            Tag::BlockQuote(_) => "blockquote",
            Tag::CodeBlock(kind) => {
                self.is_in_code = true;
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    attributes.push(("data-language", language.to_string()));
                }
                "pre"
            }
            Tag::List(None) => "ul",
            Tag::List(Some(first)) => {
                attributes.push(("start", first.to_string()));
                "ol"
            }
            Tag::Item => "li",
            Tag::Table(alignments) => {
                self.alignments.clone_from(alignments);
                "table"
            }
            Tag::TableHead => {
                self.is_in_head = true;
                "tr"
            }
            Tag::TableRow => "tr",
            Tag::TableCell => {
                let index = self.open.last().map_or(0, |row| row.cells);
                if let Some(row) = self.open.last_mut() {
                    row.cells = index.saturating_add(1);
                }
                if self.alignments.get(index) == Some(&Alignment::Right) {
                    attributes.push(("class", "right".to_owned()));
                }
                if self.is_in_head { "th" } else { "td" }
            }
            Tag::Emphasis => "em",
            Tag::Strong => "strong",
            Tag::Strikethrough => "del",
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } if is_harmless(dest_url) => {
                // Pictures of other sites are not loaded: they would tell those who reads.
                attributes.push(("href", dest_url.to_string()));
                attributes.push(("rel", "noopener noreferrer nofollow".to_owned()));
                attributes.push(("target", "_blank".to_owned()));
                "a"
            }
            _ => "span",
        };
        let name = (self.open.len() < DEEPEST).then_some(name);
        self.open.push(Open { name, attributes, children: Vec::new(), cells: 0 });
    }

    fn close(&mut self) {
        let Some(Open { name, attributes, children, .. }) = self.open.pop() else {
            return;
        };
        match name {
            Some("pre") => self.is_in_code = false,
            Some("tr") => self.is_in_head = false,
            _ => {}
        }
        match name {
            Some(name) => self.add(Node::Element { name, attributes, children }),
            None => children.into_iter().for_each(|child| self.add(child)),
        }
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.whole = Some(node),
        }
    }
}

fn element(name: &'static str, children: Vec<Node>) -> Node {
    Node::Element { name, attributes: Vec::new(), children }
}

/// The page's own title is its first heading, so those of the text stand one below.
fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h2",
        HeadingLevel::H2 => "h3",
        HeadingLevel::H3 => "h4",
        HeadingLevel::H4 => "h5",
        HeadingLevel::H5 | HeadingLevel::H6 => "h6",
    }
}

/// Whether following a link runs nothing: it leads to a page or to a mailbox.
fn is_harmless(address: &str) -> bool {
    let address = address.trim_start().to_ascii_lowercase();
    ["http://", "https://", "mailto:"].iter().any(|scheme| address.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// The tree as HTML, for reading.
    fn html(node: &Node) -> String {
        match node {
            Node::Text(text) => text.replace('<', "&lt;"),
            Node::Figure { title, name } => format!("[{title}|{name}]"),
            Node::Element { name, attributes, children } => {
                let attributes: String = attributes.iter().map(|(key, value)| format!(" {key}={value}")).collect();
                format!("<{name}{attributes}>{}</{name}>", children.iter().map(html).collect::<String>())
            }
        }
    }

    fn nodes(text: &str) -> Vec<Node> {
        let outline = Outline::of(text);
        (0..outline.len()).filter_map(|index| outline.node(index)).collect()
    }

    fn all(text: &str) -> String {
        nodes(text).iter().map(html).collect()
    }

    #[test]
    fn markdown_becomes_what_it_means() {
        assert_eq!(all("# Apple\n\nWorth *more*."), "<h2>Apple</h2><p>Worth <em>more</em>.</p>");
        assert_eq!(all("- a\n- b"), "<ul><li>a</li><li>b</li></ul>");
        assert_eq!(
            all("|a|b|\n|-|-:|\n|1|2|"),
            "<table><tr><th>a</th><th class=right>b</th></tr><tr><td>1</td><td class=right>2</td></tr></table>"
        );
        assert_eq!(all("```rust\n{{a!b}}\n```"), "<pre data-language=rust>{{a!b}}\n</pre>");
    }

    #[test]
    fn figures_stand_where_they_are_named_also_with_underscores() {
        assert_eq!(all("Worth {{Apple — DCF!price_per_share}}."), "<p>Worth [Apple — DCF|price_per_share].</p>");
        assert_eq!(all("`{{a!b}}`"), "<p><code>{{a!b}}</code></p>");
    }

    #[test]
    fn html_is_words_and_links_that_run_something_lead_nowhere() {
        assert_eq!(all("<script>alert(1)</script>"), "<p>&lt;script>alert(1)&lt;/script></p>");
        assert_eq!(all("a <b>c</b>"), "<p>a &lt;b>c&lt;/b></p>");
        assert_eq!(all("[x](javascript:alert(1))"), "<p><span>x</span></p>");
        assert_eq!(all("![x](data:text/html,y)"), "<p><span>x</span></p>");
        let link = all("[x](https://example.com)");
        assert!(link.contains("href=https://example.com"), "{link}");
    }

    #[test]
    fn however_deep_a_text_is_nested_the_tree_is_not() {
        fn depth(node: &Node) -> usize {
            match node {
                Node::Element { children, .. } => 1 + children.iter().map(depth).max().unwrap_or(0),
                _ => 1,
            }
        }
        let text = format!("{}deep", "> ".repeat(5_000));
        assert!(nodes(&text).iter().all(|node| depth(node) <= DEEPEST + 1));
    }

    #[test]
    fn blocks_say_where_they_stand() {
        let text = "# a\n\nb\n\n- c\n";
        let outline = Outline::of(text);
        let sources: Vec<&str> = (0..outline.len()).map(|index| &text[outline.source(index).unwrap()]).collect();
        assert_eq!(sources.iter().map(|source| source.trim_end()).collect::<Vec<_>>(), ["# a", "b", "- c"]);
    }
}
