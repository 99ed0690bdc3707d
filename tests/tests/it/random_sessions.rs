//! Two people who do anything at random in one document, one of them cut off now and then: both end with the same, which
//! is what the server has.
//!
//! `COVAL_SESSION_SECONDS=60` goes on for a minute, `COVAL_SESSION_SEED=7` does what another run did. Which edit meets
//! which is a matter of time, so a seed brings the same steps again and not always the same end.

mod hands;
mod model;
mod text;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use coval_tests::{Page, Proxy};

use self::hands::{Dice, Step, act};

/// How long a session lasts if nothing else is asked for.
const SECONDS: u64 = 20;

/// What is done in it if nothing else is asked for.
const SEED: u64 = 6;

/// What can be asked for.
fn asked_for(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// What was done, for whoever has to find out why a session ended badly. It is printed when the test fails.
#[derive(Debug, Default)]
struct Record(Mutex<Vec<String>>);

impl Record {
    fn note(&self, begin: Instant, who: &str, what: &str) {
        let line = format!("{:7.2} s  {who}: {what}", begin.elapsed().as_secs_f64());
        self.0.lock().expect("nobody fails while writing").push(line);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = self.0.lock().map(|lines| lines.join("\n")).unwrap_or_default();
            eprintln!("what was done:\n{lines}");
        }
    }
}

/// A session of two people: what they do, and when the wire of one of them is cut.
struct Session {
    seed: u64,
    length: Duration,
    record: Record,
    begin: Instant,
}

impl Session {
    fn new(name: &str) -> Self {
        let seed = asked_for("COVAL_SESSION_SEED", SEED);
        let length = Duration::from_secs(asked_for("COVAL_SESSION_SECONDS", SECONDS));
        println!("replay {name} with COVAL_SESSION_SEED={seed} COVAL_SESSION_SECONDS={}", length.as_secs());
        Self { seed, length, record: Record::default(), begin: Instant::now() }
    }

    /// Lets both do what `next` says until the time is over, and heals the wire. Returns how many steps there were.
    async fn play(&self, pages: [&Page; 2], wire: &Proxy, next: fn(&mut Dice) -> Vec<Step>) -> usize {
        let storm = async {
            let (one, two) = tokio::join!(self.person(pages[0], 1, next), self.person(pages[1], 2, next));
            one + two
        };
        let (steps, ()) = tokio::join!(storm, self.weather(wire));
        steps
    }

    async fn person(&self, page: &Page, number: u64, next: fn(&mut Dice) -> Vec<Step>) -> usize {
        let mut dice = Dice::new(self.seed.wrapping_mul(1_000_003).wrapping_add(number));
        let mut count = 0;
        while self.begin.elapsed() < self.length {
            for step in next(&mut dice) {
                self.record.note(self.begin, page.person(), &step.to_string());
                act(page, &step).await;
                count += 1;
            }
        }
        count
    }

    /// Cuts the wire for a second or two, now and then.
    async fn weather(&self, wire: &Proxy) {
        let mut dice = Dice::new(self.seed.wrapping_mul(7_368_787));
        while self.begin.elapsed() < self.length {
            let fair = 1_500 + dice.below(4_000);
            act_for(fair).await;
            let is_held = dice.below(3) == 0;
            self.record.note(self.begin, "the wire", if is_held { "held" } else { "cut" });
            if is_held {
                wire.hold()
            } else {
                wire.cut()
            }
            act_for(400 + dice.below(2_500)).await;
            wire.heal();
            self.record.note(self.begin, "the wire", "healed");
        }
    }
}

async fn act_for(millis: usize) {
    tokio::time::sleep(Duration::from_millis(u64::try_from(millis).expect("a short while"))).await;
}

/// What the page complained of, apart from the connection that was cut.
async fn complaints(page: &Page) -> Vec<String> {
    let all = page.complaints().await;
    let is_of_the_cut = |text: &String| text.contains("net::ERR_") || text.contains("WebSocket connection to");
    all.into_iter().filter(|text| !is_of_the_cut(text)).collect()
}
