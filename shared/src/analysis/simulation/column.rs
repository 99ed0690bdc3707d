//! The values of one thing in many trials at once.

use std::cell::Cell;

/// How many trials go through each instruction together: so few that the columns of a model stay in the first-level
/// cache, and so many that choosing the instruction costs little.
pub(super) const LANES: usize = CHUNK * CHUNKS;
/// How many trials a vector register or two hold.
pub(super) const CHUNK: usize = 8;
pub(super) const CHUNKS: usize = 8;

pub(super) type Chunk = [f64; CHUNK];

/// The values of one thing in [`LANES`] trials. A column may be read and written by the same instruction, since it is
/// read and written chunk by chunk.
#[derive(Debug, Default)]
pub(super) struct Column {
    chunks: [Cell<Chunk>; CHUNKS],
}

impl Column {
    /// The value of the trial at `lane`.
    pub(super) fn lane(&self, lane: usize) -> f64 {
        let chunk = self.chunks.get(lane / CHUNK).map(Cell::get).unwrap_or_default();
        chunk.get(lane % CHUNK).copied().unwrap_or_default()
    }

    pub(super) fn set_lane(&self, lane: usize, value: f64) {
        if let Some(slot) = self.chunks.get(lane / CHUNK) {
            let mut chunk = slot.get();
            if let Some(place) = chunk.get_mut(lane % CHUNK) {
                *place = value;
            }
            slot.set(chunk);
        }
    }

    #[inline(always)]
    pub(super) fn set(&self, lanes: &[Chunk; CHUNKS]) {
        for (slot, chunk) in self.chunks.iter().zip(lanes) {
            slot.set(*chunk);
        }
    }

    /// Every lane becomes `value`.
    #[inline(always)]
    pub(super) fn fill(&self, value: f64) {
        self.chunks.iter().for_each(|slot| slot.set([value; CHUNK]));
    }

    /// Every lane becomes `f` of this lane of `a`.
    #[inline(always)]
    pub(super) fn map(&self, a: &Self, f: impl Fn(f64) -> f64) {
        for (slot, a) in self.chunks.iter().zip(&a.chunks) {
            let mut chunk = a.get();
            for a in &mut chunk {
                *a = f(*a);
            }
            slot.set(chunk);
        }
    }

    /// Every lane becomes `f` of itself. Of a long `f`, the compiler makes vector code in a loop over all lanes only.
    #[inline(always)]
    pub(super) fn map_long(&self, f: impl Fn(f64) -> f64) {
        let mut lanes = [[0.0; CHUNK]; CHUNKS];
        for (chunk, slot) in lanes.iter_mut().zip(&self.chunks) {
            *chunk = slot.get();
        }
        for lane in lanes.as_flattened_mut() {
            *lane = f(*lane);
        }
        self.set(&lanes);
    }

    /// Every lane becomes `f` of these lanes of `a` and `b`.
    #[inline(always)]
    pub(super) fn zip(&self, a: &Self, b: &Self, f: impl Fn(f64, f64) -> f64) {
        for ((slot, a), b) in self.chunks.iter().zip(&a.chunks).zip(&b.chunks) {
            let mut chunk = a.get();
            for (a, b) in chunk.iter_mut().zip(b.get()) {
                *a = f(*a, b);
            }
            slot.set(chunk);
        }
    }

    /// Every lane becomes `f` of these lanes of `a`, `b` and `c`.
    #[inline(always)]
    pub(super) fn zip3(&self, a: &Self, b: &Self, c: &Self, f: impl Fn(f64, f64, f64) -> f64) {
        for (((slot, a), b), c) in self.chunks.iter().zip(&a.chunks).zip(&b.chunks).zip(&c.chunks) {
            let mut chunk = a.get();
            for ((a, b), c) in chunk.iter_mut().zip(b.get()).zip(c.get()) {
                *a = f(*a, b, c);
            }
            slot.set(chunk);
        }
    }

    /// Adds to every lane `f` of this lane of `a`.
    #[inline(always)]
    pub(super) fn add(&self, a: &Self, f: impl Fn(f64) -> f64) {
        self.zip(self, a, |own, a| own + f(a));
    }

    /// Appends the lanes to `values`. Returns whether one of them is not finite.
    #[inline(always)]
    pub(super) fn append(&self, values: &mut Vec<f64>) -> bool {
        self.chunks.iter().for_each(|slot| values.extend_from_slice(&slot.get()));
        self.any(|value| !value.is_finite())
    }

    /// Whether `test` holds of any lane.
    #[inline(always)]
    pub(super) fn any(&self, test: impl Fn(f64) -> bool) -> bool {
        self.chunks.iter().any(|slot| slot.get().iter().fold(false, |any, value| any | test(*value)))
    }
}
