//! The commands that need no server, in the real binary.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs `coval` with `input` on standard input.
pub(crate) fn coval(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_coval"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A template in a file of its own.
fn template_file(folder: &tempfile::TempDir) -> String {
    let (code, model, _) = coval(&["template", "dcf"], "");
    assert_eq!(code, 0);
    let file = folder.path().join("model.json");
    std::fs::write(&file, model).unwrap();
    file.display().to_string()
}

fn output(json: &str, name: &str) -> f64 {
    let result: Value = serde_json::from_str(json).unwrap();
    let outputs = result["outputs"].as_array().unwrap();
    outputs.iter().find(|output| output["name"] == name).unwrap()["value"].as_f64().unwrap()
}

#[test]
fn expressions_are_calculated_line_by_line() {
    let (code, out, err) = coval(&["calc"], "1 + 2\n2 ^ 0.5\n\n1 / 0\n[1, 2]\n");
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!([lines[0], lines[1], lines[2], lines[4]], ["3", "1.4142135623730951", "", "[1, 2]"]);
    assert!(lines[3].starts_with("#DIV/0 "), "{}", lines[3]);
}

#[test]
fn ten_thousand_expressions_take_no_time() {
    let begun = std::time::Instant::now();
    let (code, out, _) = coval(&["calc"], &"sum([1, 2, 3]) * 7%\n".repeat(10_000));
    assert_eq!((code, out.lines().count()), (0, 10_000));
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn templates_are_listed_and_printed() {
    let (code, out, _) = coval(&["template"], "");
    assert_eq!(code, 0);
    for line in out.lines() {
        let name = line.split_whitespace().next().unwrap();
        let (code, model, err) = coval(&["template", name], "");
        assert_eq!((code, err.as_str()), (0, ""), "{name}");
        let (code, outputs, err) = coval(&["eval", "-"], &model);
        assert_eq!((code, err.as_str()), (0, ""), "{name}");
        assert!(outputs.lines().count() > 0, "{name}");
    }
    let (code, _, err) = coval(&["template", "nothing"], "");
    assert_eq!(code, 1);
    assert!(err.contains("no template is called \"nothing\"; there is dcf"), "{err}");
}

#[test]
fn a_model_is_calculated_with_what_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let (code, plain, _) = coval(&["eval", &file, "--json"], "");
    assert_eq!(code, 0);
    let (code, changed, _) = coval(&["eval", &file, "--json", "--set", "beta=1.5"], "");
    assert_eq!(code, 0);
    let names: Value = serde_json::from_str(&plain).unwrap();
    let name = names["outputs"][0]["name"].as_str().unwrap();
    assert_ne!(output(&plain, name), output(&changed, name));
    let (_, all, _) = coval(&["eval", &file, "--json", "--all"], "");
    assert!(serde_json::from_str::<Value>(&all).unwrap()["items"].as_array().unwrap().len() > 10);
    assert!(coval(&["eval", &file, "--all"], "").1.lines().count() > 10);
}

#[test]
fn an_output_with_an_error_is_told_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let (_, plain, _) = coval(&["eval", &file, "--json"], "");
    let plain: Value = serde_json::from_str(&plain).unwrap();
    let setting = format!("{}=1/0", plain["outputs"][0]["name"].as_str().unwrap());
    let (code, out, _) = coval(&["eval", &file, "--set", &setting], "");
    assert_eq!(code, 3);
    assert!(out.contains("#DIV/0"), "{out}");
}

#[test]
fn what_is_wrong_is_one_line_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let text = folder.path().join("text.json").display().to_string();
    std::fs::write(&text, "[").unwrap();
    let list = folder.path().join("list.json").display().to_string();
    std::fs::write(&list, "[]").unwrap();
    for (arguments, word) in [
        (&["eval", "/nowhere/model.json"][..], "can't read /nowhere/model.json"),
        (&["eval", &text], "is no JSON"),
        (&["eval", &list], "is no model: document: this is an object"),
        (&["eval", &file, "--set", "betta=1"], "there is beta"),
        (&["eval", &file, "--set", "beta"], "--set beta=5%"),
        (&["eval", &file, "--scenario", "nothing"], "no scenario is called \"nothing\""),
    ] {
        let (code, out, err) = coval(arguments, "");
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(err.starts_with("coval: ") && err.contains(word), "{err}");
    }
    assert_eq!(coval(&["eval"], "").0, 2);
}

#[test]
fn help_has_examples() {
    for command in ["calc", "template", "eval"] {
        let (code, out, _) = coval(&[command, "--help"], "");
        assert_eq!(code, 0);
        assert!(out.contains("Examples:"), "{command}");
    }
}
