//! A session in a model.

use std::collections::BTreeSet;

use coval_shared::protocol::DocumentId;
use coval_tests::page::Look;
use coval_tests::wait::until;
use coval_tests::{Page, Stage, http};
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::hands::{Dice, Step, act};
use super::{Session, complaints};
use crate::looks::told;
use crate::scene::Pair;

const CELLS: &str = "td[data-item]";
const LABELS: &str = "th[data-label]";

const VALUES: [&str; 14] = [
    "5%",
    "0.031",
    "-12",
    "1,234.5",
    "(7)",
    "0",
    "1e3",
    "12e",
    "word",
    "2025-03-31",
    "=",
    "9999999999",
    "مرحبا",
    "𝛼🍏",
];

const FORMULAS: [&str; 10] = [
    "=prev(growth) + 1%",
    "=net_sales * 0.5",
    "=sum(net_sales)",
    "=1 / 0",
    "=growth[t-1] * 2",
    "=nothing",
    "=max(1, 2",
    "=\"text\"",
    "=cost_ratio",
    "=if(growth > 0.02, 1, 0)",
];

const WORDS: [&str; 7] = ["Services", "مبيعات", "𝛼𝛽 🍏", "<b>x</b>", "Total", "A long label of a row, in words", "x"];

const PASTES: [&str; 6] = [
    "1%\t2%\n3%\t4%",
    "5",
    "a\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl",
    "\"two\nlines\"\t3\n\"open",
    "1\n2\n3\n4\n5\n6\n7\n8",
    "\u{0}\u{1}\u{fffd}\t\u{202e}abc",
];

/// What somebody does next.
fn next(dice: &mut Dice) -> Vec<Step> {
    let nth = |dice: &mut Dice| dice.below(10_000);
    let cell = |dice: &mut Dice| Step::Click(CELLS, nth(dice), false);
    let commit = |dice: &mut Dice| match dice.below(8) {
        0 => Step::press(Key::Escape),
        1 | 2 => Step::press(Key::Tab),
        3 => Step::press(Key::Up),
        // The next step enters it, or does not.
        4 => Step::Wait(30),
        _ => Step::press(Key::Enter),
    };
    match dice.below(100) {
        0..20 => vec![cell(dice), Step::type_text(dice.one_of(&VALUES)), commit(dice)],
        20..27 => vec![cell(dice), Step::type_text(dice.one_of(&FORMULAS)), commit(dice)],
        27..35 => {
            let keys = [Key::Up, Key::Down, Key::Left, Key::Right, Key::Home, Key::End, Key::PageDown, Key::PageUp];
            let key = |dice: &mut Dice| keys[dice.below(keys.len())];
            vec![Step::press(key(dice)), Step::shift(key(dice)), Step::shift(key(dice))]
        }
        35..39 => vec![cell(dice), Step::press(Key::Delete)],
        39..47 => vec![Step::control('z')],
        47..50 => vec![Step::control('z'), Step::control('z'), Step::control('y')],
        50..53 => vec![Step::control('y')],
        53..57 => {
            let named = vec![Step::control(Key::Enter), Step::type_text(dice.one_of(&WORDS)), commit(dice)];
            [vec![cell(dice)], named].concat()
        }
        57..61 => {
            let key = if dice.below(2) == 0 { Key::Up } else { Key::Down };
            vec![cell(dice), Step::Press(vec![Key::Alt, Key::Shift], key.into())]
        }
        61..66 => menu(dice, "[data-action=open-row-tools]"),
        66..68 => menu(dice, "[data-action=open-section-menu]"),
        68..70 => menu(dice, "[data-action=open-period-tools]"),
        70..74 => vec![cell(dice), Step::Paste(dice.one_of(&PASTES).to_owned())],
        74..76 => vec![cell(dice), Step::Click(CELLS, nth(dice), true), Step::Paste("7%".to_owned())],
        76..79 => {
            let fill = if dice.below(2) == 0 { 'r' } else { 'd' };
            vec![cell(dice), Step::Click(CELLS, nth(dice), true), Step::control(fill)]
        }
        79..81 => vec![Step::Drag(CELLS, nth(dice), nth(dice))],
        81..82 => vec![Step::Drag(".label-text", nth(dice), nth(dice))],
        82..86 => vec![Step::Click("[data-panel].panel-switch", nth(dice), false), Step::Wait(60)],
        86..88 => vec![Step::Scroll(".sheet", dice.below(1_001))],
        88..91 => vec![Step::Choose("[data-testid=scenario-switch]", nth(dice))],
        91..94 => {
            let inside = [Key::Home, Key::End, Key::Left][dice.below(3)];
            let place = Step::Click(if dice.below(2) == 0 { LABELS } else { CELLS }, nth(dice), false);
            vec![place, Step::press(Key::F2), Step::press(inside), Step::type_text(dice.one_of(&WORDS)), commit(dice)]
        }
        94..96 => {
            let text = if dice.below(2) == 0 { dice.one_of(&FORMULAS) } else { dice.one_of(&VALUES) };
            let bar = Step::Click("[data-testid=formula-bar]", 0, false);
            vec![cell(dice), bar, Step::control('a'), Step::type_text(text), commit(dice)]
        }
        96 => vec![Step::control('a'), Step::press(Key::Right)],
        97 => vec![Step::Click("[data-action=fold-section]", nth(dice), false)],
        98 => vec![Step::Choose("[data-action=choose-format]", nth(dice))],
        _ => {
            let wish = ["[data-action=toggle-trace]", "[data-action=toggle-chart]"][dice.below(2)];
            vec![Step::Click(wish, 0, false)]
        }
    }
}

