//! Beginnings that several tests have.

use coval_shared::protocol::DocumentId;
use coval_shared::template::APPLE_DCF_TITLE;
use coval_tests::page::Look;
use coval_tests::wait::until;
use coval_tests::{Page, Place, Proxy, Stage, agreed};

/// Two people who have the sample open, each on a wire of their own.
pub(crate) struct Pair {
    pub(crate) document: DocumentId,
    pub(crate) ada: Page,
    pub(crate) grace: Page,
    pub(crate) ada_wire: Proxy,
    pub(crate) grace_wire: Proxy,
}

impl Pair {
    /// Both come in, and see the same.
    pub(crate) async fn open(stage: &Stage) -> Self {
        let ada_wire = stage.proxy().await;
        let grace_wire = stage.proxy().await;
        let ada = stage.window_through(&ada_wire, "Ada").await;
        let document = ada.open(APPLE_DCF_TITLE).await;
        let grace = stage.window_through(&grace_wire, "Grace").await;
        grace.open_by_link(document).await;
        let pair = Self { document, ada, grace, ada_wire, grace_wire };
        pair.agreed(stage).await;
        pair
    }

    /// Keeps from each what the other does.
    pub(crate) fn part(&self) {
        self.ada_wire.hold();
        self.grace_wire.hold();
    }

    /// Waits until both have the same. See [`agreed`].
    pub(crate) async fn agreed(&self, stage: &Stage) -> Look {
        agreed(&stage.server, self.document, &[&self.ada, &self.grace]).await
    }
}

/// Waits until `watcher` sees the name that flies at the outline of `mover` after a move, and returns where that is. It
/// flies for some seconds only, so a machine that is too busy to see it gets another move.
pub(crate) async fn until_name_flies(mover: &Page, watcher: &Page) -> Place {
    let mut years = FORECAST.into_iter().cycle();
    until(format!("the name of {} to fly", mover.person()), async || {
        let place = growth(years.next().expect("a cycle does not end"));
        mover.select(&place).await;
        let look = watcher.until(format!("{} in {place}", mover.person()), |look| is_at(look, mover, &place)).await;
        let flag = look.cursors.iter().find_map(|cursor| cursor.flag.clone());
        if flag.as_deref() == Some(mover.person()) { Ok(place) } else { Err(look.to_string()) }
    })
    .await
}

/// Whether `look` shows the outline of `person` at `place`.
pub(crate) fn is_at(look: &Look, person: &Page, place: &Place) -> bool {
    look.cursors
        .iter()
        .any(|cursor| cursor.name == person.person() && cursor.place.as_ref() == Some(place) && cursor.is_visible)
}

/// The years of the forecast.
pub(crate) const FORECAST: [&str; 5] = ["fy2025", "fy2026", "fy2027", "fy2028", "fy2029"];

/// The growth of sales in one year of the forecast: an input.
pub(crate) fn growth(year: &str) -> Place {
    Place::cell("growth", year)
}

/// The cost of sales, of sales, in one year of the forecast: an input.
pub(crate) fn cost_ratio(year: &str) -> Place {
    Place::cell("cost_ratio", year)
}
