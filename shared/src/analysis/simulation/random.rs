//! Random numbers that hang on nothing but the seed, the trial and the input.

use super::column::{CHUNK, CHUNKS, Column};

/// The number that Philox adds to each half of its key from round to round.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const LOW: u64 = 0xFFFF_FFFF;

/// A counter-based generator: Philox4x32-10 of Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2,
/// 3*, Proceedings of SC11 (2011), keyed by a seed. Any trial's numbers can be had without those before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Random {
    keys: [[u64; 2]; 10],
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mut key = halves(seed);
        let keys = std::array::from_fn(|_| {
            let now = key.map(u64::from);
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
            now
        });
        Self { keys }
    }

    /// The uniform numbers of the inputs `2 · pair` and `2 · pair + 1`, for `LANES` trials from `trial`. Each is the
    /// middle of one of 2^52 equal parts of 0..1, so that neither 0 nor 1 ever comes, and u as often as 1 − u.
    #[inline(always)]
    pub(super) fn pair(&self, trial: u64, pair: u32, columns: [&Column; 2]) {
        let mut both = [[[0.0; CHUNK]; CHUNKS]; 2];
        let [first, second] = &mut both;
        let lanes = first.as_flattened_mut().iter_mut().zip(second.as_flattened_mut());
        let mut trial = trial;
        for (first, second) in lanes {
            let [a, b, c, d] = self.words([trial & LOW, trial >> 32, u64::from(pair), 0]);
            *first = uniform(a, b);
            *second = uniform(c, d);
            trial = trial.wrapping_add(1);
        }
        columns[0].set(&both[0]);
        columns[1].set(&both[1]);
    }

    /// The four words that a counter of four words becomes, each in the low half of 64 bits.
    #[inline(always)]
    fn words(&self, counter: [u64; 4]) -> [u64; 4] {
        let [mut a, mut b, mut c, mut d] = counter;
        for key in &self.keys {
            let p = a * MULTIPLIERS[0];
            let q = c * MULTIPLIERS[1];
            (a, b, c, d) = ((q >> 32) ^ b ^ (key[0] & LOW), q & LOW, (p >> 32) ^ d ^ (key[1] & LOW), p & LOW);
        }
        [a, b, c, d]
    }
}

/// A uniform number of the first 52 bits of two words.
#[inline(always)]
fn uniform(high: u64, low: u64) -> f64 {
    /// The bits of 1, whose fraction the random bits become.
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    const HALF_PART: f64 = 1.0 / 9_007_199_254_740_992.0;
    let bits = (high << 32) | low;
    f64::from_bits(ONE | (bits >> 12)) - (1.0 - HALF_PART)
}

fn halves(seed: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = seed.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

#[cfg(test)]
mod tests {
    use super::super::column::LANES;
    use super::*;

    /// The known answers of Random123 (`kat_vectors`, philox4x32 with 10 rounds), from counters and keys that are all
    /// zeros, all ones, and digits of π.
    #[test]
    fn ten_rounds_give_the_known_answers() {
        for (counter, key, expected) in [
            ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([LOW; 4], [LOW; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ] {
            let random = Random::new(key[0] | (key[1] << 32));
            assert_eq!(random.words(counter), expected);
        }
    }

    #[test]
    fn a_trial_has_the_same_numbers_wherever_its_column_begins() {
        let random = Random::new(42);
        let columns: [[Column; 2]; 2] = std::array::from_fn(|_| [Column::default(), Column::default()]);
        random.pair(1000, 3, [&columns[0][0], &columns[0][1]]);
        random.pair(1005, 3, [&columns[1][0], &columns[1][1]]);
        for lane in 5..LANES {
            assert_eq!(columns[0][0].lane(lane).to_bits(), columns[1][0].lane(lane - 5).to_bits());
            assert_eq!(columns[0][1].lane(lane).to_bits(), columns[1][1].lane(lane - 5).to_bits());
        }
    }

    #[test]
    fn numbers_spread_evenly_and_never_reach_the_ends() {
        let random = Random::new(7);
        let column = [Column::default(), Column::default()];
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for start in 0..2000_u64 {
            random.pair(start * 64, 0, [&column[0], &column[1]]);
            for lane in 0..LANES {
                for column in &column {
                    let uniform = column.lane(lane);
                    assert!(uniform > 0.0 && uniform < 1.0);
                    sum += uniform;
                    squares += uniform * uniform;
                    count += 1.0;
                }
            }
        }
        assert!((sum / count - 0.5).abs() < 3e-3, "{}", sum / count);
        assert!((squares / count - 1.0 / 3.0).abs() < 3e-3);
        assert_eq!(uniform(0, 0), 1.0 / 9_007_199_254_740_992.0);
        assert_eq!(uniform(LOW, LOW), 1.0 - 1.0 / 9_007_199_254_740_992.0);
    }
}
