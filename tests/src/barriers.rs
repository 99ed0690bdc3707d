//! What would keep somebody out of a page who hears it, types it, or sees it badly: axe-core's findings.

use std::fmt;

use serde::Deserialize;
use serde_json::json;

use crate::{Page, programs};

/// What is asked of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// WCAG 2.2 at the levels A and AA, and what is good practice beyond.
    All,
    /// Those of them that hang on colours.
    Colours,
}

impl Rules {
    fn script(self) -> &'static str {
        match self {
            Self::All => "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']",
            Self::Colours => "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }",
        }
    }
}

/// Something on a page that keeps people out.
#[derive(Clone, Debug, Deserialize)]
pub struct Barrier {
    /// The rule that is broken.
    pub rule: String,
    /// How bad that is: `minor`, `moderate`, `serious`, `critical`.
    pub impact: String,
    /// What to do, in words.
    pub help: String,
    /// The element, as a CSS selector.
    pub element: String,
    /// Its HTML, or the beginning of it.
    pub html: String,
    /// What is the matter with this element.
    pub why: String,
}

impl Barrier {
    /// Whether it keeps people out, and is not a blemish only.
    pub fn is_serious(&self) -> bool {
        self.impact != "minor"
    }
}

impl fmt::Display for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, impact, help, element, html, why } = self;
        write!(f, "{impact} {rule}: {help}\n    at {element}\n    {html}\n    {why}")
    }
}

/// What keeps people out of the page as it is now. Elements that fit the CSS selector `except` are not looked at.
///
/// # Panics
/// When axe-core is not there, or does not run.
pub async fn barriers(page: &Page, rules: Rules, except: Option<&str>) -> Vec<Barrier> {
    // By the developer tools' way in: the content policy of the page lets no other script in.
    if evaluated(page, "typeof axe").await == "undefined" {
        let script = std::fs::read_to_string(programs::axe()).expect("axe-core can be read");
        evaluated(page, &format!("{script}; 'there'")).await;
    }
    let (rules, except) = (rules.script(), json!(except.into_iter().collect::<Vec<_>>()));
    let script = format!(
        "axe.run({{ exclude: {except} }}, {{ runOnly: {rules}, resultTypes: ['violations'] }}).then(found => \
         found.violations.flatMap(({{ id, impact, help, nodes }}) => nodes.map(node => ({{ \
         rule: id, impact: node.impact ?? impact, help, element: node.target.join(' '), html: node.html.slice(0, 300), \
         why: [...node.any, ...node.all, ...node.none].map(check => check.message).join('; ') }}))))"
    );
    let found = evaluated(page, &script).await;
    serde_json::from_value(found.clone()).unwrap_or_else(|error| panic!("{error} in what axe-core says: {found}"))
}

async fn evaluated(page: &Page, script: &str) -> serde_json::Value {
    let parameters = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
    let answer = page.window().command("Runtime.evaluate", parameters).await;
    assert!(answer.get("exceptionDetails").is_none(), "the script fails: {answer}");
    answer["result"]["value"].clone()
}