/// Something of a menu, and an answer if it asks for one.
fn menu(dice: &mut Dice, button: &'static str) -> Vec<Step> {
    let entry = Step::Click("[role=menuitem]", dice.below(10_000), false);
    let answer = [dice.one_of(&WORDS), dice.one_of(&FORMULAS)][dice.below(2)];
    let answered = vec![Step::Click("[data-testid=question] input", 0, false), Step::type_text(answer)];
    let begin =
        vec![Step::Click(CELLS, dice.below(10_000), false), Step::Click(button, dice.below(10_000), false), entry];
    let end = vec![Step::press(Key::Enter), Step::press(Key::Escape), Step::press(Key::Escape)];
    [begin, answered, end].concat()
}

/// Puts the window into the state in which all windows can be compared.
async fn come_to_rest(page: &Page) {
    for _ in 0..3 {
        act(page, &Step::press(Key::Escape)).await;
    }
    let script = "
        document.querySelector('[data-action=cancel-question]')?.click();
        document.querySelector('[data-action=close-panel]')?.click();
        document.querySelector('[data-action=close-chart]')?.click();
        const list = document.querySelector('[data-testid=scenario-switch]');
        if (list) { list.selectedIndex = 0; list.dispatchEvent(new Event('change', { bubbles: true })); }
        document.querySelectorAll('[data-action=fold-section][aria-expanded=false]').forEach((fold) => fold.click());
        document.querySelector('.sheet').scrollTop = 0;
        return document.querySelector('.crash')?.innerText ?? null";
    assert_eq!(told(page, script).await, Value::Null, "the app of {} failed", page.person());
}

/// The document as the server has it, with its revision and the digest that windows show.
async fn stored(stage: &Stage, id: DocumentId) -> (u64, String, Value) {
    let token = stage.server.token().await.expect("the owner signs in");
    let url = format!("{}/api/document/{id}/snapshot", stage.server.origin());
    let answer = http::ask(token, http::Method::GET, &url, &json!({})).await.expect("the server answers");
    let mut answer: Value = answer.json().expect("it gives the document");
    let bytes = serde_json::to_vec(&answer["snapshot"]).expect("what is JSON can be written");
    // FNV-1a, as in the app.
    let digest = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let revision = answer["revision"].as_u64().expect("it has a revision");
    (revision, format!("{digest:016x}"), answer["snapshot"].take())
}

