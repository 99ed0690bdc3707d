//! Random documents and edits that reach the seams: ties, astral characters, shifting indexes, depth.

use ot_core::OtType;
use ot_core::json::{Json, JsonOp, MAX_DEPTH, Path, PathSegment};
use ot_core::rich::{Attributes, Content, Delta, Document, Rich, RichUtf16};
use ot_core::text::{Rope, Text, TextOp};
use serde_json::{Number, Value, json};

/// Where choices come from: a random generator, or a tape that proptest shrinks.
pub(crate) trait Source {
    /// A number below `limit`, which is at least one.
    fn below(&mut self, limit: usize) -> usize;

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn pick<'a, X>(&mut self, options: &'a [X]) -> &'a X {
        &options[self.below(options.len())]
    }
}

/// Choices written down beforehand, and only the first option past their end: a shorter tape is a simpler case.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    choices: Vec<u32>,
    next: usize,
}

impl Tape {
    pub(crate) fn new(choices: Vec<u32>) -> Self {
        Self { choices, next: 0 }
    }
}

impl Source for Tape {
    fn below(&mut self, limit: usize) -> usize {
        let choice = self.choices.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        usize::try_from(choice).unwrap() % limit
    }
}

/// Sebastiano Vigna's SplitMix64: the n-th number is a function of the seed and n.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Source for SplitMix64 {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// A type whose documents and edits can be drawn.
pub(crate) trait Generated: OtType {
    fn document(source: &mut impl Source) -> Self::Snapshot;

    /// An edit that fits `document`.
    fn edit(document: &Self::Snapshot, source: &mut impl Source) -> Self::Op;
}

const SNIPPETS: &[&str] = &["a", "b", "ab", "é", "💃", "x𝔘y", "\u{ffff}", "e\u{301}", "\n", "\u{10ffff}\u{0}"];

fn snippets(source: &mut impl Source, most: usize) -> String {
    (0..source.below(most + 1)).map(|_| *source.pick(SNIPPETS)).collect()
}

impl Generated for Text {
    fn document(source: &mut impl Source) -> Rope {
        Rope::from(snippets(source, 8))
    }

    fn edit(document: &Rope, source: &mut impl Source) -> TextOp {
        let mut left = document.len_chars();
        let mut op = TextOp::new();
        for _ in 0..=source.below(4) {
            let kept = source.below(left.min(6) + 1);
            op = op.retain(kept);
            left -= kept;
            // A long document shrinks, so that a session stays small.
            let deletes = source.below(3) == 2 || left > 60;
            if deletes {
                let deleted = source.below(left.min(20) + 1);
                op = op.delete(deleted);
                left -= deleted;
            }
            if !source.one_in(3) {
                op = op.insert(source.pick::<&str>(SNIPPETS));
            }
        }
        op
    }
}

/// The pieces that no op may cut, with their lengths in units of `T`, are what an edit steps over.
fn rich_edit(lengths: &[usize], source: &mut impl Source) -> Delta {
    let mut rest = lengths;
    let mut op = Delta::new();
    for _ in 0..=source.below(4) {
        op = op.retain(step(&mut rest, 6, source));
        match source.below(5) {
            0 => op = op.retain_with(step(&mut rest, 4, source), attributes(source, true)),
            1 => op = op.embed(source.pick(&[json!({"image": "x"}), json!([1]), json!(1)]), attributes(source, false)),
            2 => op = op.insert_with(source.pick::<&str>(SNIPPETS), attributes(source, false)),
            _ => {
                let most = if rest.len() > 60 { 20 } else { 4 };
                op = op.delete(step(&mut rest, most, source));
            }
        }
    }
    op
}

fn step(rest: &mut &[usize], most: usize, source: &mut impl Source) -> usize {
    let (stepped_over, after) = rest.split_at(source.below(rest.len().min(most) + 1));
    *rest = after;
    stepped_over.iter().sum()
}

