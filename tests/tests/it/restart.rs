//! The server dies and comes back.

use coval_tests::{Page, Place, Stage, agreed};

use crate::scene::{FORECAST, Pair, cost_ratio, growth};

/// What one person did, in order, and how much of it the page said is saved.
struct Work {
    done: Vec<(Place, f64)>,
    acknowledged: usize,
}

/// Types into cell after cell until the page says that the connection is lost, and a little more.
async fn work(page: &Page, cell: fn(&str) -> Place, begin: u32) -> Work {
    let mut work = Work { done: Vec::new(), acknowledged: 0 };
    let mut after_the_loss = 0;
    for number in begin.. {
        let place = cell(FORECAST[work.done.len() % FORECAST.len()]);
        page.enter(&place, &format!("{number}")).await;
        work.done.push((place, f64::from(number)));
        let look = page.look().await;
        match look.connection.as_deref() {
            Some("saved") => work.acknowledged = work.done.len(),
            Some("offline" | "reconnecting" | "connecting") => after_the_loss += 1,
            _ => {}
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
        let before = pair.ada.look().await.revision;
        let kill = async {
            // In the middle of it: when some edits of both are stored.
            pair.ada.until("some edits", |look| look.revision >= before.map(|revision| revision + 6)).await;
            stage.server.kill();
        };
        let (hers, his, ()) = tokio::join!(work(&pair.ada, growth, 1000), work(&pair.ben, cost_ratio, 2000), kill);
        assert!(hers.acknowledged > 0 && his.acknowledged > 0, "nothing was acknowledged before the kill");
        println!(
            "{} of {} and {} of {} edits were acknowledged",
            hers.acknowledged,
            hers.done.len(),
            his.acknowledged,
            his.done.len()
        );

        // Somebody who was never here sees what the server kept, before those two can tell it anything.
        pair.ada_wire.cut();
        pair.ben_wire.cut();
        stage.server.restart().await;
        let eve = stage.window("Eve").await;
        eve.open_by_link(pair.document).await;
        let kept = eve.look().await;
        for work in [&hers, &his] {
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
        pair.ben_wire.heal();
        pair.ada.until_saved().await;
        pair.ben.until_saved().await;
        let after = agreed(&stage.server, pair.document, &[&pair.ada, &pair.ben, &eve]).await;
        for work in [&hers, &his] {
            for (place, value) in last_of_each(&work.done) {
                assert_eq!(after.value(&place), Some(value), "{place}");
            }
        }
        let edits = u64::try_from(hers.done.len() + his.done.len()).unwrap();
        assert!(after.revision <= before.map(|revision| revision + edits), "an edit was applied twice: {after}");
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
            pair.ben.enter(&cost_ratio("fy2025"), &value.to_string()).await;
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
