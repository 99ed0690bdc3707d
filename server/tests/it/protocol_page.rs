//! `docs/PROTOCOL.md` and the protocol's code name the same things.

use std::collections::BTreeSet;

use coval_shared::protocol::{ClientMessage, ClientSaid, ErrorCode, Glossary, ServerMessage, ServerSaid};
use serde::de::DeserializeOwned;
use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/PROTOCOL.md");
const LIMITS: &str = include_str!("../../../shared/src/limits.rs");

/// The names that a type of messages or codes accepts, as serde lists them when it is given another one.
pub(crate) fn names<T: DeserializeOwned>(unknown: &str) -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(unknown).err().expect("no such name").to_string();
    let (_, list) = error.split_once("expected one of").expect("serde lists the names");
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words in backticks with which lines of the page begin, between two headings.
fn described(from: &str, to: &str) -> BTreeSet<String> {
    let (_, rest) = PAGE.split_once(from).expect("the heading is there");
    let (part, _) = rest.split_once(to).expect("the next heading is there");
    let lines = part.lines().map(|line| line.trim_start_matches("| "));
    let names = lines.filter_map(|line| Some(line.strip_prefix('`')?.split_once('`')?.0.to_owned()));
    // The fence of an example begins with backticks too.
    names.filter(|name| !name.is_empty()).collect()
}

/// The examples in the page, between two headings.
fn examples(from: &str, to: &str) -> Vec<Value> {
    let (_, rest) = PAGE.split_once(from).expect("the heading is there");
    let (part, _) = rest.split_once(to).expect("the next heading is there");
    part.split("```json")
        .skip(1)
        .map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap())
        .collect()
}

#[test]
fn the_page_describes_every_message_and_every_code_and_no_other() {
    let unknown = r#"{"type":"unheard_of"}"#;
    assert_eq!(described("## From the client", "## From the server"), names::<ClientMessage>(unknown));
    assert_eq!(described("## From the server", "## Error codes"), names::<ServerMessage>(unknown));
    assert_eq!(described("## Error codes", "## Limits"), names::<ErrorCode>(r#""unheard_of""#));
}

#[test]
fn every_message_has_an_example() {
    let names = |examples: Vec<Value>| {
        let names = examples.iter().map(|example| example["type"].as_str().unwrap().to_owned());
        names.collect::<BTreeSet<String>>()
    };
    let unknown = r#"{"type":"unheard_of"}"#;
    let (client, server) = ("## From the client", "## From the server");
    assert_eq!(names(examples(client, server)), self::names::<ClientMessage>(unknown));
    assert_eq!(names(examples(server, "## Error codes")), self::names::<ServerMessage>(unknown));
}

#[test]
fn the_page_lists_every_limit_with_its_value_and_no_other() {
    let constants = LIMITS.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(':'));
    let mut listed = described("## Limits", "## HTTP");
    for (name, definition) in constants {
        assert!(listed.remove(name), "the table of limits lacks {name}");
        let value = definition.split_once('=').unwrap().1.trim_end_matches(';').replace('_', "");
        let factors: Result<Vec<u64>, _> = value.split('*').map(|factor| factor.trim().parse()).collect();
        // What is no product of numbers is said in words.
        if let Ok(factors) = factors {
            let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{name}`"))).unwrap();
            let value = grouped(factors.iter().product());
            assert!(row.split_whitespace().any(|word| word == value), "{name} is {value}: {row}");
        }
    }
    assert_eq!(listed, BTreeSet::new(), "the table names limits that there are not");
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn the_examples_are_messages() {
    for example in examples("## From the client", "## From the server") {
        let message: ClientMessage = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(message).unwrap(), example);
    }
    for example in examples("## From the server", "## Error codes") {
        let message: ServerMessage = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(message).unwrap(), example);
    }
}

#[test]
fn the_brief_examples_are_messages() {
    let mut glossary = Glossary::default();
    for example in examples("## From the server", "## Error codes") {
        glossary.take(serde_json::from_value(example).unwrap()).unwrap();
    }
    let examples = examples("## Brief messages", "## Presence");
    let [updated, acknowledged, edit] = &examples[..] else { panic!("there are three kinds") };
    let mut told = |said: &Value| glossary.take(serde_json::from_value::<ServerSaid>(said.clone()).unwrap()).unwrap();
    assert!(matches!(told(updated), ServerMessage::DocumentUpdated { updates, .. } if updates.len() == 2));
    assert!(matches!(told(acknowledged), ServerMessage::DocumentAck { .. }));
    assert!(matches!(serde_json::from_value(edit.clone()).unwrap(), ClientSaid::Edit(1, ..)));
}
