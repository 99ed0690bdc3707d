//! What is written, and where.

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as the seed says.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`, which is above zero.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }
}

/// A text of words, `length` bytes long.
pub fn words(length: usize) -> String {
    const WORDS: [&str; 16] = [
        "cash", "margin", "growth", "terminal", "value", "of", "the", "discount", "rate", "and", "equity", "beta",
        "peer", "multiple", "year", "debt",
    ];
    let mut dice = Dice::new(7);
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        text.push_str(WORDS[dice.below(WORDS.len())]);
        text.push(if dice.below(12) == 0 { '\n' } else { ' ' });
    }
    text.truncate(length);
    text
}
