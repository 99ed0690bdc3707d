//! The server dies and comes back.

use coval_tests::{Page, Place, Stage, agreed};
use tokio::sync::oneshot;

use crate::scene::{FORECAST, Pair, cost_ratio, growth};

/// How many edits of each person are certainly acknowledged before the server dies.
const CALM: usize = 3;

/// What one person did, in order, and how much of it the page said is saved.
#[derive(Default)]
struct Work {
    done: Vec<(Place, f64)>,
    acknowledged: usize,
}

/// Types into cell after cell, first calmly, then without waiting, until the page says that the connection is lost, and
/// a little more. `calm` hears when the calm is over.
async fn work(page: &Page, cell: fn(&str) -> Place, begin: u32, calm: oneshot::Sender<()>) -> Work {
    let mut calm = Some(calm);
    let mut work = Work::default();
    let mut after_the_loss = 0;
    for number in begin.. {
        let place = cell(FORECAST[work.done.len() % FORECAST.len()]);
        page.enter(&place, &format!("{number}")).await;
        work.done.push((place, f64::from(number)));
        let look = if calm.is_some() { page.until_saved().await } else { page.look().await };
        match look.connection.as_deref() {
            Some("saved") => work.acknowledged = work.done.len(),
            Some("offline" | "reconnecting" | "connecting") => after_the_loss += 1,
            _ => {}
        }
        if work.done.len() == CALM
            && let Some(calm) = calm.take()
        {
            calm.send(()).expect("nobody waits for the end of the calm");
        }
        if after_the_loss == 2 {
            return work;
        }
        assert!(work.done.len() < 200, "{} never noticed that the server is gone: {look}", page.person());
    }
    work
}

#[tokio::test]
async fn every_acknowledged_edit_survives_a_kill_and_both_windows_go_on_by_themselves() {
    Stage::run("restart", async |stage| {
        let pair = Pair::open(stage).await;
        let before = pair.ada.look().await.revision.unwrap();
        let (ada_calm, ada_is_done) = oneshot::channel();
        let (grace_calm, grace_is_done) = oneshot::channel();
        let kill = async {
            // In the middle of it, while both type on.
            ada_is_done.await.unwrap();
            grace_is_done.await.unwrap();
            let now = pair.ada.look().await.revision;
            pair.ada.until("a few more", |look| look.revision >= now.map(|revision| revision + 6)).await;
            stage.server.kill();
        };
        let (hers, theirs, ()) = tokio::join!(
            work(&pair.ada, growth, 1000, ada_calm),
            work(&pair.grace, cost_ratio, 2000, grace_calm),
            kill
        );
        for (person, work) in [("Ada", &hers), ("Grace", &theirs)] {
            println!("{person}: {} of {} edits were acknowledged", work.acknowledged, work.done.len());
            assert!(work.acknowledged >= CALM);
        }

        // Somebody who was never here sees what the server kept, before those two can tell it anything.
        pair.ada_wire.cut();
        pair.grace_wire.cut();
        stage.server.restart().await;
        let vera = stage.window("Vera").await;
        vera.open_by_link(pair.document).await;
        let kept = vera.look().await;
        for work in [&hers, &theirs] {
            let acknowledged = &work.done[..work.acknowledged];
            for (place, value) in last_of_each(acknowledged) {
                // What was done later may be stored as well: its answer was on the way.
                let later = work.done[work.acknowledged..].iter().filter(|(other, _)| *other == place);
                let possible: Vec<f64> = std::iter::once(value).chain(later.map(|(_, value)| *value)).collect();
                let found = kept.value(&place);
                assert!(
                    possible.iter().any(|value| found == Some(*value)),
                    "{place} is {found:?}, acknowledged {value}"
                );
            }
        }

        pair.ada_wire.heal();
        pair.grace_wire.heal();
        pair.ada.until_saved().await;
        pair.grace.until_saved().await;
        let after = agreed(&stage.server, pair.document, &[&pair.ada, &pair.grace, &vera]).await;
        for work in [&hers, &theirs] {
            for (place, value) in last_of_each(&work.done) {
                assert_eq!(after.value(&place), Some(value), "{place}");
            }
        }
        let edits = u64::try_from(hers.done.len() + theirs.done.len()).unwrap();
        assert!(after.revision <= Some(before + edits), "an edit was applied twice: {after}");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_killed_again_and_again_loses_nothing() {
    Stage::run("restarts", async |stage| {
        let pair = Pair::open(stage).await;
        for round in 1..=3_u32 {
            let value = f64::from(round) / 100.0;
            pair.ada.enter(&growth("fy2025"), &value.to_string()).await;
            if round != 2 {
                pair.ada.until_saved().await;
            }
            stage.server.kill();
            pair.grace.enter(&cost_ratio("fy2025"), &value.to_string()).await;
            stage.server.restart().await;
            pair.ada.until_value(&cost_ratio("fy2025"), value).await;
            let after = pair.agreed(stage).await;
            assert_eq!(after.value(&growth("fy2025")), Some(value));
        }
    })
    .await;
}

fn last_of_each(done: &[(Place, f64)]) -> Vec<(Place, f64)> {
    let is_last = |index: usize, place: &Place| done[index + 1..].iter().all(|(later, _)| later != place);
    let mut last = done.iter().enumerate().filter(|(index, (place, _))| is_last(*index, place));
    std::iter::from_fn(|| last.next().map(|(_, entry)| entry.clone())).collect()
}
