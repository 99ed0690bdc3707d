//! Every letter that was ever in a text, in one order, with who knows it.
//!
//! A trace says of each edit which others its author knew, in any shape of forks and merges. The weave stands at one
//! version at a time: it hides the letters that the version does not know and shows those whose deletion it does not
//! know. So an edit is found where its author saw it, and its place in the text with everything can be told. This is
//! how Gentle's and Kleppmann's eg-walker transforms ("Collaborative Text Editing with Eg-walker", 2024).

use std::ops::Range;

/// A letter that was ever in the text.
type Letter = usize;

/// A block is cut in two when it holds more letters than this.
const FULL: usize = 512;

#[derive(Default)]
pub(crate) struct Weave {
    pub(crate) letters: Vec<State>,
    pub(crate) blocks: Vec<Block>,
    /// The blocks from the beginning of the text to its end.
    pub(crate) order: Vec<usize>,
}

pub(crate) struct State {
    pub(crate) block: usize,
    /// Whether the version knows it.
    pub(crate) known: bool,
    /// How many deletions of it the version knows.
    pub(crate) deletions: u32,
    /// Whether anybody deleted it.
    pub(crate) deleted: bool,
    /// The neighbours when it was inserted, and who did that; for ties.
    pub(crate) left: Option<Letter>,
    pub(crate) right: Option<Letter>,
    pub(crate) agent: u64,
}

#[derive(Default)]
pub(crate) struct Block {
    pub(crate) letters: Vec<Letter>,
    /// How many of them are in the text at the version, and with everything.
    pub(crate) here: usize,
    pub(crate) everywhere: usize,
}

/// What an edit did to the weave, to undo it and to do it again.
pub(crate) struct Edit {
    pub(crate) inserted: Range<Letter>,
    pub(crate) deleted: Vec<Letter>,
}

/// Where an edit acts in the text with everything before it.
pub(crate) struct Place {
    /// Where it inserts.
    pub(crate) insert: usize,
    /// What it deletes, before the insertion is made: ascending positions, without what is deleted already.
    pub(crate) delete: Vec<usize>,
}

/// Where a letter is, or would be: a place in the order of blocks, and one in the block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) order: usize,
    pub(crate) offset: usize,
}

impl State {
    pub(crate) fn is_here(&self) -> bool {
        self.known && self.deletions == 0
    }
}

impl Weave {
    /// A text that every version knows.
    pub(crate) fn new(length: usize) -> Self {
        let mut weave = Self { blocks: vec![Block::default()], order: vec![0], ..Self::default() };
        weave.insert_at(Spot { order: 0, offset: 0 }, length, (None, None), 0);
        weave
    }

    /// Makes the version forget an edit, the last ones first.
    pub(crate) fn retreat(&mut self, edit: &Edit) {
        edit.inserted.clone().for_each(|letter| self.change(letter, |state| state.known = false));
        edit.deleted.iter().for_each(|letter| self.change(*letter, |state| state.deletions -= 1));
    }

    /// Makes the version know an edit again.
    pub(crate) fn advance(&mut self, edit: &Edit) {
        edit.inserted.clone().for_each(|letter| self.change(letter, |state| state.known = true));
        edit.deleted.iter().for_each(|letter| self.change(*letter, |state| state.deletions += 1));
    }

    /// Makes a new edit at the version: at a position of the text there, `delete` letters go, `insert` letters come.
    /// Nothing when the text is too short.
    pub(crate) fn edit(&mut self, position: usize, delete: usize, insert: usize, agent: u64) -> Option<(Edit, Place)> {
        let mut spot = self.behind(position)?;
        let mut deleted = Vec::new();
        let mut positions = Vec::new();
        let mut reader = spot;
        let mut everywhere = if delete > 0 { self.everywhere_before(spot) } else { 0 };
        while deleted.len() < delete {
            let letter = self.letter(&mut reader)?;
            let state = &self.letters[letter];
            if state.is_here() {
                deleted.push(letter);
                if !state.deleted {
                    positions.push(everywhere);
                }
            }
            everywhere += usize::from(!state.deleted);
            reader.offset += 1;
        }
        for letter in &deleted {
            self.change(*letter, |state| {
                state.deletions += 1;
                state.deleted = true;
            });
        }
        let mut inserted = 0..0;
        let mut place = 0;
        if insert > 0 {
            let left = self.before(spot);
            let right = self.next_known(spot);
            spot = self.integrate(spot, left, right, agent);
            place = self.everywhere_before(spot);
            inserted = self.insert_at(spot, insert, (left, right), agent);
        }
        Some((Edit { inserted, deleted }, Place { insert: place, delete: positions }))
    }

    /// The spot right behind so many letters that are in the text at the version.
    fn behind(&self, position: usize) -> Option<Spot> {
        let mut left = position;
        if left == 0 {
            return Some(Spot { order: 0, offset: 0 });
        }
        for (order, block) in self.order.iter().enumerate() {
            let block = &self.blocks[*block];
            if left > block.here {
                left -= block.here;
                continue;
            }
            for (offset, letter) in block.letters.iter().enumerate() {
                left -= usize::from(self.letters[*letter].is_here());
                if left == 0 {
                    return Some(Spot { order, offset: offset + 1 });
                }
            }
        }
        None
    }