fn rich_lengths(document: &Document, length: fn(char) -> usize) -> Vec<usize> {
    let contents = document.contents().map(|(content, _)| content);
    contents
        .flat_map(|content| match content {
            Content::Text(text) => text.chars().map(length).collect(),
            Content::Embed(_) => vec![1],
        })
        .collect()
}

fn attributes(source: &mut impl Source, nulls: bool) -> Attributes {
    let mut attributes = Attributes::new();
    for name in ["bold", "color"] {
        match source.below(4) {
            0 => {}
            1 if nulls => drop(attributes.insert(name.to_owned(), Value::Null)),
            choice => drop(attributes.insert(name.to_owned(), json!(choice))),
        }
    }
    attributes
}

fn rich_document(source: &mut impl Source) -> Document {
    Document::try_from(rich_edit(&[], source)).unwrap()
}

impl Generated for Rich {
    fn document(source: &mut impl Source) -> Document {
        rich_document(source)
    }

    fn edit(document: &Document, source: &mut impl Source) -> Delta {
        rich_edit(&rich_lengths(document, |_| 1), source)
    }
}

impl Generated for RichUtf16 {
    fn document(source: &mut impl Source) -> Document {
        rich_document(source)
    }

    fn edit(document: &Document, source: &mut impl Source) -> Delta {
        rich_edit(&rich_lengths(document, char::len_utf16), source)
    }
}

/// Among them two whose order differs between code points and UTF-16, and one that JavaScript treats specially.
const KEYS: &[&str] = &["a", "b", "", "__proto__", "0", "ключ", "\u{ffff}", "💃"];

fn value(source: &mut impl Source, depth: usize) -> Value {
    let kinds = if depth == 0 { 5 } else { 9 };
    match source.below(kinds) {
        0 => json!(source.below(3)),
        1 => Value::Null,
        2 => json!(source.one_in(2)),
        // No whole floats: a sum that is whole is an integer.
        3 => Value::from(*source.pick(&[0.5, -0.1, 0.2, 1e300, 94_930.25])),
        4 | 5 => Value::from(snippets(source, 3)),
        6 | 7 => (0..source.below(4)).map(|_| value(source, depth - 1)).collect(),
        _ => (0..source.below(4)).map(|_| ((*source.pick(KEYS)).to_owned(), value(source, depth - 1))).collect(),
    }
}

impl Generated for Json {
    fn document(source: &mut impl Source) -> Value {
        let mut document = value(source, 4);
        if source.below(4) > 0 {
            // Enough places for values to move between.
            let other = value(source, 3);
            document = if source.one_in(2) {
                json!([document, other, value(source, 2)])
            } else {
                json!({ "a": document, "b": other, "": value(source, 2) })
            };
        }
        if source.one_in(8) {
            // So deep that the next insert may be one level too deep.
            for level in 5..MAX_DEPTH {
                document = if level % 2 == 0 { json!([document, level]) } else { json!({ "a": document }) };
            }
        }
        document
    }

    fn edit(document: &Value, source: &mut impl Source) -> JsonOp {
        let mut edited = document.clone();
        let mut op = JsonOp::noop();
        for _ in 0..=source.below(3) {
            let next = one_edit(&edited, source);
            // Too deep, or a sum that no number holds: not an edit that a person could make.
            if Json::apply(&mut edited, &next).is_ok() {
                op = Json::compose(&op, &next).unwrap();
            }
        }
        op
    }
}