/// Where two documents differ, and what stands there.
fn differences(path: &str, one: &Value, two: &Value) -> Vec<String> {
    let at = |key: &str| format!("{path}/{key}");
    match (one, two) {
        (Value::Object(one), Value::Object(two)) => {
            let keys: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            let of = |map: &serde_json::Map<String, Value>, key| map.get(key).cloned().unwrap_or_default();
            keys.into_iter().flat_map(|key| differences(&at(key), &of(one, key), &of(two, key))).collect()
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            let pairs = one.iter().zip(two).enumerate();
            pairs.flat_map(|(index, (one, two))| differences(&at(&index.to_string()), one, two)).collect()
        }
        _ if one == two => Vec::new(),
        _ => vec![format!("{path}: {one} or {two}")],
    }
}

/// Waits until all windows have everything that the server has, and nothing else, and show the same of it.
async fn agreed(stage: &Stage, id: DocumentId, pages: &[&Page]) -> Look {
    let looks = until("all windows to have what the server has", async || {
        let (revision, digest, _) = stored(stage, id).await;
        let mut looks = Vec::new();
        for page in pages {
            let look = page.look().await;
            if !look.is_saved() || look.revision != Some(revision) {
                return Err(format!("{} is at {look}, the server at revision {revision}", page.person()));
            }
            assert_eq!(look.digest.as_ref(), Some(&digest), "the document of {} at {revision}", page.person());
            looks.push(look);
        }
        Ok(looks)
    })
    .await;
    for look in &looks[1..] {
        assert_eq!(looks[0].labels, look.labels);
        assert_eq!(looks[0].cells, look.cells);
        assert_eq!(looks[0].outputs, look.outputs);
    }
    let figures = http::outputs(&stage.server, id).await.expect("the server calculates");
    let calculated: Vec<_> = figures.outputs.iter().map(|output| (&output.item.0, &output.bits)).collect();
    let shown: Vec<_> = looks[0].outputs.iter().map(|output| (&output.item, &output.bits)).collect();
    assert_eq!(shown, calculated, "the key figures in the windows and on the server");
    looks.into_iter().next().expect("there is a window")
}

/// Takes the last steps of `page` back and does them again, which leaves the document as it was.
async fn back_and_forth(stage: &Stage, id: DocumentId, page: &Page) {
    let before = page.until_saved().await;
    let (_, _, document) = stored(stage, id).await;
    let mut taken = 0;
    for _ in 0..4 {
        let is_there = told(page, "return !document.querySelector('[data-action=undo]').disabled").await;
        if is_there != true {
            break;
        }
        act(page, &Step::control('z')).await;
        // What can't be taken back stays to be taken back. What others have overwritten is, and nothing is seen of it.
        if page.until_saved().await.notices.len() > before.notices.len() {
            break;
        }
        taken += 1;
    }
    for _ in 0..taken {
        act(page, &Step::control('y')).await;
        page.until_saved().await;
    }
    let after = page.until_saved().await;
    if after.digest != before.digest {
        let differences = differences("", &document, &stored(stage, id).await.2).join("\n");
        panic!(
            "{taken} steps back and forth in the window of {} change\n{differences}\n{after}\n{:?}",
            page.person(),
            after.notices
        );
    }
}

#[tokio::test]
async fn two_windows_of_a_model_end_with_the_same_whatever_is_done_in_them() {
    Stage::run("random-model", async |stage| {
        let pair = Pair::open(stage).await;
        let session = Session::new("random-model");
        let steps = session.play([&pair.ada, &pair.grace], &pair.ada_wire, next).await;
        for page in [&pair.ada, &pair.grace] {
            come_to_rest(page).await;
        }
        let look = agreed(stage, pair.document, &[&pair.ada, &pair.grace]).await;
        println!("{steps} steps, revision {:?}", look.revision);
        for page in [&pair.ada, &pair.grace] {
            let notices = page.look().await.notices;
            let bad = ["could not be added", "server refused", "reported a problem", "can't store"];
            let bad = notices.iter().find(|notice| bad.iter().any(|words| notice.contains(words)));
            assert_eq!(bad, None, "in the window of {}", page.person());
            page.click_on(LABELS).await;
            back_and_forth(stage, pair.document, page).await;
        }
        agreed(stage, pair.document, &[&pair.ada, &pair.grace]).await;
        for page in [&pair.ada, &pair.grace] {
            assert_eq!(complaints(page).await, Vec::<String>::new(), "in the window of {}", page.person());
        }
    })
    .await;
}
