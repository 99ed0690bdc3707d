//! A session in a memo.

use coval_tests::{Page, Stage};
use fantoccini::key::Key;
use serde_json::Value;

use super::hands::{Dice, Step, act};
use super::{Session, complaints};
use crate::looks::told;
use crate::memo::{agreed, two_over};

const LINES: &str = "[data-testid=memo] > .line";

const WORDS: [&str; 9] =
    ["Services ", "grow", "مرحبا ", "𝛼𝛽 ", "🍏", "# ", "- a list", "{{x!y}}", "<script>window.xss=1</script>"];

const PASTES: [&str; 6] = [
    "one\ntwo\n\nfour",
    "\r\nwindows\r\nlines\r\n",
    "שלום\nمرحبا 🍏\n𝛼",
    "\n",
    "a long line that goes on and on until it has to be broken where the page ends, and then goes on once more 🍏🍏🍏 𝛼",
    "e\u{301}\u{200d}👩‍🔬 x",
];

/// What somebody does next.
fn next(dice: &mut Dice) -> Vec<Step> {
    let key = |dice: &mut Dice| {
        [Key::Up, Key::Down, Key::Left, Key::Right, Key::Home, Key::End, Key::PageUp, Key::PageDown][dice.below(8)]
    };
    let text = |dice: &mut Dice| Step::type_text(dice.one_of(&WORDS));
    match dice.below(100) {
        0..30 => vec![text(dice), text(dice)],
        30..40 => vec![Step::Click(LINES, dice.below(10_000), false), text(dice)],
        40..50 => vec![Step::press(key(dice)), Step::press(key(dice)), text(dice)],
        50..58 => vec![Step::press(Key::Enter), text(dice)],
        58..66 => {
            let way = [Key::Backspace, Key::Delete][dice.below(2)];
            vec![Step::press(way), Step::press(way)]
        }
        66..70 => vec![Step::control([Key::Backspace, Key::Delete][dice.below(2)])],
        70..78 => {
            let select = vec![Step::shift(key(dice)), Step::shift(key(dice))];
            let then = match dice.below(3) {
                0 => Step::press(Key::Backspace),
                1 => Step::Paste(dice.one_of(&PASTES).to_owned()),
                _ => text(dice),
            };
            [select, vec![then]].concat()
        }
        78..84 => vec![Step::Paste(dice.one_of(&PASTES).to_owned())],
        84..90 => vec![Step::control('z')],
        90..93 => vec![Step::control('z'), Step::control('z'), Step::control('y')],
        93..95 => vec![Step::control([char::from(Key::Home), char::from(Key::End)][dice.below(2)]), text(dice)],
        95 => vec![Step::control('a'), Step::press(Key::Backspace)],
        96 => vec![Step::Click("[data-panel].panel-switch", dice.below(10_000), false), Step::Wait(60)],
        97..99 => {
            let select = vec![Step::shift(Key::Home), Step::Click("[data-action=comment-on-text]", 0, false)];
            let say = vec![
                Step::Click(".panel textarea", 0, false),
                text(dice),
                Step::Click("[data-action=send-comment]", 0, false),
                Step::Click(LINES, dice.below(10_000), false),
            ];
            [select, say].concat()
        }
        _ => vec![Step::Wait(200)],
    }
}

/// Takes the last steps of `page` back and does them again, which leaves the text as it was.
async fn back_and_forth(page: &Page) {
    let before = page.until_saved().await.digest;
    let mut taken = 0;
    for _ in 0..4 {
        let is_there = told(page, "return !document.querySelector('[data-action=undo]').disabled").await;
        if is_there != true {
            break;
        }
        act(page, &Step::control('z')).await;
        page.until_saved().await;
        taken += 1;
    }
    for _ in 0..taken {
        act(page, &Step::control('y')).await;
    }
    let after = page.until_saved().await.digest;
    assert_eq!(after, before, "{taken} steps back and forth in the window of {}", page.person());
}

#[tokio::test]
async fn two_windows_of_a_memo_end_with_the_same_whatever_is_done_in_them() {
    Stage::run("random-memo", async |stage| {
        let (id, ada, grace, wire) = two_over(stage, "Thesis\n\nRisks are 𝛼\nمخاطر").await;
        let session = Session::new("random-memo");
        for page in [&ada, &grace] {
            page.click_on(LINES).await;
        }
        let steps = session.play([&ada, &grace], &wire, next).await;
        for page in [&ada, &grace] {
            let crash = "document.querySelector('[data-action=close-panel]')?.click(); \
                         return document.querySelector('.crash')?.innerText ?? null";
            assert_eq!(told(page, crash).await, Value::Null, "the app of {} failed", page.person());
        }
        let text = agreed(stage, id, &[&ada, &grace]).await;
        println!("{steps} steps, {} letters", text.chars().count());
        let (one, two) = (ada.look().await, grace.look().await);
        assert_eq!(one.digest, two.digest);
        for page in [&ada, &grace] {
            assert_eq!(page.look().await.notices, Vec::<String>::new(), "in the window of {}", page.person());
            page.click_on(LINES).await;
            back_and_forth(page).await;
        }
        assert_eq!(agreed(stage, id, &[&ada, &grace]).await, text);
        for page in [&ada, &grace] {
            assert_eq!(complaints(page).await, Vec::<String>::new(), "in the window of {}", page.person());
        }
    })
    .await;
}