    /// The letter at a spot, which is moved to where that letter is kept; nothing at the end.
    fn letter(&self, spot: &mut Spot) -> Option<Letter> {
        loop {
            let block = &self.blocks[*self.order.get(spot.order)?];
            if let Some(letter) = block.letters.get(spot.offset) {
                return Some(*letter);
            }
            *spot = Spot { order: spot.order + 1, offset: 0 };
        }
    }

    /// The letter before a spot.
    fn before(&self, spot: Spot) -> Option<Letter> {
        if let Some(offset) = spot.offset.checked_sub(1) {
            return self.blocks[self.order[spot.order]].letters.get(offset).copied();
        }
        self.order[..spot.order].iter().rev().find_map(|block| self.blocks[*block].letters.last().copied())
    }

    fn next_known(&self, mut spot: Spot) -> Option<Letter> {
        loop {
            let letter = self.letter(&mut spot)?;
            if self.letters[letter].known {
                return Some(letter);
            }
            spot.offset += 1;
        }
    }

    fn everywhere_before(&self, spot: Spot) -> usize {
        let whole: usize = self.order[..spot.order].iter().map(|block| self.blocks[*block].everywhere).sum();
        let part = &self.blocks[self.order[spot.order]].letters[..spot.offset];
        whole + part.iter().filter(|letter| !self.letters[**letter].deleted).count()
    }

    pub(crate) fn spot_of(&self, letter: Letter) -> Spot {
        let block = self.letters[letter].block;
        let order = self.order.iter().position(|other| *other == block).unwrap();
        let offset = self.blocks[block].letters.iter().position(|other| *other == letter).unwrap();
        Spot { order, offset }
    }

    /// Where to insert between two neighbours among what others inserted there without knowing of each other: the order
    /// that Kevin Jahns' YATA gives, the lower agent first.
    fn integrate(&self, start: Spot, left: Option<Letter>, right: Option<Letter>, agent: u64) -> Spot {
        let mut chosen = start;
        let mut reader = start;
        let mut scanning = false;
        let left_spot = left.map(|letter| self.spot_of(letter));
        let right_spot = |letter: Option<Letter>| match letter {
            Some(letter) => self.spot_of(letter),
            None => Spot { order: usize::MAX, offset: 0 },
        };
        while let Some(other) = self.letter(&mut reader) {
            if Some(other) == right {
                break;
            }
            if !scanning {
                chosen = reader;
            }
            let state = &self.letters[other];
            let other_left = state.left.map(|letter| self.spot_of(letter));
            if other_left < left_spot {
                break;
            }
            if other_left == left_spot {
                let (ours, theirs) = (right_spot(right), right_spot(state.right));
                if ours == theirs && agent < state.agent {
                    break;
                }
                scanning = theirs < ours;
            }
            reader.offset += 1;
            if !scanning {
                chosen = reader;
            }
        }
        chosen
    }

    fn insert_at(
        &mut self,
        spot: Spot,
        count: usize,
        (left, right): (Option<Letter>, Option<Letter>),
        agent: u64,
    ) -> Range<Letter> {
        let first = self.letters.len();
        let new = first..first + count;
        let block = self.order[spot.order];
        self.letters.extend(new.clone().map(|letter| State {
            block,
            known: true,
            deletions: 0,
            deleted: false,
            left: if letter == first { left } else { Some(letter - 1) },
            right,
            agent,
        }));
        self.blocks[block].letters.splice(spot.offset..spot.offset, new.clone());
        self.blocks[block].here += count;
        self.blocks[block].everywhere += count;
        if self.blocks[block].letters.len() > FULL {
            self.cut(spot.order);
        }
        new
    }

    /// Cuts a block into several that are half full.
    fn cut(&mut self, order: usize) {
        let block = self.order[order];
        let letters = std::mem::take(&mut self.blocks[block].letters);
        let mut pieces = letters.chunks(FULL / 2);
        let mut numbers = vec![block];
        self.blocks[block].letters = pieces.next().unwrap_or_default().to_vec();
        for piece in pieces {
            numbers.push(self.blocks.len());
            self.blocks.push(Block { letters: piece.to_vec(), ..Block::default() });
        }
        for number in &numbers {
            let block = &mut self.blocks[*number];
            (block.here, block.everywhere) = (0, 0);
            for letter in &block.letters {
                let state = &mut self.letters[*letter];
                state.block = *number;
                block.here += usize::from(state.is_here());
                block.everywhere += usize::from(!state.deleted);
            }
        }
        self.order.splice(order..=order, numbers);
    }

    fn change(&mut self, letter: Letter, change: impl Fn(&mut State)) {
        let state = &mut self.letters[letter];
        let block = &mut self.blocks[state.block];
        block.here -= usize::from(state.is_here());
        block.everywhere -= usize::from(!state.deleted);
        change(state);
        block.here += usize::from(state.is_here());
        block.everywhere += usize::from(!state.deleted);
    }
}
