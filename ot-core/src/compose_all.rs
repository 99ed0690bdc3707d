use std::iter;

use crate::{OpError, OtType};

/// One op that does what all of `ops` do, one after the other; the op that changes nothing when there are none.
///
/// An op that goes on where the one before was is absorbed by it ([`OtType::absorb`]). The others are composed in pairs
/// of about the same size, so that `n` small ones cost `n · log n` and not `n²`. At any moment as many ops are held as
/// `n` has binary digits.
///
/// ```
/// use ot_core::compose_all;
/// use ot_core::text::{Text, TextOp};
///
/// let typed = ["a", "b", "c"].into_iter().enumerate().map(|(at, letter)| TextOp::new().retain(at).insert(letter));
/// assert_eq!(compose_all::<Text>(typed)?, TextOp::new().insert("abc"));
/// # Ok::<(), ot_core::OpError>(())
/// ```
///
/// # Errors
///
/// Returns an [`OpError`] when an op can't follow the ones before it.
pub fn compose_all<T: OtType>(ops: impl IntoIterator<Item = T::Op>) -> Result<T::Op, OpError> {
    let mut ops = ops.into_iter();
    let mut next = ops.next();
    let absorbed = iter::from_fn(|| {
        let mut op = next.take()?;
        next = ops.find(|more| !T::absorb(&mut op, more));
        Some(op)
    });
    fold_balanced(absorbed, |first, second| T::compose(first, second)).map(Option::unwrap_or_default)
}

/// Joins `items` from left to right by an associative `join`, in a balanced order. Nothing when there are none.
pub(crate) fn fold_balanced<X, E>(
    items: impl IntoIterator<Item = X>,
    join: impl Fn(&X, &X) -> Result<X, E>,
) -> Result<Option<X>, E> {
    // As in a binary counter: each entry stands for a power of two of items, and no two for the same one.
    let mut joined: Vec<(u32, X)> = Vec::new();
    for item in items {
        let mut next = (0, item);
        while let Some((_, before)) = joined.pop_if(|(level, _)| *level == next.0) {
            next = (next.0 + 1, join(&before, &next.1)?);
        }
        joined.push(next);
    }
    let mut whole: Option<X> = None;
    while let Some((_, before)) = joined.pop() {
        whole = Some(match whole {
            Some(after) => join(&before, &after)?,
            None => before,
        });
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Rope, Text, TextOp};

    #[test]
    fn ops_are_composed_in_their_order() {
        for count in 0..20 {
            let ops = (0..count).map(|at| TextOp::new().retain(at).insert(&at.to_string()));
            let mut composed = Rope::new();
            Text::apply(&mut composed, &compose_all::<Text>(ops.clone()).unwrap()).unwrap();
            let mut one_by_one = Rope::new();
            ops.for_each(|op| Text::apply(&mut one_by_one, &op).unwrap());
            assert_eq!(composed, one_by_one);
        }
    }

    #[test]
    fn no_ops_at_all_change_nothing() {
        assert!(Text::is_noop(&compose_all::<Text>([]).unwrap()));
    }

    #[test]
    fn items_meet_in_pairs_of_the_same_size() {
        let sizes = std::cell::RefCell::new(Vec::new());
        let joined = fold_balanced((0..8).map(|item| vec![item]), |a, b| {
            sizes.borrow_mut().push((a.len(), b.len()));
            Ok::<_, ()>([a.as_slice(), b].concat())
        });
        assert_eq!(joined, Ok(Some((0..8).collect())));
        assert!(sizes.into_inner().iter().all(|(a, b)| a == b));
    }
}
