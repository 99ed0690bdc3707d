//! The people that a comment speaks to: `@{` and the person's id and `}` in its text.

use uuid::Uuid;

use crate::protocol::UserId;

/// How long an id is, written in the one way that counts here.
const ID: usize = 36;

/// A piece of what a comment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A person.
    Person(UserId),
}

/// The pieces of `body`. What only looks like a mention is text.
///
/// # Laws
///
/// The pieces, written one behind the other, a person as by [`written`], give `body` again if its mentions are written
/// so.
pub fn pieces(body: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = rest.match_indices("@{").find_map(|(at, _)| person(rest.get(at..)?).map(|person| (at, person)));
        match found {
            Some((0, (user, length))) => {
                rest = rest.get(length..).unwrap_or_default();
                Some(Piece::Person(user))
            }
            Some((at, _)) => {
                let (text, behind) = rest.split_at_checked(at)?;
                rest = behind;
                Some(Piece::Text(text))
            }
            None => Some(Piece::Text(std::mem::take(&mut rest))),
        }
    })
}

/// The people that `body` names, in its order.
pub fn users(body: &str) -> impl Iterator<Item = UserId> {
    pieces(body).filter_map(|piece| match piece {
        Piece::Person(user) => Some(user),
        Piece::Text(_) => None,
    })
}

/// How a person is named in the text of a comment.
#[must_use]
pub fn written(user: UserId) -> String {
    format!("@{{{user}}}")
}

/// The person that `text` begins with, and how many bytes name them.
fn person(text: &str) -> Option<(UserId, usize)> {
    let id = text.strip_prefix("@{")?.get(..ID)?;
    text.get(ID.saturating_add(2)..)?.strip_prefix('}')?;
    let user = Uuid::parse_str(id).ok()?;
    Some((UserId(user), ID.saturating_add(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(Uuid::from_u128(0x0199_b1f1_1111_7c0e_9f62_8a4f_0c1d_2e3f));

    #[test]
    fn a_text_falls_into_what_is_said_and_whom_it_speaks_to() {
        let body = format!("{0} and @{{nobody}} see @{{{0}", written(ADA));
        let pieces: Vec<Piece<'_>> = pieces(&body).collect();
        let rest = " and @{nobody} see @{";
        assert_eq!(pieces, [Piece::Person(ADA), Piece::Text(rest), Piece::Person(ADA)]);
        assert_eq!(users(&body).collect::<Vec<_>>(), [ADA, ADA]);
    }

    #[test]
    fn what_is_no_id_is_text() {
        for body in ["@{}", "@{", "}@{x}", "@{0199b1f111117c0e9f628a4f0c1d2e3f}", "@{{0199b1f1", "😀@{😀}", "@@{}"]
        {
            assert_eq!(pieces(body).collect::<Vec<_>>(), [Piece::Text(body)]);
        }
        assert_eq!(pieces("").count(), 0);
    }
}