fn one_edit(document: &Value, source: &mut impl Source) -> JsonOp {
    if document.is_null() {
        return JsonOp::insert(Path::default(), value(source, 3));
    }
    if source.one_in(40) {
        return if source.one_in(2) {
            JsonOp::remove(Path::default())
        } else {
            JsonOp::replace(Path::default(), value(source, 3))
        };
    }
    if source.one_in(4)
        && let Some(op) = one_move(document, source)
    {
        return op;
    }
    let mut path = Path::default();
    let mut here = document;
    loop {
        // A deep document is walked further down, so that edits meet there.
        let stops = source.below(if path.0.is_empty() { 6 } else { 3 }) == 0;
        match here {
            Value::Array(items) if items.is_empty() || stops => return edit_list(path, items.len(), source),
            Value::Array(items) => {
                let index = source.below(items.len());
                path.0.push(PathSegment::Index(index));
                here = &items[index];
            }
            Value::Object(entries) if entries.is_empty() || stops => {
                let key = *source.pick(KEYS);
                return edit_entry(path, key, entries.contains_key(key), source);
            }
            Value::Object(entries) => {
                let (key, entry) = entries.iter().nth(source.below(entries.len())).unwrap();
                path.0.push(PathSegment::Key(key.clone()));
                here = entry;
            }
            Value::String(text) if !stops => {
                return JsonOp::edit_text(path, Text::edit(&Rope::from(text.as_str()), source));
            }
            Value::Number(_) if !stops => {
                let amount = *source.pick(&["1", "-3", "0.1", "-0.25"]);
                return JsonOp::add_number(path, amount.parse::<Number>().unwrap());
            }
            _ => return JsonOp::replace(path, value(source, 1)),
        }
    }
}

/// From anywhere to anywhere, if both ends are found.
fn one_move(document: &Value, source: &mut impl Source) -> Option<JsonOp> {
    let from = place(document, source)?;
    let mut rest = document.clone();
    Json::apply(&mut rest, &JsonOp::remove(from.clone())).unwrap();
    let mut to = Path::default();
    let mut here = &rest;
    loop {
        let stops = source.one_in(3);
        match here {
            Value::Array(items) if items.is_empty() || stops => {
                to.0.push(PathSegment::Index(source.below(items.len() + 1)));
                break;
            }
            Value::Object(entries) if entries.is_empty() || stops => {
                let key = *source.pick(KEYS);
                if entries.contains_key(key) {
                    return None;
                }
                to.0.push(PathSegment::from(key));
                break;
            }
            Value::Array(_) | Value::Object(_) => {
                let step = child(here, source)?;
                here = match &step {
                    PathSegment::Index(index) => &here[index],
                    PathSegment::Key(key) => &here[key],
                };
                to.0.push(step);
            }
            _ => return None,
        }
    }
    JsonOp::move_to(from, to).ok()
}

/// The path of a value below the root.
fn place(document: &Value, source: &mut impl Source) -> Option<Path> {
    let mut path = Path(vec![child(document, source)?]);
    let mut here = document;
    loop {
        here = match path.0.last()? {
            PathSegment::Index(index) => &here[index],
            PathSegment::Key(key) => &here[key],
        };
        match child(here, source) {
            Some(step) if source.below(3) > 0 => path.0.push(step),
            _ => return Some(path),
        }
    }
}

fn child(value: &Value, source: &mut impl Source) -> Option<PathSegment> {
    match value {
        Value::Array(items) if !items.is_empty() => Some(PathSegment::Index(source.below(items.len()))),
        Value::Object(entries) if !entries.is_empty() => {
            let (key, _) = entries.iter().nth(source.below(entries.len()))?;
            Some(PathSegment::Key(key.clone()))
        }
        _ => None,
    }
}

fn edit_list(mut path: Path, length: usize, source: &mut impl Source) -> JsonOp {
    let item = source.below(length.max(1));
    // A long list shrinks, so that a session stays small.
    let kinds = if length > 12 { 2 } else { 5 };
    match source.below(kinds) {
        0 | 1 if length > 0 => {
            path.0.push(PathSegment::Index(item));
            if source.one_in(3) { JsonOp::replace(path, value(source, 2)) } else { JsonOp::remove(path) }
        }
        _ => {
            path.0.push(PathSegment::Index(source.below(length + 1)));
            JsonOp::insert(path, value(source, 2))
        }
    }
}

fn edit_entry(mut path: Path, key: &str, present: bool, source: &mut impl Source) -> JsonOp {
    path.0.push(PathSegment::from(key));
    match (present, source.below(3)) {
        (false, _) => JsonOp::insert(path, value(source, 2)),
        (true, 0) => JsonOp::remove(path),
        (true, _) => JsonOp::replace(path, value(source, 2)),
    }
}
