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
    for command in [
        "calc",
        "template",
        "eval",
        "explain",
        "montecarlo",
        "sensitivity",
        "tornado",
        "goalseek",
        "compare",
        "import",
        "export",
    ] {
        let (code, out, _) = coval(&[command, "--help"], "");
        assert_eq!(code, 0);
        assert!(out.contains("Examples:"), "{command}");
    }
}

#[test]
fn a_cell_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let (code, out, _) = coval(&["explain", &file, "net_sales@2025E"], "");
    assert_eq!(code, 0);
    for word in ["net_sales@2025E: Net sales", "= prev(net_sales)", "net_sales@2024A", "read by", "net_sales@2026E"] {
        assert!(out.contains(word), "{word} is missing: {out}");
    }
    let (code, out, _) = coval(&["explain", &file, "net_sales 2025E", "--json"], "");
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["cell"]["name"], "net_sales@2025E");
    let (code, out, _) = coval(&["explain", &file, "net_sales@2025E", "--set", "net_sales@2024A=1/0"], "");
    assert_eq!(code, 3);
    assert!(out.contains("#DIV/0"), "{out}");
    assert!(coval(&["explain", &file, "net_sale"], "").2.contains("there is net_sales"));
}

#[test]
fn analyses_say_what_the_model_would() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let (_, plain, _) = coval(&["eval", &file, "--json"], "");
    let (_, moved, _) = coval(&["eval", &file, "--json", "--set", "terminal_growth=2%"], "");
    let name = serde_json::from_str::<Value>(&plain).unwrap()["outputs"][0]["name"].as_str().unwrap().to_owned();
    let (code, grid, err) =
        coval(&["sensitivity", &file, "--output", &name, "--row", "terminal_growth=2%:3%:0.5%", "--json"], "");
    assert_eq!(code, 0, "{err}");
    let grid: Value = serde_json::from_str(&grid).unwrap();
    assert_eq!(grid["outputs"][0]["figures"][0][0]["number"].as_f64().unwrap(), output(&moved, &name));
    assert_eq!(grid["outputs"][0]["figures"].as_array().unwrap().len(), 3);
    let table = coval(
        &["sensitivity", &file, "--output", &name, "--row", "terminal_growth=2%,3%", "--column", "beta=1,1.1,1.2"],
        "",
    );
    assert_eq!((table.0, table.1.lines().count()), (0, 4), "{}", table.1);
    let (code, out, _) = coval(&["tornado", &file, "--output", &name], "");
    assert_eq!(code, 0);
    assert!(out.lines().count() > 2, "{out}");
    let target = (output(&plain, &name) * 1.05).to_string();
    let goal = ["goalseek", &file, "--output", &name, "--target", &target, "--input", "terminal_growth", "--json"];
    let (code, out, err) = coval(&goal, "");
    assert_eq!(code, 0, "{err}");
    let sought: Value = serde_json::from_str(&out).unwrap();
    let found = format!("terminal_growth={}", sought["nearest"]["input"]);
    let (_, there, _) = coval(&["eval", &file, "--json", "--set", &found], "");
    assert!((output(&there, &name) / output(&plain, &name) - 1.05).abs() < 1e-9);
    let (code, out, _) = coval(&["compare", &file], "");
    assert_eq!(code, 0);
    assert!(out.contains("Base case"), "{out}");
    let (code, _, err) = coval(&["sensitivity", &file, "--output", &name, "--row", "beta"], "");
    assert_eq!(code, 1);
    assert!(err.contains("write beta=8%,9%,10%"), "{err}");
}

#[test]
fn a_model_goes_to_a_workbook_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (code, _, err) = coval(&["export", &file, &path("model.xlsx")], "");
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("formulas carried"), "{err}");
    let (code, _, err) = coval(&["import", &path("model.xlsx"), "-o", &path("back.json")], "");
    assert_eq!(code, 0, "{err}");
    let (_, ours, _) = coval(&["eval", &file, "--json"], "");
    let (_, back, _) = coval(&["eval", &path("back.json"), "--json"], "");
    let names: Value = serde_json::from_str(&ours).unwrap();
    for name in names["outputs"].as_array().unwrap().iter().filter(|output| output["value"].is_number()) {
        let name = name["name"].as_str().unwrap();
        let (ours, back) = (output(&ours, name), output(&back, name));
        assert!((ours - back).abs() <= 1e-9 * ours.abs().max(1.0), "{name}: {ours} {back}");
    }
    assert_eq!(coval(&["export", &file, &path("values.csv")], "").0, 0);
    let (code, model, err) = coval(&["import", &path("values.csv")], "");
    assert_eq!(code, 0, "{err}");
    assert_eq!(coval(&["eval", "-", "--all"], &model).0, 0);
    assert_eq!(coval(&["export", &file, &path("values.json")], "").0, 0);
    let values: Value = serde_json::from_slice(&std::fs::read(path("values.json")).unwrap()).unwrap();
    assert_eq!(values["outputs"], names["outputs"]);
    let (code, _, err) = coval(&["export", &file, &path("model.pdf")], "");
    assert_eq!(code, 1);
    assert!(err.contains("use .xlsx, .csv or .json"), "{err}");
}

#[test]
fn a_simulation_has_the_same_bits_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = template_file(&folder);
    let (_, plain, _) = coval(&["eval", &file, "--json"], "");
    let name = serde_json::from_str::<Value>(&plain).unwrap()["outputs"][0]["name"].as_str().unwrap().to_owned();
    let run = |more: &[&str]| {
        let first = ["montecarlo", &file, "--output", &name, "--trials", "600", "--seed", "7"];
        coval(&[&first[..], more].concat(), "")
    };
    let (code, one, err) = run(&["--json", "--threads", "1"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(run(&["--json", "--threads", "3"]).1, one);
    let summary: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(summary["trials"], 600);
    let spread = &summary["outputs"][0]["spread"];
    let middle = spread["mean"].as_f64().unwrap().to_string();
    let (code, text, _) = run(&["--above", &middle]);
    assert_eq!(code, 0);
    assert!(text.contains("standard error") && text.contains("percentile 95") && text.contains("above "), "{text}");
    let (code, _, err) = coval(&["montecarlo", &file, "--output", &name, "--trials", "0"], "");
    assert_eq!(code, 1);
    assert!(err.contains("trials"), "{err}");
}
