//! A thousand edits of somebody else at once, in the window of somebody who works.

use coval_shared::rest::SocketTicket;
use coval_tests::http::{self, Method};
use coval_tests::server::{PASSWORD, email};
use coval_tests::{Place, Stage};
use fantoccini::key::Key;
use serde_json::json;

use crate::looks::told;
use crate::scene::{Pair, growth};

/// A program that edits over a socket of its own: values of one row, its label, and now and then a new row above it. Each
/// edit waits until the one before is stored, as the protocol has it.
const PROGRAM: &str = r#"
const [ticket, document_, count, done] = arguments;
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws', 'coval.v1.json');
const client = crypto.randomUUID();
let sequence = 0, revision = 0, place, above = 0;
const op = () => {
  const [section, item] = [place[0], place[1] + above];
  if (sequence % 50 === 7) {
    above += 1;
    const name = `burst_${sequence}`;
    const row = { id: name, name, label: `Row ${sequence}`, unit: '', format: 'number', span: 'period', values: {}, note: '' };
    return ['sections', section, 'items', 0, { i: row }];
  }
  if (sequence % 10 === 3) return ['sections', section, 'items', item, 'label', { es: ['+'] }];
  const year = `fy202${5 + sequence % 5}`;
  return ['sections', section, 'items', item, 'values', year, { r: true, i: sequence / 10_000 }];
};
const next = () => {
  if (sequence === count) { socket.close(); return done(revision); }
  sequence += 1;
  socket.send(JSON.stringify({ type: 'document_edit', document: document_, sequence, base: revision, op: op() }));
};
socket.onopen = () => {
  socket.send(JSON.stringify({ type: 'hello', client, ticket }));
  socket.send(JSON.stringify({ type: 'document_open', document: document_, since: null }));
};
socket.onerror = () => done('the socket failed');
socket.onmessage = ({ data }) => {
  const said = JSON.parse(data);
  if (said[0] === 'a') { revision = said[3]; next(); }
  else if (said[0] === 'u') revision = said[2] + said[3].length - 1;
  else if (said.type === 'document_snapshot') {
    revision = said.revision;
    said.snapshot.sections.forEach((section, s) => section.items.forEach((item, i) => {
      if (item.id === 'cost_ratio') place = [s, i];
    }));
    next();
  } else if (said.type === 'error') done(JSON.stringify(said));
};
"#;

/// Has a program do `count` edits in the window of Grace, beside the app.
async fn burst(stage: &Stage, pair: &Pair, count: u64) {
    let origin = stage.server.origin();
    let token = http::sign_in(&origin, &email("Grace"), PASSWORD).await.expect("Grace signs in");
    let ticket = http::ask(&token, Method::POST, &format!("{origin}/api/socket-ticket"), &json!({})).await;
    let ticket: SocketTicket = ticket.expect("the server answers").json().expect("it gives a ticket");
    let client = &pair.grace.window().client;
    let longest = webdriver_timeouts();
    client.update_timeouts(longest).await.expect("a script may take long");
    let arguments = vec![json!(ticket.ticket.reveal()), json!(pair.document), json!(count)];
    let done = client.execute_async(PROGRAM, arguments).await.expect("the program runs");
    assert!(done.is_u64(), "{done}");
}

fn webdriver_timeouts() -> fantoccini::wd::TimeoutConfiguration {
    let minute = std::time::Duration::from_secs(60);
    fantoccini::wd::TimeoutConfiguration::new(Some(minute), None, None)
}

/// From now on, counts what the page draws: frames, changes of the grid, and the longest time in which it draws nothing.
const WATCH: &str = "
    const seen = window.seen = { frames: 0, draws: 0, longest: 0 };
    let last = performance.now();
    const frame = (now) => {
      seen.frames += 1;
      seen.longest = Math.max(seen.longest, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new MutationObserver((changes) => { seen.draws += changes.length; })
      .observe(document.querySelector('[data-testid=grid]'), { attributeFilter: ['data-revision'] });";

#[tokio::test]
async fn whoever_was_offline_takes_in_a_thousand_edits_of_a_model_and_gives_their_own() {
    Stage::run("burst-offline", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.ada.look().await;
        pair.ada_wire.cut();
        pair.ada.enter(&growth("fy2025"), "1%").await;
        pair.ada.enter(&growth("fy2026"), "2%").await;
        pair.ada.edit(&Place::label("cost_ratio")).await;
        pair.ada.press(Key::End).await;
        pair.ada.type_text(" (Ada)").await;
        pair.ada.press(Key::Enter).await;
        pair.ada.until("what is kept", |look| look.words.contains("changes kept on this device")).await;
        // Nobody draws them as they come.
        pair.grace.go("/").await;
        burst(stage, &pair, 1_000).await;
        pair.grace.open_by_link(pair.document).await;

        told(&pair.ada, WATCH).await;
        pair.ada_wire.heal();
        let after = pair.agreed(stage).await;
        let seen = told(&pair.ada, "return window.seen").await;
        println!("a thousand edits after an absence: {seen}");
        // All of them at once, and what is drawn waits for no other.
        assert!(seen["draws"].as_u64().unwrap() < 20, "{seen}");
        assert!(seen["longest"].as_f64().unwrap() < 3_000.0, "{seen}");
        assert_eq!(after.value(&growth("fy2025")), Some(0.01));
        assert_eq!(after.value(&growth("fy2026")), Some(0.02));
        let label = after.label("cost_ratio");
        assert!(label.starts_with("+++") && label.ends_with(" (Ada)"), "{label}");
        assert_eq!(after.labels.len(), before.labels.len() + 20);
        assert_eq!(after.notices, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_is_being_typed_stays_in_its_row_while_a_burst_arrives() {
    Stage::run("burst-live", async |stage| {
        let pair = Pair::open(stage).await;
        let cell = growth("fy2028");
        pair.ada.draft(&cell, "0.").await;
        told(&pair.ada, WATCH).await;
        let typing = async {
            for _ in 0..12 {
                pair.ada.type_text("1").await;
                let look = pair.ada.look().await;
                assert!(look.is_editing && look.selected.as_ref() == Some(&cell), "{look}");
            }
        };
        tokio::join!(burst(stage, &pair, 400), typing);
        let look = pair.ada.look().await;
        assert_eq!((look.formula.as_str(), look.selected.as_ref()), ("0.111111111111", Some(&cell)));
        pair.ada.press(Key::Enter).await;
        let after = pair.agreed(stage).await;
        assert_eq!(after.value(&cell), Some(0.111_111_111_111));
        // What arrives within a frame is drawn together.
        let seen = told(&pair.ada, "return window.seen").await;
        println!("four hundred edits as they come: {seen}");
        let (draws, frames) = (seen["draws"].as_u64().unwrap(), seen["frames"].as_u64().unwrap());
        assert!(draws <= 2 * frames + 2, "{seen}");
        assert!(seen["longest"].as_f64().unwrap() < 3_000.0, "{seen}");
    })
    .await;
}
